"""In-memory AWS for the runner: executions, objects, clusters and functions."""

from __future__ import annotations

import datetime as dt
import io
import json
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from runner.account.environments import Environment
from tests.customer import customer_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from botocore.config import Config

BEGAN = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


class MissingError(ClientError):
    """The error of a resource that does not exist."""

    def __init__(self) -> None:
        super().__init__({"Error": {"Code": "NoSuchKey"}}, "Get")


@dataclass(frozen=True)
class FakeEnvironment(Environment):
    """An environment with the test's clients."""

    clients: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str, config: Config | None = None) -> Any:  # noqa: ANN401, ARG002 - boto3's, made at run time
        return self.clients[service]


class States:
    """Step Functions with executions by ARN, newest last."""

    exceptions = SimpleNamespace(StateMachineDoesNotExist=MissingError)

    def __init__(self, **executions: dict[str, Any]) -> None:
        self.executions = executions
        self.histories: dict[str, list[dict[str, Any]]] = {}

    def add(self, domain: str, name: str, status: str, run_input: dict[str, Any] | None = None, **more: Any) -> str:  # noqa: ANN401 - JSON
        arn = environment().execution(domain, name)
        began = BEGAN + dt.timedelta(hours=len(self.executions))
        self.executions[arn] = {"status": status, "startDate": began, "input": json.dumps(run_input or {}), **more}
        return arn

    def describe_execution(self, *, executionArn: str) -> dict[str, Any]:  # noqa: N803 - boto3's
        if executionArn not in self.executions:
            raise MissingError
        return self.executions[executionArn]

    def get_paginator(self, operation: str) -> Any:  # noqa: ANN401 - a paginator
        return SimpleNamespace(
            paginate={
                "list_executions": self._list,
                "get_execution_history": self._history,
                "list_map_runs": lambda **_: [{"mapRuns": []}],
            }[operation]
        )

    def _list(self, *, stateMachineArn: str, statusFilter: str = "") -> Iterator[dict[str, Any]]:  # noqa: N803 - boto3's
        prefix = stateMachineArn.replace(":stateMachine:", ":execution:") + ":"
        for arn, executions in reversed(self.executions.items()):
            if arn.startswith(prefix) and statusFilter in ("", executions["status"]):
                yield {"executions": [{"executionArn": arn, "startDate": executions["startDate"]}]}

    def _history(self, *, executionArn: str, **_: object) -> Iterator[dict[str, Any]]:  # noqa: N803 - boto3's
        yield {"events": self.histories[executionArn]}


class Bucket:
    """S3 with one bucket of JSON objects."""

    exceptions = SimpleNamespace(NoSuchKey=MissingError)

    def __init__(self, **objects: dict[str, Any]) -> None:
        self.objects = objects

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - boto3's
        assert Bucket == "migration-test-data-971779422973"
        if Key not in self.objects:
            raise MissingError
        return {"Body": io.BytesIO(json.dumps(self.objects[Key]).encode())}

    def get_paginator(self, _operation: str) -> Any:  # noqa: ANN401 - a paginator
        def paginate(*, Bucket: str, Prefix: str) -> Iterator[dict[str, Any]]:  # noqa: N803 - boto3's
            assert Bucket
            yield {"Contents": [{"Key": key} for key in self.objects if key.startswith(Prefix)]}

        return SimpleNamespace(paginate=paginate)


class Rds:
    """RDS with clusters and their instances."""

    def __init__(self, *clusters: dict[str, Any]) -> None:
        self.clusters = list(clusters)

    def get_paginator(self, operation: str) -> Any:  # noqa: ANN401 - a paginator
        members = [member for cluster in self.clusters for member in cluster["DBClusterMembers"]]
        instances = [{**member, "DBInstanceClass": "db.r6g.large"} for member in members]
        page = {
            "describe_db_clusters": {"DBClusters": self.clusters},
            "describe_db_instances": {"DBInstances": instances},
        }
        return SimpleNamespace(paginate=lambda: [page[operation]])


def cluster(source: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - a cluster's fields
    """Return our clone of a source as RDS describes it."""
    tags = {"system": "rates-avail-migration-bootstrap", "stack": "test", "source": source, "run": "run-1"}
    return {
        "DBClusterIdentifier": f"{source}-clone",
        "Status": "available",
        "ClusterCreateTime": BEGAN,
        "TagList": [{"Key": f"migration:{key}", "Value": value} for key, value in tags.items()],
        "DBClusterMembers": [{"DBInstanceIdentifier": f"{source}-clone-1"}],
        **changes,
    }


class Functions:
    """Lambda: each call is answered by `answer(function, event)`; an error answer has errorType."""

    def __init__(self, answer: Callable[[str, dict[str, Any]], dict[str, Any]]) -> None:
        self._answer = answer
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def invoke(self, *, FunctionName: str, Qualifier: str, Payload: str) -> dict[str, Any]:  # noqa: N803 - boto3's
        assert Qualifier == "operators"
        event = json.loads(Payload)
        self.calls.append((FunctionName, event))
        answered = self._answer(FunctionName, event)
        failed = {"FunctionError": "Unhandled"} if "errorType" in answered else {}
        return {"Payload": io.BytesIO(json.dumps(answered).encode()), **failed}


def environment(**clients: Any) -> FakeEnvironment:  # noqa: ANN401 - clients
    """Return the test environment with these clients; `_` in a name stands for `-`."""
    named = {name.replace("_", "-"): client for name, client in clients.items()}
    return FakeEnvironment("test", "971779422973", "eu-west-1", named, catalog=customer_folder())
