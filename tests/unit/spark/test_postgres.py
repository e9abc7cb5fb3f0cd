"""The SQL that reads PostgreSQL loses no row and bends no value."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from migration_spark import postgres
from migration_spark.database import rows_at_once
from migration_spark.spec import Cluster, Column, Extract

CLUSTER = Cluster(name="one", group="g", engine="aurora-postgresql", database="d", user="u")


def extract(kind: str, where: str | None = None) -> Extract:
    return Extract("T", "t", "things", (CLUSTER,), (Column("c", kind),), where, 2, broadcast=False)


def covers(predicate: str, block: int) -> bool:
    low = re.search(r">= '\((\d+),0\)'", predicate)
    high = re.search(r"< '\((\d+),0\)'", predicate)
    return (low is None or block >= int(low[1])) and (high is None or block < int(high[1]))


def splits(size: int, wanted: int, *, shifted: bool = False) -> list[str]:
    return postgres.splits(lambda _: [{"blocks": size}], extract("text"), wanted, shifted=shifted)[1]


@given(st.integers(-1, 10**7))
def test_a_connection_holds_so_many_rows_as_fit_its_memory_and_never_none(row_bytes: int) -> None:
    fetched = rows_at_once(row_bytes)

    assert 10 <= fetched <= 10_000
    assert fetched == 10 or fetched * row_bytes <= 32 * 1024**2
    assert rows_at_once(0) == 1_000


@given(size=st.integers(0, 100_000), wanted=st.integers(1, 200), shifted=st.booleans())
def test_every_block_is_in_exactly_one_range_also_blocks_that_came_later(size: int, wanted: int, shifted: bool) -> None:  # noqa: FBT001 - drawn by name
    predicates = splits(size, wanted, shifted=shifted)

    assert len(predicates) <= max(1, wanted)
    for block in {0, 1, size // 3, size // 2, max(size - 1, 0), size, size + 1000}:
        assert sum(covers(predicate, block) for predicate in predicates) == 1


def test_what_has_no_blocks_is_read_in_one_piece() -> None:
    assert splits(0, 12) == ["true"]
    assert splits(63, 12) == ["true"]


def test_both_jobs_cut_at_different_places() -> None:
    first, second = splits(6400, 12), splits(6400, 13, shifted=True)

    assert len(first) == 12
    assert not set(first) & set(second)


def test_values_leave_the_database_as_its_text() -> None:
    assert postgres.select(extract("numeric(12,2)"), "ctid") == 'SELECT "c"::text AS "c", ctid AS _place FROM things'
    assert postgres.select(extract("text"), None) == 'SELECT "c"::text AS "c" FROM things'
    assert '"c"::bigint' in postgres.select(extract("integer"), None)
    assert postgres.select(extract("json"), None) == 'SELECT "c"::text AS "c" FROM things'
    assert postgres.select(extract("timestamptz"), None) == 'SELECT "c"::text AS "c" FROM things'
    assert "TimeZone=UTC" in postgres.url("h", 1, "d")


def test_a_filter_holds_for_rows_and_their_audit_alike() -> None:
    filtered = extract("text", "c <> 'x'")

    assert postgres.select(filtered, None).endswith("FROM things WHERE c <> 'x'")
    assert postgres.audit(filtered).endswith("FROM things WHERE c <> 'x'")
