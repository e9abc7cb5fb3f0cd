"""What a proposal leaves out and why, and the parts of a table's block that depend on a single fact."""

from __future__ import annotations

from dataclasses import replace

import pytest

from catalog.proposal import propose
from catalog.proposed_table import LARGE_ROW_BYTES, as_yaml
from catalog.source_schema import Kind, SourceTable
from tests.unit.catalog.test_proposal import C, source, table, warnings

FOREIGN = "it or a part of it is a foreign table: migrate it from the database that holds its rows"
UNLOGGED = "it or a part of it is unlogged, so a clone may lack its rows: ALTER TABLE … SET LOGGED"
OTHER_ENGINE = "its engine is not InnoDB, so a clone lacks its rows: ALTER TABLE … ENGINE = InnoDB"
CHILD = "it inherits from a table that is read with its rows: name it in --tables to migrate it separately"
VIEW = "it is a view of rows from other tables: name it in --tables to migrate it"


@pytest.mark.parametrize(
    ("kind", "alone", "chosen"),
    [
        ("table", "", ""),
        ("partitioned table", "", ""),
        ("foreign table", FOREIGN, FOREIGN),
        ("unlogged table", UNLOGGED, UNLOGGED),
        ("table of another engine", OTHER_ENGINE, OTHER_ENGINE),
        ("child table", CHILD, ""),
        ("view", VIEW, ""),
        ("materialized view", VIEW.replace("a view", "a materialized view"), ""),
    ],
)
def test_a_table_is_left_out_by_its_kind_unless_a_person_chose_it(kind: Kind, alone: str, chosen: str) -> None:
    made = source(table(kind=kind))

    said = [propose(each, "films", "shops") for each in (made, replace(made, chosen=True))]

    assert [proposal.warnings for proposal in said] == [[f"thing: {why}"] if why else [] for why in (alone, chosen)]
    assert [proposal.tables for proposal in said] == [0 if why else 1 for why in (alone, chosen)]
    assert [f"  # thing: {why}\n" in proposal.text for proposal, why in zip(said, (alone, chosen), strict=True)] == [
        bool(alone),
        bool(chosen),
    ]


def test_a_name_that_no_catalog_can_hold_and_a_table_without_a_readable_column_are_left_out() -> None:
    long = "t" * 65
    proposal = propose(
        source(SourceTable(long, (C("id", "bigint"),)), SourceTable("shapes", (C("x", "polygon"),)), table()),
        "films",
        "shops",
    )

    assert proposal.warnings == [
        f"{long}: its name is over 64 characters or has one that cannot be written: create a view with another name",
        "shapes: none of its columns can be read",
    ]
    assert proposal.tables == 1


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (LARGE_ROW_BYTES, []),
        (LARGE_ROW_BYTES + 1, ["thing: a row has about 100 KB, and an item at most 400 KB"]),
    ],
)
def test_rows_above_a_hundred_kilobytes_are_a_warning(size: int, said: list[str]) -> None:
    assert warnings(C("note", "text"), bytes_per_row=size) == said


def test_all_documents_are_named_in_one_line() -> None:
    proposal = propose(source(table(C("facts", "jsonb"), C("more", "json"))), "films", "shops")

    assert (
        "    attributes: {facts: M, more: M}   # DECIDE: M for objects, L for arrays; without it the text as S\n"
        in proposal.text
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [("plain_name", "plain_name"), ("on", '"on"'), ("null", '"null"'), ("größe", '"größe"'), ('a"b', r'"a\"b"')],
)
def test_a_name_is_quoted_where_yaml_would_read_another_value(name: str, text: str) -> None:
    assert as_yaml(name) == text


@pytest.mark.parametrize(
    ("column", "kind", "proposed"),
    [
        ("expires_at", "timestamp with time zone", True),
        ("delete_after", "date", True),
        ("purge_on", "date", True),
        ("timetolive", "timestamp without time zone", True),
        ("valid_until", "timestamp with time zone", True),
        ("DISCARD_AT", "timestamp with time zone", True),
        ("created_at", "timestamp with time zone", False),
        ("throttled_at", "timestamp with time zone", False),
        ("expires_at", "text", False),
    ],
)
def test_only_a_moment_with_a_name_of_expiry_is_proposed_as_time_to_live(
    column: str, kind: str, *, proposed: bool
) -> None:
    text = propose(source(table(C(column, kind))), "films", "shops").text

    assert ("    # ttl: " in text) is proposed
