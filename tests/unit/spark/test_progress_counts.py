"""Counts of a job's progress never exceed totals, never decrease, and are None if unknown."""

from __future__ import annotations

from typing import Any

import pytest
from migration_spark.progress_counts import Counts
from migration_spark.spark_status import Work, work_of


def read(counts: Counts, moved: dict[Work, tuple[int, int]] | None = None, stage: str = "read") -> dict[str, Any]:
    return dict(counts.document(["T"], moved or {})["T"][stage])


def figures(entry: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(entry[name] for name in ("rows", "bytes", "expectedRows", "expectedBytes", "exact"))


def test_a_table_of_which_nothing_is_known_is_in_the_document() -> None:
    assert Counts().document(["T"], {}) == {"T": {}}


def test_what_is_under_way_has_the_bytes_of_an_average_row() -> None:
    counts = Counts()
    counts.expect("T", "read", "a", 100, 1_000)
    counts.expect("T", "read", "b", 300, 5_000)
    counts.add("T", "read", "a", 100, 1_000)
    stage = read(counts, {Work("T", "read", "b"): (30, 0)})

    assert figures(stage) == (130, 1_450, 400, 6_000, True)
    assert figures(stage["clusters"]["a"]) == (100, 1_000, 100, 1_000, True)
    assert figures(stage["clusters"]["b"]) == (30, 450, 300, 5_000, True)


def test_rows_of_no_cluster_alone_count_for_the_table() -> None:
    counts = Counts()
    counts.expect("T", "read", "a", 100)
    stage = read(counts, {Work("T", "read"): (40, 0)})

    assert figures(stage) == (40, 0, 100, None, True)
    assert figures(stage["clusters"]["a"]) == (0, 0, 100, None, True)


def test_an_exact_count_is_never_replaced_by_an_estimate() -> None:
    counts = Counts()
    counts.expect("T", "read", "a", 90, exact=False)
    assert figures(read(counts)) == (0, 0, 90, None, False)
    counts.expect("T", "read", "a", 100, 1_000)
    counts.expect("T", "read", "a", 95, exact=False)

    assert figures(read(counts)) == (0, 0, 100, 1_000, True)


def test_extracts_of_one_cluster_are_expected_together() -> None:
    counts = Counts()
    counts.expect("T", "read", "a", 100, 1_000, extract="x")
    counts.expect("T", "read", "a", 10, 50, extract="y")

    assert figures(read(counts)) == (0, 0, 110, 1_050, True)


def test_a_total_is_unknown_while_that_of_one_cluster_is() -> None:
    counts = Counts()
    counts.expect("T", "read", "a", 100, 1_000)
    counts.expect("T", "read", "b", None, exact=False)
    counts.add("T", "read", "b", 7)

    assert figures(read(counts)) == (7, 0, None, None, False)


def test_rows_that_are_read_again_show_neither_twice_nor_less_than_before() -> None:
    counts = Counts()
    counts.expect("T", "read", "a", 100, 1_000)

    assert read(counts, {Work("T", "read", "a"): (80, 0)})["rows"] == 80
    assert read(counts)["rows"] == 80
    assert figures(read(counts, {Work("T", "read", "a"): (180, 0)})) == (100, 1_000, 100, 1_000, True)


def test_an_estimate_may_be_exceeded() -> None:
    counts = Counts()
    counts.expect("T", "read", "a", 90, exact=False)

    assert figures(read(counts, {Work("T", "read", "a"): (120, 0)})) == (120, 0, 90, None, False)


def test_what_was_counted_by_the_end_is_all() -> None:
    counts = Counts()
    counts.expect("T", "written", "a", 100, exact=False)
    assert read(counts, {Work("T", "written"): (80, 900)}, "written")["rows"] == 80
    counts.add("T", "written", "a", 60)
    counts.add("T", "written", "", size=500)
    counts.end("T", "written")
    stage = read(counts, stage="written")

    assert (*figures(stage), stage["ended"]) == (60, 500, 60, 500, True, True)


def test_what_is_complete_has_landed_as_it_was_expected() -> None:
    counts = Counts()
    counts.expect("T", "read", "a", 100, 1_000)
    counts.expect("T", "read", "", 50, 0)
    counts.complete("T", "read")

    assert figures(read(counts)) == (150, 1_000, 150, 1_000, True)


def test_a_complete_stage_has_ended_and_takes_no_later_count() -> None:
    counts = Counts()
    counts.expect("T", "read", "a", 90, 900, exact=False)
    counts.complete("T", "read")
    counts.expect("T", "read", "a", 100, 1_000)
    stage = read(counts)

    assert (*figures(stage), stage["ended"], stage["rowsPerSecond"]) == (90, 900, 90, 900, True, True, None)


def test_counts_of_no_extract_are_those_of_the_empty_one() -> None:
    counts = Counts()
    counts.expect("T", "read", "a", 100, 1_000)
    counts.expect("T", "read", "a", 120, 1_200, extract="")

    assert figures(read(counts)) == (0, 0, 120, 1_200, True)


def test_the_rate_is_of_the_last_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = Counts()
    clock = iter((0.0, 30.0, 60.0, 90.0, 120.0))
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    rates = [read(counts, {Work("T", "read"): (rows, 0)})["rowsPerSecond"] for rows in (0, 300, 900, 1_200, 1_200)]

    assert rates == [None, 10.0, 15.0, 15.0, 5.0]


def test_splits_of_all_extracts_add_up() -> None:
    counts = Counts()
    counts.add("T", "read", "a", 30, 300, extract="x")
    counts.add("T", "read", "a", 20, 200, extract="x")
    counts.add("T", "read", "a", 7, 70, extract="y")

    assert figures(read(counts))[:2] == (57, 570)


@pytest.mark.parametrize(
    ("description", "work"),
    [
        ("read Rate.rates of lipsdb: split 3 of 12", Work("Rate", "read", "lipsdb")),
        ("read Rate.rates of dailydatadb-partition-01", Work("Rate", "read", "dailydatadb-partition-01")),
        ("read Rate.rates of 9 clusters", Work("Rate", "read")),
        ("read Rate.rates again of lipsdb: split 1 of 2", Work("Rate", "read", "lipsdb")),
        ("read Rate.rates", Work("Rate", "read")),
        ("write Rate", Work("Rate", "written")),
        ("compare Rate: buckets", Work("Rate", "read")),
    ],
)
def test_a_job_is_of_what_its_description_says(description: str, work: Work) -> None:
    assert work_of(description) == work


def test_what_is_expected_of_a_stage_that_is_over_comes_too_late() -> None:
    counts = Counts()
    counts.add("T", "read", "a", 60, 600, extract="x")
    counts.end("T", "read")
    counts.expect("T", "read", "a", 60, 600, extract="x")

    assert figures(read(counts)) == (60, 600, 60, 600, True)
