"""A proposal says truthfully how a table is cut, and reads it by as many connections as its size needs."""

from __future__ import annotations

from typing import Any

import pytest
from migration_spark.column_types import MYSQL_CUTS

from catalog import cutting
from catalog.described import SourceColumn, SourceTable


def table(first: str = "bigint", **facts: Any) -> SourceTable:  # noqa: ANN401 - a table's fields
    return SourceTable("thing", (SourceColumn("id", first, nullable=False),), facts.pop("key", ("id",)), **facts)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (table(), "2   # rows not counted, cut by blocks"),
        (table(rows=4_999_999), "2   # about 4,999,999 rows, cut by blocks"),
        (table(rows=5_000_000), "4   # about 5,000,000 rows, cut by blocks"),
        (table(rows=100_000_000), "8   # about 100,000,000 rows, cut by blocks"),
        (table(rows=1_000_000_000), "16   # about 1,000,000,000 rows, cut by blocks"),
        (table(rows=1 << 20, bytes_per_row=1 << 10), "4   # about 1,048,576 rows, cut by blocks"),
        (table(rows=100 << 20, bytes_per_row=1 << 10), "16   # about 104,857,600 rows, cut by blocks"),
        (table(kind="partitioned table"), "2   # rows not counted, cut by blocks of each partition"),
        (table(kind="view"), "1   # rows not counted, not cut: it is a view"),
        (table(kind="materialized view", key=()), "2   # rows not counted, cut by blocks"),
    ],
)
def test_a_postgresql_table_is_cut_by_blocks(given: SourceTable, told: str) -> None:
    assert cutting.connections(given, "aurora-postgresql") == told


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (table("bigint(20) unsigned"), "2   # rows not counted, cut by ranges of id"),
        (table("char(4)"), "2   # rows not counted, cut by a sample of id, which takes one scan more"),
        (table("date", rows=5_000_000), "4   # about 5,000,000 rows, cut by a sample of id, which takes one scan more"),
        (table("varbinary(16)"), "1   # rows not counted, not cut: its primary key begins with varbinary"),
        (table(key=()), "1   # rows not counted, not cut: it has no primary key"),
        (table(has_primary_key=False), "1   # rows not counted, not cut: it has no primary key"),
        (table(kind="view"), "1   # rows not counted, not cut: it is a view"),
    ],
)
def test_a_mysql_table_is_cut_by_its_primary_key(given: SourceTable, told: str) -> None:
    assert cutting.connections(given, "aurora-mysql") == told


def test_whole_numbers_are_cut_into_ranges_and_ordered_texts_and_moments_by_a_sample() -> None:
    assert {cut: sorted(names) for cut, names in MYSQL_CUTS.items()} == {
        "ranges": ["bigint", "int", "mediumint", "smallint", "tinyint"],
        "sample": ["char", "date", "datetime", "decimal", "timestamp", "uuid", "varchar"],
    }
