"""One embedded stack for all functional tests: nine filled clusters and the deployed Pulumi program."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from local.stack import LocalStack
from runner.following import follow
from runner.starting import Request, start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from runner.environments import Environment
    from runner.progress import Progress

ROWS = 3000


class Quiet:
    """A view that shows nothing."""

    def changed(self, progress: Progress, changes: list[str]) -> None: ...
    def tick(self, all_progress: list[Progress]) -> None: ...
    def ended(self, progress: Progress) -> None: ...


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    with LocalStack(rows=ROWS, work=tmp_path_factory.mktemp("embedded")) as running:
        os.environ.update(running.aws.environment())
        yield running


@pytest.fixture
def environment(stack: LocalStack) -> Environment:
    from runner.environments import load_environment  # noqa: PLC0415 - it asks AWS, which must be up

    assert stack.deployment.resources
    return load_environment("test")


@pytest.fixture
def clean(stack: LocalStack) -> Iterator[None]:
    """Leave neither tables nor statuses to the next test; clones may stay, as after any failed run."""
    yield
    dynamodb, s3 = stack.client("dynamodb"), stack.client("s3")
    for name in dynamodb.list_tables()["TableNames"]:
        dynamodb.delete_table(TableName=name)
    listed = s3.list_objects_v2(Bucket=stack.data_bucket, Prefix="status/").get("Contents", [])
    for entry in listed:
        s3.delete_object(Bucket=stack.data_bucket, Key=entry["Key"])


@pytest.fixture
def migrate(environment: Environment, clean: None) -> Callable[..., Progress]:  # noqa: ARG001 - it cleans up
    """Run a domain to its end through the runner."""

    def run(domain: str, **options: Any) -> Progress:  # noqa: ANN401 - options of the request
        arn = start(environment, Request(domain, **options))
        return follow(environment.client("stepfunctions"), [arn], Quiet(), poll_seconds=0.2)[0]

    return run
