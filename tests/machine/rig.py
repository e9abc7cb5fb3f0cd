"""The deployed stack with a substitute for Spark and no servers behind the clusters: an execution takes seconds."""

from __future__ import annotations

import json
import os
import sys
import time
import uuid
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from moto.dynamodb.models import dynamodb_backends
from moto.rds.models import rds_backends
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_callback

from catalog.loader import load_catalog
from catalog.models import Catalog, Table
from catalog.spec import build_spec, spec_key, spec_text
from catalog.table_options import Capacity
from local.aws.active import Command
from local.aws.server import EmbeddedAws
from local.aws.stepfunctions import faults
from local.deploy.cloud import Cloud
from local.deploy.config import allowed_account, stack_config
from local.deploy.program import deploy
from local.engine_versions import source_key
from local.secrets import make_secrets
from local.stack import STACK, make_network
from runner.live.history.items import histories_of_items, history
from statemachine.kinds import CATCH_UP, KINDS, Kind
from statemachine.limits import Limits
from statemachine.render import definition
from tests.deployed import REGION, deployed_names
from tests.machine import writer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

LIMITS = Limits(clone_checks=3, destroy_checks=3, teardown_checks=60, settings_checks=3, list_keys=2, apply_calls=5)
TABLE_CHECKS = 3
CONTROL = "specs/control/"  # where the role of the jobs may read
_LOOK_SECONDS = 0.1  # each look takes the embedded AWS as long as a state
_ENDED_WITHIN_SECONDS = 900  # beside other work; a quiet machine takes seconds


def as_base_rate(table: Table) -> Table:
    """Return a table with a name that the role of rates may access; it may be empty and has options."""
    options = {"table_class": "STANDARD_INFREQUENT_ACCESS", "warm_throughput": Capacity(read=20_000, write=8_000)}
    return table.model_copy(update={"name": "BaseRate", "stream": "BaseRate-Stream", "allow_empty": True, **options})


def small_catalog() -> Catalog:
    """Return two domains over two clusters: tables with and without a sort key, an index, a TTL, an empty one."""
    whole = load_catalog()
    rates, availability = whole.domains["rates"], whole.domains["availability"]
    association = next(table for table in rates.tables if table.name == "BaseRateAssociation")
    restriction = next(table for table in availability.tables if table.name == "Restriction")
    return Catalog(
        clusters={name: whole.clusters[name] for name in ("lipsdb", "dailydatadb-partition-01")},
        domains={
            "rates": rates.model_copy(update={"tables": (association, as_base_rate(restriction))}),
            "availability": availability.model_copy(update={"tables": (availability.tables[-1],)}),
        },
    )


def stand_in(spark_submit: Mapping[str, Any], properties: Mapping[str, str], environment: Mapping[str, str]) -> Command:
    """Run the substitute in place of Spark."""
    assert properties["spark.jars"].startswith("s3://")
    job = Path(spark_submit["entryPoint"]).stem
    program = str(Path(__file__).with_name("standin.py"))
    return Command(
        [sys.executable, "-S", program, job, *spark_submit["entryPointArguments"], "--release", _release(properties)],
        {"PATH": os.environ["PATH"], **environment},
    )


def _release(properties: Mapping[str, str]) -> str:
    """Return the release of a job run, which must be the same in its JAR, its Python files and its property."""
    named = properties["spark.migration.release"]
    assert properties["spark.jars"] == properties["spark.submit.pyFiles"]
    assert properties["spark.jars"].split("/releases/")[1].rsplit("/", 1)[0] == named
    return named


@dataclass
class Ended:
    """An execution that has ended."""

    arn: str
    status: str
    error: str
    cause: str
    output: dict[str, Any] = field(default_factory=dict)


class Rig:
    """An embedded AWS with the program deployed and small machines beside it, kept for many executions."""

    def __init__(self, work: Path, catalog: Catalog | None = None) -> None:
        self.catalog = catalog or small_catalog()
        self.aws = EmbeddedAws(
            account=allowed_account(stack_config(STACK), STACK),
            region=REGION,
            work=work,
            time_scale=0.001,
            submit=stand_in,
        )
        self.aws.active.cluster_seconds = 0.03
        self._open = ExitStack()
        self.machines: dict[str, str] = {}  # rates, rates-catch-up, …
        self.definitions: dict[str, Any] = {}
        self.writer_stands_in = True

    def __enter__(self) -> Self:
        self._open.enter_context(self.aws)
        poll_seconds = state_task_service_callback._DELAY_SECONDS_SYNC_CONDITION_CHECK
        self._open.callback(setattr, state_task_service_callback, "_DELAY_SECONDS_SYNC_CONDITION_CHECK", poll_seconds)
        state_task_service_callback._DELAY_SECONDS_SYNC_CONDITION_CHECK = 0.05
        make_network(self.aws)
        make_secrets(self.aws, {cluster.password_secret: "none" for cluster in load_catalog().clusters.values()})
        rds = self.client("rds")
        for cluster in {**load_catalog().clusters, **self.catalog.clusters}.values():
            rds.create_db_cluster(
                DBClusterIdentifier=cluster.identifier,
                Engine=cluster.engine,
                MasterUsername="u",
                MasterUserPassword="p" * 9,
                StorageEncrypted=True,
                KmsKeyId=source_key(REGION),
            )
        self.deployed = deploy(Cloud(self.aws), STACK).outputs
        self.bucket = str(self.deployed["dataBucket"])
        (self.release,) = self.releases()
        self.deploy_job("delta")
        for domain in self.catalog.domains:
            for kind in KINDS:
                self._shrink_machine(domain, kind)
        self.writer = writer.Writer(self.client, self.bucket)
        self._open.callback(writer.installed(writer.FUNCTION, self._write))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def _write(self, event: dict[str, Any], deployed: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Answer for the table writer, or call the deployed one."""
        return self.writer(event) if self.writer_stands_in else deployed()

    def _shrink_machine(self, domain: str, kind: Kind) -> None:
        """Replace the deployed machine by one for the small catalog, with small limits."""
        states = self.client("stepfunctions")
        spec = build_spec(self.catalog, domain)
        self.client("s3").put_object(Bucket=self.deployed["artifactsBucket"], Key=spec_key(spec), Body=spec_text(spec))
        key = self.client("kms").describe_key(KeyId=f"alias/migration-{STACK}")["KeyMetadata"]["Arn"]
        names = deployed_names(STACK, self.aws.active.account, spec_key(spec), key)
        rendered = definition(self.catalog, domain, names, LIMITS, kind)
        for state in rendered["States"].values():
            tables = [item for item in state.get("Items", []) if isinstance(item, dict) and "exportChecks" in item]
            for table in tables:
                table.update(importChecks=TABLE_CHECKS, exportChecks=TABLE_CHECKS)
        name = kind.machine_of(domain)
        deployed = self.deployed["catchUpMachines" if kind is CATCH_UP else "stateMachines"]
        self.definitions[name] = rendered
        self.machines[name] = deployed[domain]
        states.update_state_machine(stateMachineArn=self.machines[name], definition=json.dumps(rendered))

    def client(self, service: str) -> Any:
        return self.aws.client(service)

    def start(self, domain: str = "rates", **request: Any) -> str:
        arn = self.client("stepfunctions").start_execution(
            stateMachineArn=self.machines[domain], name=f"x{uuid.uuid4().hex[:10]}", input=json.dumps(request)
        )["executionArn"]
        return str(arn)

    def end(self, arn: str) -> Ended:
        """Wait for an execution's end."""
        states = self.client("stepfunctions")
        limit = time.monotonic() + _ENDED_WITHIN_SECONDS
        while time.monotonic() < limit:
            described = states.describe_execution(executionArn=arn)
            if described["status"] != "RUNNING":
                output = json.loads(described.get("output") or "{}")
                return Ended(arn, described["status"], described.get("error", ""), described.get("cause", ""), output)
            time.sleep(_LOOK_SECONDS)
        raise AssertionError(f"{arn} has not ended; its last state is {self.own_entered(arn)[-1]}")

    def run(self, domain: str = "rates", **request: Any) -> Ended:
        return self.end(self.start(domain, **request))

    def stop(self, arn: str) -> Ended:
        """Stop an execution and wait for its end; until then the registry takes it for running."""
        self.client("stepfunctions").stop_execution(executionArn=arn)
        return self.end(arn)

    def await_state(self, arn: str, state: str) -> None:
        """Wait until an execution or one of its items enters a state.

        Raises:
            AssertionError: The execution ends without it, or does not enter it in time.
        """
        states = self.client("stepfunctions")
        limit = time.monotonic() + _ENDED_WITHIN_SECONDS
        while time.monotonic() < limit:
            has_ended = states.describe_execution(executionArn=arn)["status"] != "RUNNING"
            if state in self.entered(arn):
                return
            assert not has_ended, f"{arn} has ended without {state}: {self.end(arn)}"
            time.sleep(_LOOK_SECONDS)
        raise AssertionError(f"{arn} has not entered {state}; its last state is {self.own_entered(arn)[-1]}")

    def run_once(self, machine: dict[str, Any]) -> str:
        """Run another definition with the migration's rights."""
        states, arn = self.client("stepfunctions"), self.machines["rates"]
        states.update_state_machine(stateMachineArn=arn, definition=json.dumps(machine))
        started = self.start()
        states.update_state_machine(stateMachineArn=arn, definition=json.dumps(self.definitions["rates"]))
        return started

    def own_events(self, arn: str) -> list[dict[str, Any]]:
        """Return an execution's own history, without that of the items of its Maps."""
        return history(self.client("stepfunctions"), arn)

    def events(self, arn: str) -> list[dict[str, Any]]:
        """Return the events of an execution and of its named items, in order of time."""
        items = histories_of_items(self.client("stepfunctions"), arn)
        named = [{**event, "item": item} for item, events in items for event in events]
        return sorted([*self.own_events(arn), *named], key=lambda event: event["timestamp"])

    def entered(self, arn: str) -> list[str]:
        """Return the states that an execution and its items entered, in order."""
        return _states(self.events(arn))

    def own_entered(self, arn: str) -> list[str]:
        """Return the states that an execution entered itself, in order."""
        return _states(self.own_events(arn))

    def control(self, domain: str = "rates", **jobs: Any) -> None:
        """Set the behaviour of the substitute."""
        location = {"Bucket": self.deployed["artifactsBucket"], "Key": f"{CONTROL}{domain}.json"}
        self.client("s3").put_object(**location, Body=json.dumps(jobs))

    def releases(self) -> list[str]:
        """Return the releases in the bucket."""
        listed = self.client("s3").list_objects_v2(Bucket=self.deployed["artifactsBucket"], Prefix="releases/")
        return sorted({entry["Key"].split("/")[1] for entry in listed.get("Contents", [])})

    def deploy_job(self, job: str) -> None:
        """Upload a job's entry point beside those of the deployed release, which the substitute replaces."""
        key = f"releases/{self.release}/{job}.py"
        self.client("s3").put_object(Bucket=self.deployed["artifactsBucket"], Key=key, Body=b"")

    def deploy_release(self, name: str) -> str:
        """Upload a release as a deployment does and return its JAR's key; the substitute runs for every release."""
        key = f"releases/{name}/x.jar"
        for path in (*(f"releases/{name}/{job}.py" for job in ("bootstrap", "compare", "delta")), key):
            self.client("s3").put_object(Bucket=self.deployed["artifactsBucket"], Key=path, Body=b"")
        return key

    def remove_release(self, name: str, *files: str) -> None:
        """Remove a release from the bucket, or only some of its files."""
        bucket = self.deployed["artifactsBucket"]
        listed = self.client("s3").list_objects_v2(Bucket=bucket, Prefix=f"releases/{name}/")
        for key in [entry["Key"] for entry in listed.get("Contents", [])]:
            if not files or key.endswith(files):
                self.client("s3").delete_object(Bucket=bucket, Key=key)

    def releases_run(self, arn: str) -> list[tuple[str, str]]:
        """Return the entry point and the release of each job run of an execution, as it was started."""
        parameters = [
            json.loads(e["taskScheduledEventDetails"]["parameters"])
            for e in self.events(arn)
            if "taskScheduledEventDetails" in e
        ]
        return [
            (job["JobDriver"]["SparkSubmit"]["EntryPoint"].split("/", 3)[3], properties["spark.migration.release"])
            for job in parameters
            if "JobDriver" in job
            for properties in [job["ConfigurationOverrides"]["ApplicationConfiguration"][0]["Properties"]]
        ]

    def keys(self, prefix: str = "") -> list[str]:
        pages = self.client("s3").get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return [entry["Key"] for page in pages for entry in page.get("Contents", [])]

    def clones(self) -> list[str]:
        clusters = self.client("rds").describe_db_clusters()["DBClusters"]
        return sorted(c["DBClusterIdentifier"] for c in clusters if c["DBClusterIdentifier"].endswith("-clone"))

    def tables(self) -> list[str]:
        return sorted(self.client("dynamodb").list_tables()["TableNames"])

    def reset(self) -> None:
        """Remove everything of earlier executions but the stack."""
        faults.forget()
        dynamodb, s3 = self.client("dynamodb"), self.client("s3")
        for table in dynamodb_backends[self.aws.active.account][REGION].tables.values():
            table.deletion_protection_enabled, table.updating_until = False, 0.0
        for name in self.tables():
            dynamodb.delete_table(TableName=name)
        for key in self.keys():
            s3.delete_object(Bucket=self.bucket, Key=key)
        for domain in self.catalog.domains:
            s3.delete_object(Bucket=self.deployed["artifactsBucket"], Key=f"{CONTROL}{domain}.json")
        for release in self.releases():
            if release != self.release:
                self.remove_release(release)
        tables = dynamodb_backends[self.aws.active.account][REGION]
        tables.table_imports.clear()
        tables.table_exports.clear()
        self.forget_clones()

    def forget_clones(self, *chosen: str) -> None:
        """Remove clones (by default all), as a release of clones does."""
        backend = rds_backends[self.aws.active.account][REGION]
        for clone in chosen or [name for name in backend.clusters if name.endswith("-clone")]:
            del backend.clusters[clone]
            backend.databases.pop(f"{clone}-1", None)


def _states(events: list[dict[str, Any]]) -> list[str]:
    return [e["stateEnteredEventDetails"]["name"] for e in events if "stateEnteredEventDetails" in e]
