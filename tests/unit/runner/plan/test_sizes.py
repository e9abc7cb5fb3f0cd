"""The sizes to migrate, and their sources."""

from __future__ import annotations

import datetime as dt
import math

from runner.plan import sizes
from runner.plan.constants import load_constants
from runner.plan.model import Volume
from runner.plan.statistics import Statistics
from tests.unit.runner.plan.fake_account import Client, account, manifest

CONSTANTS = load_constants()
MAIN, FIRST = "lipsdb", "dailydatadb-partition-01"


def test_a_clones_own_statistics_count_more_than_an_earlier_run_and_each_source_is_named() -> None:
    asked = [
        Statistics(FIRST, {("BaseRate", "rate"): (2000, 90_000)}),
        Statistics(MAIN, reason="there is no clone yet"),
    ]

    reads = sizes.reads(account(), asked, manifest())

    rates = {read.cluster: read for read in reads if read.extract == "rate"}
    assert len(rates) == 8
    assert (rates[FIRST].rows, rates[FIRST].bytes, rates[FIRST].source) == (2000, 90_000, "the clone's statistics")
    second = rates["dailydatadb-partition-02"]
    assert (second.rows, second.bytes, second.source) == (1000, 100_000, "the run run-1 of 2026-11-20")


def test_a_table_becomes_what_the_earlier_run_made_of_as_many_rows() -> None:
    made = account()
    planned = sizes.tables(made, sizes.reads(made, [], manifest()), manifest(), vcpu=4)

    rate, association = planned
    assert (rate.name, rate.items) == ("BaseRate-rehearsal", 4000)
    assert rate.import_bytes == 4000 * 500
    assert rate.stored_bytes == 80_000
    assert rate.objects == 1
    assert association.items == 500


def test_without_an_import_to_go_by_items_are_sized_as_bootstrap_sizes_its_files() -> None:
    made, earlier = account(mode="official"), manifest(rows=100_000_000, imported=False)
    rate, _ = sizes.tables(made, sizes.reads(made, [], earlier), earlier, vcpu=4)

    assert rate.name == "BaseRate"
    assert rate.import_bytes == int(8 * 100_000_000 * 100 * CONSTANTS.measured.item_bytes)
    assert rate.objects == math.ceil(rate.import_bytes / CONSTANTS.design.file_bytes)


def test_where_no_rows_are_known_the_volumes_bound_the_sums() -> None:
    made = account()
    reads = sizes.reads(made, [], None)
    planned = sizes.tables(made, reads, None, vcpu=4)
    volumes = [Volume(c.identifier, "to be made", 10**9, "CloudWatch") for c in made.clusters]

    sums = sizes.totals(reads, planned, volumes)

    assert {read.source for read in reads} == {"not known"}
    assert [table.items for table in planned] == [None, None]
    assert sums.at_most
    assert (sums.rows, sums.source_bytes, sums.import_bytes) == (
        None,
        9 * 10**9,
        int(9 * 10**9 * CONSTANTS.measured.item_bytes),
    )


def test_one_volume_that_is_not_known_leaves_the_sums_open() -> None:
    made = account()
    volumes = [Volume(c.identifier, "to be made", None, "CloudWatch has none") for c in made.clusters]

    assert sizes.totals(sizes.reads(made, [], None), [], volumes).source_bytes is None


def test_a_volume_is_the_newest_point_of_cloudwatch() -> None:
    points = [
        {"Timestamp": dt.datetime(2026, 11, 25, hour, tzinfo=dt.UTC), "Average": float(hour * 1000)} for hour in (9, 8)
    ]
    made = account(clients={"cloudwatch": Client(get_metric_statistics={"Datapoints": points})})

    volume = sizes.volume(made, made.clusters[0])

    assert (volume.clone, volume.bytes, volume.source) == ("to be made", 9000, "CloudWatch VolumeBytesUsed")


def test_a_volume_without_a_point_is_not_known() -> None:
    made = account(clients={"cloudwatch": Client(get_metric_statistics={"Datapoints": []})})

    assert sizes.volume(made, made.clusters[0]).bytes is None
