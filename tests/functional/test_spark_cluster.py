"""A migration on separate executors, one of which is killed while it reads: no row is lost or duplicated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from local.spark_cluster import SparkCluster
from tests.cluster.moments import READING
from tests.cluster.outcome import Outcome, counted
from tests.cluster.proof import Proof

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.stack import LocalStack
    from runner.account.environments import Environment
    from tests.functional.recording import Recorded


@pytest.fixture
def cluster(stack: LocalStack) -> Iterator[SparkCluster]:
    local = stack.aws.active.submit
    with SparkCluster(stack.aws.active.work / "cluster", stack.guard, disk_mb=64) as running:
        yield running
    stack.aws.active.submit = local


def test_an_executor_killed_while_it_reads_changes_nothing(
    stack: LocalStack, environment: Environment, migrated: Recorded, cluster: SparkCluster
) -> None:
    documents = [migrated.document("processed", "rates", f"{name}.json") for name in ("manifest", "summary")]
    # The writer of that run changed values, of which the items are made, and no number of rates.
    expected = Outcome("local mode", "", "MATCH", counted(*documents), {}, [])
    said: list[str] = []
    proof = Proof(stack, environment, said.append, split_rows=60, keep_clones=False)

    proof.killed_executor(cluster, "rates", READING, expected)
    cluster.check_disks()

    assert proof.wrong == [], said
    assert any("was killed while reading" in line for line in said)
