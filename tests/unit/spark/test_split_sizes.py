"""Cuts of a source by its statistics: splits of bounded size, or a few ranges that a single Spark job reads."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from migration_spark.mysql_cuts import bisected
from migration_spark.splits import Limits, Size, even_cuts, wanted

from tests.spark.tables import extract

GIGABYTE = 1024**3


@pytest.mark.parametrize(
    ("size", "ranges", "apart"),
    [
        (Size(0, 0), 12, False),
        (Size(2 * GIGABYTE, 10_000_000), 12, False),
        (Size(2 * GIGABYTE + 1, 0), 3, True),
        (Size(0, 10_000_001), 3, True),
        (Size(500 * GIGABYTE, 1_500_000_000), 500, True),
        (Size(100 * GIGABYTE, 3_000_000_000), 600, True),
        (Size(500 * GIGABYTE, 0, in_ranges=False), 2, False),
    ],
)
def test_a_split_holds_a_gigabyte_or_five_million_rows(size: Size, ranges: int, apart: bool) -> None:  # noqa: FBT001 - a parameter
    assert wanted(extract({"id": "text"}), size, Limits(), more=False) == (ranges, apart)


def test_other_cuts_are_one_more() -> None:
    source = extract({"id": "text"})
    assert wanted(source, Size(0, 0), Limits(), more=True) == (13, False)
    assert wanted(source, Size(10 * GIGABYTE, 0), Limits(), more=True) == (11, True)


def test_a_source_of_unknown_size_is_one_job_even_on_one_connection() -> None:
    source = replace(extract({"id": "text"}), connections=1)
    assert wanted(source, Size(0, 0), Limits(), more=False) == (6, False)


@pytest.mark.parametrize(
    ("sizes", "count", "shift", "cuts"),
    [
        ([100], 4, 0, [25, 50, 75]),
        ([100], 4, 3, [28, 53, 78]),
        ([10], 2, 9, [10]),
        ([100, 10], 2, 0, [45]),
        ([10, 30], 2, 0, [10]),
        ([100, 10, 20], 5, 0, [8, 22, 48, 74]),
        ([2], 8, 0, [0, 1]),
        ([5, 7], 1, 0, []),
    ],
    ids=["even", "shifted", "shifted beyond the end", "two relations", "at an end", "three", "few blocks", "one range"],
)
def test_a_cut_lies_where_all_relations_together_have_their_share(
    sizes: list[int], count: int, shift: int, cuts: list[int]
) -> None:
    assert even_cuts(sizes, count, shift) == cuts


def test_under_speculation_every_split_is_a_job_of_its_own() -> None:
    source = replace(extract({"id": "text"}), connections=3)
    assert wanted(source, Size(10, 10), Limits(speculation=True), more=False) == (3, True)
    assert wanted(source, Size(9 * GIGABYTE, 10), Limits(speculation=True), more=False) == (9, True)
    assert wanted(source, Size(9, 9, in_ranges=False), Limits(speculation=True), more=False) == (3, True)


def test_a_large_mysql_table_is_cut_as_finely_as_wanted() -> None:
    rows = 10_000_000

    def ask(sql: str) -> list[dict[str, int]]:
        if sql.startswith("SELECT min"):
            return [{"low": 0, "high": rows - 1}]
        low, high = (int(word) for word in sql.replace("<", ">=").split(">=")[1:] for word in [word.split()[0]])
        return [{"rows": high - low}]

    cuts = [int(cut) for cut in bisected(ask, "t", "id", 500, shifted=False)]

    assert 400 < len(cuts) <= 520
    bounds = [0, *cuts, rows]
    assert max(high - low for low, high in itertools.pairwise(bounds)) <= 2 * rows / 500
