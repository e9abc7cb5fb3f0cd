"""The Spark jobs' needs of disk, memory and time, and the plan's findings on workers that are too small."""

from __future__ import annotations

from dataclasses import replace

import pytest

import infra.settings.workers
from runner.account import spark_workers
from runner.account.spark_workers import Worker, Workers, deployed_workers
from runner.plan import addresses, sizes, sizing
from runner.plan.constants import load_constants
from runner.plan.model import Finding, JobPlan, Volume
from runner.plan.workload import SourceLoad, TableLoad, jobs, splits
from statemachine.workers import Workers as Deployed
from tests.unit.runner.plan.fake_account import WORKERS, Client, account, manifest

CONSTANTS = load_constants()
SHUFFLE = CONSTANTS.measured.shuffle_bytes
SOURCE = SourceLoad("a", 3_000_000_000, 400 * 10**9, 4, drives=True, broadcast=False)
TERABYTE = TableLoad("T", (SOURCE,), files=4000, attributes=10, has_latest=False, shuffles_rows=False)
FIFTEEN = Workers(executors=15)


def both(*tables: TableLoad, on: Workers = FIFTEEN) -> tuple[JobPlan, JobPlan]:
    bootstrap, compare = jobs(tables, on, CONSTANTS)
    return bootstrap, compare


def test_a_source_is_cut_by_bytes_or_by_rows_whichever_are_more() -> None:
    sized = replace(SOURCE, rows=1, bytes=10 * 1024**3 + 1)

    assert splits(sized, CONSTANTS) == 11
    assert splits(replace(sized, rows=60_000_001, bytes=1), CONSTANTS) == 13
    assert splits(replace(sized, rows=0, bytes=0), CONSTANTS) == 1


def test_bootstrap_shuffles_a_hash_of_each_key_and_at_worst_the_rows_ranks_too() -> None:
    bootstrap, _ = both(TERABYTE)

    assert bootstrap.shuffle_bytes == round(SOURCE.rows * SHUFFLE.key)
    assert bootstrap.most_shuffle_bytes == round(SOURCE.rows * (SHUFFLE.key + SHUFFLE.rank))


def test_compare_shuffles_next_to_nothing_and_at_worst_every_row_of_both_sides() -> None:
    _, compare = both(TERABYTE)

    assert compare.shuffle_bytes == 2 * SOURCE.rows
    different = 2 * SOURCE.rows * (SHUFFLE.difference + 10 * SHUFFLE.attribute)
    assert compare.most_shuffle_bytes == round(2 * SOURCE.rows + different)


def test_latest_ranks_rows_and_a_group_by_shuffles_them_whole() -> None:
    ranked, _ = both(replace(TERABYTE, has_latest=True))
    grouped, compared = both(replace(TERABYTE, shuffles_rows=True))
    plain, equal = both(TERABYTE)

    assert ranked.shuffle_bytes == ranked.most_shuffle_bytes == round(SOURCE.rows * SHUFFLE.rank)
    whole = round(SOURCE.bytes * SHUFFLE.value)
    assert grouped.shuffle_bytes - plain.shuffle_bytes == pytest.approx(whole, abs=1)
    assert compared.shuffle_bytes - equal.shuffle_bytes == pytest.approx(whole, abs=1)


def test_the_worst_shuffle_is_spread_over_the_executors_disks() -> None:
    _, compare = both(TERABYTE)
    design = CONSTANTS.design

    expected = compare.most_shuffle_bytes / 15 / 1e9 * design.disk_spare + design.disk_base_gb
    assert compare.disk_gb == pytest.approx(expected)
    assert both(TERABYTE, on=Workers())[1].disk_gb is None


def test_the_clone_with_the_most_bytes_a_connection_sets_the_time() -> None:
    rate = CONSTANTS.measured.connection_megabytes_per_second * 1e6
    small = replace(SOURCE, cluster="b", rows=1, bytes=1000)
    slow = replace(SOURCE, rows=1000, connections=1)
    (bootstrap, compare), wait = both(replace(TERABYTE, sources=(slow, small))), slow.bytes / rate

    assert compare.least_seconds == pytest.approx(CONSTANTS.design.job_start_seconds + wait)
    assert bootstrap.least_seconds is not None
    assert bootstrap.least_seconds > compare.least_seconds
    assert compare.seconds == pytest.approx(CONSTANTS.design.job_start_seconds + wait * CONSTANTS.design.caution)


def test_extracts_of_one_clone_share_its_connections() -> None:
    single, _ = both(replace(TERABYTE, sources=(replace(SOURCE, rows=0, connections=1),)))
    halves = (replace(SOURCE, rows=0, bytes=SOURCE.bytes // 2, connections=1),) * 2
    two, _ = both(replace(TERABYTE, sources=halves))

    assert two.seconds == pytest.approx(single.seconds)


def test_references_that_are_broadcast_take_heap_of_executors_and_driver() -> None:
    reference = SourceLoad("a", 10, 10**9, 1, drives=False, broadcast=True)
    (without, _), (with_reference, _) = both(TERABYTE), both(replace(TERABYTE, sources=(SOURCE, reference)))

    assert with_reference.heap_gb - without.heap_gb == pytest.approx(CONSTANTS.design.broadcast_heap)
    assert with_reference.driver_heap_gb - without.driver_heap_gb == pytest.approx(
        CONSTANTS.design.broadcast_heap, abs=0.1
    )


def test_the_default_workers_serve_a_terabyte_on_sixty_four_clusters() -> None:
    workers = Deployed()
    deployed = Workers(
        Worker(workers.driver.vcpu, workers.driver.memory_gb, workers.driver.disk_gb, workers.driver.disk_type),
        Worker(workers.executor.vcpu, workers.executor.memory_gb, workers.executor.disk_gb, workers.executor.disk_type),
        workers.max_executors,
    )
    each = replace(SOURCE, rows=SOURCE.rows // 64, bytes=SOURCE.bytes // 64)
    clusters = tuple(replace(each, cluster=f"c{number}") for number in range(64))

    plans = both(replace(TERABYTE, sources=clusters), on=deployed)

    assert list(sizing.check_sizes(account(), plans, {}, at_most=False)) == []


def job(**figures: object) -> JobPlan:
    """Return a job that fits, but for some figures."""
    _, fits = both(replace(TERABYTE, sources=(replace(SOURCE, rows=1000, bytes=10**6),)))
    return replace(fits, **figures)  # type: ignore[arg-type] - fields of a plan


def findings(job_plan: JobPlan, timed: dict[str, float] | None = None, *, at_most: bool = False) -> list[Finding]:
    return list(sizing.check_sizes(account(), [job_plan], timed or {}, at_most=at_most))


def test_a_job_that_fits_is_not_mentioned() -> None:
    assert findings(job()) == []


def test_too_little_disk_fails_with_both_figures_and_the_setting() -> None:
    small = job(disk_gb=45.2, most_shuffle_bytes=463 * 10**9)

    assert findings(small) == [
        Finding(
            "fails",
            "Compare job",
            "Compare needs 46 GB of disk per executor; the application has 20 "
            "(463 GB shuffled at worst, over 15 executors)",
            "set executorDiskGb to 46 in Pulumi.test.yaml, and deploy",
        )
    ]
    assert [finding.level for finding in findings(small, at_most=True)] == ["warns"]


@pytest.mark.parametrize(
    ("needed", "todo"),
    [
        (200.0, "set executorDiskGb to 200 in"),
        (200.1, "set executorDiskType to SHUFFLE_OPTIMIZED and executorDiskGb to 201 in"),
        (2000.1, "raise maxExecutors and maxVcpu, over which the shuffle is spread in"),
    ],
)
def test_a_disk_that_no_worker_has_needs_another_type_or_more_workers(needed: float, todo: str) -> None:
    (finding,) = findings(job(disk_gb=needed))

    assert finding.todo.startswith(todo)


@pytest.mark.parametrize(
    ("figures", "what", "todo"),
    [
        (
            {"heap_gb": 20.0},
            "Compare needs 20.0 GB of heap in its executor; the application has 14 of 16 GB of memory",
            "set executorMemoryGb to 22 in Pulumi.test.yaml, and deploy",
        ),
        (
            {"driver_heap_gb": 30.0},
            "Compare needs 30.0 GB of heap in its driver; the application has 14 of 16 GB of memory",
            "set driverVcpu to 8 and driverMemoryGb to 36 in Pulumi.test.yaml, and deploy",
        ),
        (
            {"heap_gb": 300.0},
            "Compare needs 300.0 GB of heap in its executor; the application has 14 of 16 GB of memory",
            "set broadcast: false for the largest references in the catalog, and deploy",
        ),
    ],
)
def test_too_little_memory_fails_with_a_worker_that_exists(figures: dict[str, float], what: str, todo: str) -> None:
    (finding,) = findings(job(**figures))

    assert (finding.level, finding.what, finding.todo) == ("fails", what, todo)
    heap = max(figures.values())
    size = Worker().with_heap(heap)
    assert size is None or Worker(*size).heap_gb >= heap


@pytest.mark.parametrize(("least", "level"), [(43_201.0, "fails"), (43_200.0, "warns")])
def test_a_job_that_cannot_end_in_time_fails_and_one_that_may_not_is_warned_of(least: float, level: str) -> None:
    (finding,) = findings(job(least_seconds=least, seconds=80_000.0))

    assert finding.level == level
    assert finding.what.startswith("Compare takes at least 12 h" if level == "fails" else "Compare may take 22 h")
    assert finding.what.endswith("; it is ended after 12 h 00 min")


def test_what_earlier_runs_took_counts_more_than_the_constants() -> None:
    long = job(least_seconds=50_000.0, seconds=90_000.0)

    assert findings(long, {"Compare": 3600.0}) == []
    (finding,) = findings(job(), {"Compare": 50_000.0})
    assert (finding.level, finding.what[:21]) == ("warns", "Compare may take 13 h")


def test_a_reference_that_spark_cannot_broadcast_is_refused() -> None:
    reference = SourceLoad("a", 10, 9 * 1024**3, 1, drives=False, broadcast=True)
    table = replace(TERABYTE, sources=(SOURCE, reference))

    (finding,) = sizing.check_broadcasts([TERABYTE, table])

    assert finding.what == "9.7 GB would be sent to every executor; Spark broadcasts at most 8.6 GB"


def test_loads_follow_the_catalog_and_the_reads() -> None:
    made = account()
    reads = sizes.reads(made, [], manifest())
    rate, association = sizing.table_loads(made, reads, sizes.tables(made, reads, manifest(), 4), [])

    assert (rate.table, rate.rows, len(rate.sources)) == ("BaseRate", 8000, 10)
    assert (rate.files, rate.has_latest, rate.shuffles_rows) == (1, False, False)
    assert rate.broadcast_bytes == 2 * 1000 * 100
    assert association.rows == 1000


def test_where_no_rows_are_known_the_volumes_bound_the_load() -> None:
    made = account()
    reads = sizes.reads(made, [], None)
    volumes = [Volume(cluster.identifier, "to be made", 10**9, "CloudWatch") for cluster in made.clusters]

    (load,) = sizing.table_loads(made, reads, sizes.tables(made, reads, None, 4), volumes)

    assert (load.table, load.rows, load.bytes) == ("all tables", 9 * 10**7, 9 * 10**9)
    assert sizing.table_loads(made, reads, [], [replace(volumes[0], bytes=None)]) == []


def test_the_workers_are_read_off_the_state_machine() -> None:
    made = account()
    assert deployed_workers(made) == Workers(Worker(), Worker(disk_gb=100), 9)
    assert {**Deployed().tags()} == WORKERS

    made.application["maximumCapacity"] = {"cpu": "64 vCPU", "memory": "256 GB", "disk": "620 GB"}  # type: ignore[index] - it is there
    assert deployed_workers(made).executors == 6


def test_a_stack_without_such_tags_has_the_defaults_of_emr_serverless() -> None:
    made = account()
    made.tags.clear()

    assert deployed_workers(made) == Workers(Worker(), Worker(), 15)
    made.__dict__["application"] = None
    assert deployed_workers(made).executors is None


def test_the_plan_knows_the_sizes_that_a_stack_file_may_set() -> None:
    assert dict(spark_workers.emr_workers.MEMORY_GB) == dict(infra.settings.workers.MEMORY_GB)
    assert infra.settings.workers.DISK_GB == sizing.DISK_GB


def subnets(**free: int) -> Client:
    listed = [
        {"AvailabilityZone": f"eu-west-1{zone}", "AvailableIpAddressCount": count} for zone, count in free.items()
    ]
    return Client(describe_subnets={"Subnets": listed})


@pytest.mark.parametrize(
    ("free", "passed", "warned"),
    [({"a": 10, "b": 10}, False, []), ({"a": 10, "b": 9}, False, ["subnets in eu-west-1b"]), ({"a": 9}, True, [])],
)
def test_a_job_needs_an_address_per_worker_in_one_zone(
    free: dict[str, int], *, passed: bool, warned: list[str]
) -> None:
    made = account(clients={"ec2": subnets(**free)})
    made.application["networkConfiguration"] = {"subnetIds": ["subnet-1"]}  # type: ignore[index] - it is there

    (quota,) = addresses.address_quota(made)

    assert (quota.used, quota.needed, quota.limit, quota.passed) == (0, 10, max(free.values()), passed)
    assert [finding.about for finding in addresses.check_zones(made)] == warned
