"""A fake account made of facts, for plans that call no AWS."""

from __future__ import annotations

import datetime as dt
import io
import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from catalog.loader import load_catalog
from runner.account.environments import Environment
from runner.account.lookups import Account
from runner.account.requests import Request
from runner.plan.earlier import Manifest
from tests.unit.runner.fakes import MissingError

if TYPE_CHECKING:
    from collections.abc import Sequence

MACHINE = "arn:aws:states:eu-west-1:971779422973:stateMachine:migration-test-rates"
GROUP = "group-1"
WRITTEN = dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC)
WORKERS = {
    "migration:spark-driver": "4 vCPU 16 GB 20 GB STANDARD",
    "migration:spark-executor": "4 vCPU 16 GB 100 GB STANDARD",
    "migration:spark-executors": "1 to 9",
}
_CLONE_TAGS = {"system": "rates-avail-migration-bootstrap", "stack": "test"}


class Pages:
    """A paginator with fixed pages, which records its calls."""

    def __init__(self, *pages: dict[str, Any]) -> None:
        self.pages = pages
        self.asked: list[dict[str, Any]] = []

    def paginate(self, **arguments: Any) -> tuple[dict[str, Any], ...]:  # noqa: ANN401 - any call
        self.asked.append(arguments)
        return self.pages


class Client:
    """A client whose operations answer with a fact, or raise it; it records their arguments in `asked`."""

    def __init__(self, **answers: Any) -> None:  # noqa: ANN401 - any answer
        self._answers = answers
        self.asked: list[dict[str, Any]] = []

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any call
        if name == "get_paginator":
            return lambda operation: self._answers[operation]
        answer = self._answers[name]

        def call(**arguments: Any) -> Any:  # noqa: ANN401 - any call
            self.asked.append(arguments)
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call


class Documents:
    """An S3 client over JSON documents of the data bucket."""

    def __init__(self, documents: dict[str, Any] | None = None) -> None:
        self.documents = documents or {}

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - boto3's names
        assert Bucket == "migration-test-data-971779422973"
        if Key not in self.documents:
            raise refused("NoSuchKey")
        return {"Body": io.BytesIO(json.dumps(self.documents[Key]).encode())}


class Executions:
    """Step Functions with the states of some executions, and those that it lists as running."""

    exceptions = SimpleNamespace(ExecutionDoesNotExist=MissingError)

    def __init__(self, states: dict[str, str] | None = None, running: Sequence[dict[str, str]] = ()) -> None:
        self._states, self._running = states or {}, running
        self.asked: list[dict[str, Any]] = []

    def describe_execution(self, *, executionArn: str) -> dict[str, str]:  # noqa: N803 - boto3's name
        if executionArn not in self._states:
            raise MissingError
        return {"status": self._states[executionArn]}

    def list_executions(self, **arguments: object) -> dict[str, Any]:
        self.asked.append(arguments)
        return {"executions": list(self._running)}


def refused(code: str, operation: str = "Any") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, operation)


def account(domain: str = "rates", clients: dict[str, Any] | None = None, **request: Any) -> Account:  # noqa: ANN401
    """Return an account with nine available sources and no clones."""
    made = Account(
        Environment("test", "971779422973", "eu-west-1"), Request(domain, **request), load_catalog(), MACHINE
    )
    made._clients.update(clients or {})
    made.__dict__["tags"] = {"migration:history-events": "9000", "migration:clone-hours": "24", **WORKERS}
    made.__dict__["rds_clusters"] = {c.identifier: cluster(c.identifier) for c in made.clusters}
    made.__dict__["rds_instances"] = {}
    groups = json.dumps({"aurora-postgresql16": "g", "aurora-postgresql16-logical": "h"})
    made.__dict__["clone_function"] = {"Environment": {"Variables": {"CLONE_PARAMETER_GROUPS": groups}}}
    made.__dict__["application"] = {
        "applicationId": "app", "arn": "arn:app", "state": "STOPPED", "maximumCapacity": {"cpu": "64 vCPU"}
    }  # fmt: skip
    return made


def cluster(identifier: str, **facts: Any) -> dict[str, Any]:  # noqa: ANN401 - RDS's facts
    return {
        "DBClusterIdentifier": identifier,
        "Status": "available",
        "Engine": "aurora-postgresql",
        "EngineVersion": "16.4",
        "DBClusterMembers": [{}],
        "CloneGroupId": GROUP,
        "Endpoint": "127.0.0.1",
        "Port": 1,
        **facts,
    }


def clone(source: str, creator: dict[str, str] | None = None, **facts: Any) -> dict[str, Any]:  # noqa: ANN401 - RDS's facts
    """Return a clone of ours; `maker` holds the tags of the run that made it: run, domain and mode."""
    values = {**_CLONE_TAGS, "source": source, **(creator or {})}
    tags = [{"Key": f"migration:{key}", "Value": value} for key, value in values.items()]
    return cluster(f"{source}-clone", TagList=tags, ClusterCreateTime=dt.datetime.now(dt.UTC), **facts)


def manifest(rows: int = 1000, *, imported: bool = True) -> Manifest:
    """Return a manifest of rates, with a number of rows of 100 bytes per extract and cluster."""
    catalog = load_catalog()
    tables = catalog.domains["rates"].tables
    audit = {
        f"{table.name}-{name}": {
            c.identifier: [rows, rows, rows * 60, rows, rows * 40]
            for c in catalog.clusters.values()
            if c.group == extract.group
        }
        for table in tables
        for name, extract in table.extracts.items()
    }
    driving = {"BaseRate": 8 * rows, "BaseRateAssociation": rows}
    facts = {
        name: {"rowsRead": count, "items": count // 2, "files": [{"bytes": count * 10}], "prefix": f"p/{name}/"}
        for name, count in driving.items()
    }
    counts = {name: (count // 2 * 500, count // 2) for name, count in driving.items()} if imported else {}
    return Manifest("run-1", WRITTEN, {"run": "run-1", "audit": audit, "tables": facts}, counts)
