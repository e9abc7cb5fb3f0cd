"""Benchmarks on a few rows, so that they keep working with the jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.compare import bootstrapped, differences, exported
from bench.delta import changed_rows
from bench.fixture import Fixture, fill
from bench.growth import JOBS, job_seconds
from bench.workload import workload
from local.aurora.fleet import running_fleet
from tests.spark.jobs import passwords

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

ROWS = 400
CLUSTER = "one"


@pytest.fixture(scope="module")
def filled(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fixture]:
    folder = tmp_path_factory.mktemp("bench")
    with running_fleet(folder / "aurora") as fleet:
        fleet.start_sources([CLUSTER])
        server = fleet.server(CLUSTER)
        fill(server.dsn(), ROWS)
        with passwords(spark, {CLUSTER: server.password}):
            yield Fixture(spark, folder, ROWS, server.port, server.password, server.dsn())


def test_growth_times_three_jobs_with_right_results(filled: Fixture) -> None:
    seconds = job_seconds(filled)

    assert tuple(seconds) == JOBS
    assert all(value > 0 for value in seconds.values())


def test_the_compare_benchmark_finds_the_rows_that_it_changes(filled: Fixture) -> None:
    _, table = workload()
    export = exported(filled, table, 1.0)

    assert differences(filled, table, export, bootstrapped(filled, table)) == changed_rows(ROWS, 1.0) == 4
