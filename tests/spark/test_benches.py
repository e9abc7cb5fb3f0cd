"""The benchmarks still fit the jobs: they run them on a few rows, and check what they find."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.compare import bootstrapped, differences, exported
from bench.delta import changed_rows
from bench.ground import Ground, fill
from bench.growth import JOBS, job_seconds
from bench.setting import setting
from local.aurora.fleet import Fleet
from local.guard import ProcessGuard
from tests.spark.jobs import passwords

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

ROWS = 400
CLUSTER = "one"


@pytest.fixture(scope="module")
def ground(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    folder = tmp_path_factory.mktemp("bench")
    guard = ProcessGuard()
    fleet = Fleet(folder / "aurora", guard)
    try:
        fleet.start_sources([CLUSTER])
        server = fleet.server(CLUSTER)
        fill(server.dsn(), ROWS)
        with passwords(spark, {CLUSTER: server.password}):
            yield Ground(spark, folder, ROWS, server.port, server.password, server.dsn())
    finally:
        fleet.close()
        guard.close()


def test_growth_times_three_jobs_with_right_results(ground: Ground) -> None:
    seconds = job_seconds(ground)

    assert tuple(seconds) == JOBS
    assert all(value > 0 for value in seconds.values())


def test_the_compare_benchmark_finds_the_rows_that_it_changes(ground: Ground) -> None:
    _, table = setting()
    export = exported(ground, table, 1.0)

    assert differences(ground, table, export, bootstrapped(ground, table)) == changed_rows(ROWS, 1.0) == 4
