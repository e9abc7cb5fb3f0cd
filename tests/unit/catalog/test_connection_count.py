"""A proposal names how the jobs split a table, and as many connections as the table's size needs."""

from __future__ import annotations

from typing import Any

import pytest
from migration_spark.column_types import MYSQL_CUTS

from catalog import connection_count
from catalog.source_schema import SourceColumn, SourceTable


def table(first: str = "bigint", **facts: Any) -> SourceTable:  # noqa: ANN401 - a table's fields
    return SourceTable("thing", (SourceColumn("id", first, nullable=False),), facts.pop("key", ("id",)), **facts)


@pytest.mark.parametrize(
    ("table", "proposed"),
    [
        (table(), "2   # rows not counted, split by blocks"),
        (table(rows=4_999_999), "2   # about 4,999,999 rows, split by blocks"),
        (table(rows=5_000_000), "4   # about 5,000,000 rows, split by blocks"),
        (table(rows=100_000_000), "8   # about 100,000,000 rows, split by blocks"),
        (table(rows=1_000_000_000), "16   # about 1,000,000,000 rows, split by blocks"),
        (table(rows=1 << 20, bytes_per_row=1 << 10), "4   # about 1,048,576 rows, split by blocks"),
        (table(rows=20 << 20, bytes_per_row=1 << 10), "8   # about 20,971,520 rows, split by blocks"),
        (table(rows=100 << 20, bytes_per_row=1 << 10), "16   # about 104,857,600 rows, split by blocks"),
        (table(kind="partitioned table"), "2   # rows not counted, split by blocks of each partition"),
        (table(kind="view"), "1   # rows not counted, not split: it is a view"),
        (table(kind="materialized view", key=()), "2   # rows not counted, split by blocks"),
    ],
)
def test_a_postgresql_table_is_cut_by_blocks(table: SourceTable, proposed: str) -> None:
    assert connection_count.connections(table, "aurora-postgresql") == proposed


@pytest.mark.parametrize(
    ("table", "proposed"),
    [
        (table("bigint(20) unsigned"), "2   # rows not counted, split by ranges of id"),
        (table("char(4)"), "2   # rows not counted, split by a sample of id, which takes one more scan"),
        (
            table("date", rows=5_000_000),
            "4   # about 5,000,000 rows, split by a sample of id, which takes one more scan",
        ),
        (table("varbinary(16)"), "1   # rows not counted, not split: its primary key begins with varbinary"),
        (table(key=()), "1   # rows not counted, not split: it has no primary key"),
        (table(has_primary_key=False), "1   # rows not counted, not split: it has no primary key"),
        (table(kind="view"), "1   # rows not counted, not split: it is a view"),
    ],
)
def test_a_mysql_table_is_split_by_its_primary_key(table: SourceTable, proposed: str) -> None:
    assert connection_count.connections(table, "aurora-mysql") == proposed


def test_whole_numbers_are_split_into_ranges_and_ordered_texts_and_timestamps_by_a_sample() -> None:
    assert {cut: sorted(names) for cut, names in MYSQL_CUTS.items()} == {
        "ranges": ["bigint", "int", "mediumint", "smallint", "tinyint"],
        "sample": ["char", "date", "datetime", "decimal", "timestamp", "uuid", "varchar"],
    }
