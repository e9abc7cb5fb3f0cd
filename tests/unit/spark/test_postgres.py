"""The SQL that reads PostgreSQL loses no row and changes no value."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from migration_spark import mysql_relations, postgres, postgres_relations
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
    things = 'FROM "public"."things"'
    assert postgres.select(extract("numeric(12,2)"), "ctid") == f'SELECT "c"::text AS "c", ctid AS "$place" {things}'
    assert postgres.select(extract("text"), None) == f'SELECT "c"::text AS "c" {things}'
    assert '"c"::bigint' in postgres.select(extract("integer"), None)
    assert postgres.select(extract("json"), None) == f'SELECT "c"::text AS "c" {things}'
    assert postgres.select(extract("timestamptz"), None) == f'SELECT "c"::text AS "c" {things}'


def test_a_filter_holds_for_rows_and_their_audit_alike() -> None:
    filtered = extract("text", "c <> 'x'")

    assert postgres.select(filtered, None).endswith("""FROM "public"."things" WHERE c <> 'x'""")
    assert [query.endswith("""FROM "public"."things" WHERE c <> 'x'""") for query in postgres.audits(filtered)] == [
        True
    ]


def test_no_query_of_an_audit_has_more_columns_than_a_result_may_have() -> None:
    columns = tuple(Column(f"c{number}", "text") for number in range(1_000))
    wide = replace(extract("text"), columns=columns)

    queries = postgres.audits(wide)

    asked = [query.split(" FROM ")[0].count(" AS c") for query in queries]
    assert (sum(asked), max(asked) <= 1_664) == (2_001, True)
    assert [query.count('count("c999")') for query in queries] == [0, 1]


@pytest.mark.parametrize(
    ("source", "sql"),
    [("order", '"public"."order"'), ("user", '"public"."user"'), ("sales.order", '"sales"."order"')],
)
def test_every_part_of_a_name_is_quoted(source: str, sql: str) -> None:
    assert postgres_relations.source(replace(extract("text"), source=source)) == sql
    assert mysql_relations.source(replace(extract("text"), source=source)) in {"`order`", "`user`", "`sales`.`order`"}


@settings(deadline=None)  # a busy machine is no failure
@given(sizes=st.lists(st.integers(0, 5_000), min_size=1, max_size=20), wanted=st.integers(2, 50), shifted=st.booleans())
def test_partitions_are_cut_into_ranges_of_about_as_many_blocks(sizes: list[int], wanted: int, shifted: bool) -> None:  # noqa: FBT001 - drawn by name
    answers = [{"blocks": size} for size in sizes]
    _, predicates = postgres.splits(lambda _: answers, extract("text"), wanted, shifted=shifted)
    lows = [int(low[1]) for predicate in predicates if (low := re.search(r">= '\((\d+),0\)'", predicate))]
    bounds = [0, *lows, max(sizes) + 1]
    held = [sum(min(size, high) - min(size, low) for size in sizes) for low, high in itertools.pairwise(bounds)]

    assert sum(held) == sum(sizes)
    assert len(predicates) <= wanted
    if len(predicates) > 1 and not shifted:
        # A block of every partition is the finest that a range can be.
        assert max(held) <= sum(sizes) / min(wanted, sum(sizes) // 64) + 2 * len(sizes)


def test_an_operator_of_jsonb_is_no_parameter() -> None:
    filtered = extract("text", """c ? 'live?' AND c ?| array['?'] AND "odd?" -- why?""")

    assert postgres.select(filtered, None).endswith("""WHERE c ?? 'live?' AND c ??| array['?'] AND "odd?" -- why?""")


def test_a_session_sets_again_what_its_url_set() -> None:
    url, statement = postgres.url("h", 1, "d"), postgres.session()

    for setting in ("row_security", "TimeZone", "IntervalStyle", "gin_fuzzy_search_limit"):
        assert setting in url
        assert f"('{setting}', " in statement
    # A server that does not know a setting would refuse a connection that names it.
    assert "transaction_timeout" not in url
    assert "default_transaction_isolation%3Drepeatable%5C%20read" in url
