"""The time and the cost of a run."""

from __future__ import annotations

import pytest

from runner.account.prices import load_prices
from runner.account.spark_workers import Worker, Workers
from runner.labels import PHASES
from runner.live.eta import Expectation
from runner.plan import costs, sizes, times
from runner.plan.earlier import Usage
from runner.plan.model import JobPlan, PhasePlan, Totals
from tests.unit.runner.plan.fake_account import account, manifest

SUMS = Totals(9000, 10**9, 4 * 10**9, 5 * 10**8, 20, at_most=False)
EXPECTED = Expectation(dict.fromkeys(PHASES.values(), 60.0), 3)
NOTHING = Expectation()
USED = Usage("run-1", 800, 3.0)
JOBS = [
    JobPlan(
        job=name,
        splits=1,
        tasks=3,
        shuffle_bytes=1,
        most_shuffle_bytes=2,
        workers=Workers(executors=15),
        disk_gb=5.0,
        heap_gb=2.0,
        driver_heap_gb=1.0,
        seconds=seconds,
        least_seconds=seconds,
        vcpu_seconds=7200.0,
    )
    for name, seconds in (("Bootstrap", 900.0), ("Compare", 600.0))
]
UNKNOWN = Totals(None, None, None, None, None, at_most=True)


def doubled() -> Totals:
    earlier = sizes.totals(sizes.reads(account(), [], manifest()), [], [])
    assert earlier.source_bytes is not None
    return Totals(1, earlier.source_bytes * 2, 1, 1, 1, at_most=False)


def test_an_earlier_run_tells_the_times_and_what_grows_with_the_data_grows() -> None:
    planned = {phase.name: phase for phase in times.phases(doubled(), EXPECTED, manifest(), JOBS)}

    assert list(planned) == list(PHASES.values())
    assert (planned["Clone"].seconds, planned["Clone"].source) == (60.0, "the median of 3 successful runs")
    assert planned["Bootstrap"].seconds == pytest.approx(120.0)
    assert planned["Bootstrap"].source == "the median of 3 successful runs, for 2.0 times the last bytes"


def test_a_phase_that_the_earlier_run_lacked_is_assumed() -> None:
    earlier = Expectation({"Clone": 60.0}, 1)

    planned = {phase.name: phase for phase in times.phases(SUMS, earlier, None, JOBS)}

    assert planned["Clone"] == PhasePlan("Clone", 60.0, "the last successful run")
    assert planned["Destroy"] == PhasePlan("Destroy", 1200.0, "assumed")


def test_without_an_earlier_run_every_phase_says_that_it_is_assumed() -> None:
    planned = times.phases(SUMS, NOTHING, None, JOBS)

    assert all(phase.source.startswith("assumed") for phase in planned)
    assert all(phase.seconds for phase in planned)
    assert {phase.name: phase.seconds for phase in planned if phase.name in ("Bootstrap", "Compare")} == {
        "Bootstrap": 900.0,
        "Compare": 600.0,
    }


def test_without_sizes_the_growing_phases_are_not_known() -> None:
    planned = {phase.name: phase for phase in times.phases(UNKNOWN, NOTHING, None, JOBS)}

    assert planned["Tables"] == PhasePlan("Tables", None, "not known without sizes")
    assert times.vcpu_hours(UNKNOWN, None, None, []) == (None, "not known")


def test_vcpu_hours_are_what_the_earlier_jobs_were_billed_for() -> None:
    assert times.vcpu_hours(doubled(), USED, manifest(), []) == (pytest.approx(6.0), "the run run-1")
    assert times.vcpu_hours(SUMS, None, None, JOBS)[0] == pytest.approx(4.0)


def work(totals: Totals, clone_class: str | None = "db.r6g.large") -> costs.Work:
    phases = [PhasePlan("Prepare", 600.0, ""), PhasePlan("Clone", 1800.0, ""), PhasePlan("Compare", 1800.0, "")]
    return costs.Work(
        totals=totals,
        phases=phases,
        clones=9,
        clone_class=clone_class,
        vcpu_hours=10.0,
        executor=Worker(disk_gb=100),
        transitions=2000,
    )


def test_every_line_is_its_quantity_times_its_price() -> None:
    prices = load_prices()

    lines = {line.name: line for line in costs.costs(work(SUMS), prices)}

    clones = lines["Aurora clones: 9 of db.r6g.large"]
    assert (clones.quantity, clones.usd) == (9.0, pytest.approx(9 * 0.286))
    assert clones.confirmed
    assert lines["DynamoDB imports"].usd == pytest.approx(4 * prices.prices["dynamodb-import"].usd)
    assert lines["EMR Serverless memory"].quantity == 40.0
    assert lines["EMR Serverless disk"].quantity == 10 / 4 * 80
    assert lines["Step Functions"].usd == pytest.approx(0.05)
    assert lines["Aurora I/O"].quantity == pytest.approx(3 * 10**9 / 8192 / 10**6)


def test_a_class_without_a_price_and_sizes_that_are_not_known_cost_nobody_knows_what() -> None:
    lines = {line.name: line for line in costs.costs(work(UNKNOWN, None), load_prices())}

    assert lines["Aurora clones: 9 of an unknown class"].usd is None
    assert lines["DynamoDB imports"].usd is None
    assert lines["EMR Serverless vCPU"].usd is not None


def test_the_months_after_are_told_apart() -> None:
    lines = costs.monthly(SUMS, load_prices())

    assert [line.name for line in lines] == [
        "DynamoDB storage",
        "DynamoDB point-in-time recovery",
        "S3 storage, until the objects expire",
    ]
    assert lines[0].usd == pytest.approx(4 * 0.283)
