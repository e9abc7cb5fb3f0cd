"""One embedded stack for all functional tests: filled clusters and the deployed Pulumi program.

Its catalog has three of the eight partitions, because each partition costs every run some seconds. test_demo.py
migrates both domains from all of them.
"""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from moto.dynamodb.models import DynamoDBBackend

from local.aurora.fleet import running_fleet
from local.data.changes import CHANGES
from local.data.writer import Writer
from local.stack import LocalStack
from runner.account.registry import locks
from runner.account.requests import Request, start
from runner.live.poll import follow
from tests.functional.processes import Processes
from tests.functional.recording import Quiet, Recorded, clean_up, delete_clones, record
from tests.project import project_with_partitions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from local.aurora.server import PostgresServer
    from runner.account.environments import Environment
    from runner.live.history.progress import Progress

ROWS = 3000
PARTITIONS = 3
CLUSTERS = 1 + PARTITIONS
# Other tests count the rows of the sources.
UPDATES = [change for change in CHANGES if change.kind.startswith("update")]
WRONG_PASSWORD = "not-the-readers-4711-password"


@pytest.fixture(scope="session", autouse=True)
def _interruptible() -> None:
    """Let interrupts reach what tests start: a shell's background jobs ignore them, and so would their children."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    catalog = project_with_partitions(tmp_path_factory.mktemp("project"), PARTITIONS)
    with LocalStack(rows=ROWS, catalog=catalog, work=tmp_path_factory.mktemp("embedded")) as running:
        os.environ.update(running.aws.environment())
        yield running


@pytest.fixture(scope="session")
def environment(stack: LocalStack) -> Environment:
    from runner.account.environments import load_environment  # noqa: PLC0415 - it asks AWS, which must be up

    assert stack.deployment.resources
    return replace(load_environment("test"), catalog=stack.catalog_folder)


def project(stack: LocalStack) -> Path:
    """Return the folder in which an operator runs the commands."""
    return stack.catalog_folder.parent


@pytest.fixture
def clean(stack: LocalStack) -> Iterator[None]:
    """Leave neither tables nor statuses to the next test; clones may stay, as after any failed run."""
    yield
    clean_up(stack)


@pytest.fixture(scope="session")
def migrated(stack: LocalStack, environment: Environment) -> Recorded:
    """Run both domains side by side, once for all tests that look at a run that matches.

    Availability is official, so streams are enabled and tables have their own names; rates is a rehearsal.
    """
    # An official run uses no clone that an earlier test left behind.
    delete_clones(stack)
    with Writer(stack.fleet, stack.partitions, stack.main, UPDATES) as writer:
        first = start(environment, Request("availability", mode="official"))
        # The official run begins first, since it uses no clone that a rehearsal made before. And it holds its domain
        # before another run asks for it.
        while first not in {lock.execution for lock in locks(environment)}:
            time.sleep(0.2)
        arns = [first, start(environment, Request("rates"))]
        again = start(environment, Request("availability"))
        *ended, refused = follow(environment.client("stepfunctions"), [*arns, again], Quiet())
    recorded = record(stack, ended, [refused], writer_changes=writer.changes)
    clean_up(stack)
    return recorded


@pytest.fixture(scope="session")
def mismatched(stack: LocalStack, environment: Environment) -> Recorded:
    """Run rates, once, with one item of BaseRate changed right before its export; its clones stay."""
    original = DynamoDBBackend.export_table
    planted: dict[str, str] = {}

    def plant(self: DynamoDBBackend, *arguments: object, **named: Any) -> object:  # noqa: ANN401 - moto's call
        if named["table_arn"].endswith("/BaseRate-rehearsal"):
            dynamodb = stack.client("dynamodb")
            item = dynamodb.scan(TableName="BaseRate-rehearsal", Limit=1)["Items"][0]
            planted.update(key=item["rateKey"]["S"], date=item["stayDate"]["S"])
            dynamodb.update_item(
                TableName="BaseRate-rehearsal",
                Key={"rateKey": item["rateKey"], "stayDate": item["stayDate"]},
                UpdateExpression="SET currencyCode = :c",
                ExpressionAttributeValues={":c": {"S": "XXX"}},
            )
        return original(self, *arguments, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DynamoDBBackend, "export_table", plant)
        arn = start(environment, Request("rates"))
        ended = follow(environment.client("stepfunctions"), [arn], Quiet())
    recorded = record(stack, ended, planted_key=f"{planted['key']} / {planted['date']}")
    clean_up(stack)
    return recorded


@pytest.fixture(scope="session")
def locked_out(stack: LocalStack, environment: Environment) -> tuple[Recorded, Processes]:
    """Run rates, once, with a password that one clone refuses; its clones stay. What processes showed is kept."""
    secrets, name = stack.client("secretsmanager"), "migration/dailydatadb-partition-03/reader"
    right = secrets.get_secret_value(SecretId=name)["SecretString"]
    secrets.put_secret_value(SecretId=name, SecretString=WRONG_PASSWORD)
    with Processes() as processes:
        arn = start(environment, Request("rates"))
        ended = follow(environment.client("stepfunctions"), [arn], Quiet())
    secrets.put_secret_value(SecretId=name, SecretString=right)
    recorded = record(stack, ended)
    clean_up(stack)
    return recorded, processes


@pytest.fixture
def migrate(environment: Environment, clean: None) -> Callable[..., Progress]:  # noqa: ARG001 - it cleans up
    """Run a domain to its end through the runner."""

    def run(domain: str, **options: Any) -> Progress:  # noqa: ANN401 - options of the request
        arn = start(environment, Request(domain, **options))
        return follow(environment.client("stepfunctions"), [arn], Quiet())[0]

    return run


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """Return a PostgreSQL server for the databases of one module's tests."""
    with running_fleet(tmp_path_factory.mktemp("server") / "aurora") as fleet:
        fleet.start_sources(["server"])
        yield fleet.server("server")
