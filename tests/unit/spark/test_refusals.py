"""Reasons against an import, in order, each with its name, its count and its remedy."""

from __future__ import annotations

from typing import Any

import pytest
from migration_spark.import_refusals import first_refusal

from tests.spark.tables import table

COLUMNS = {"id": "text", "at": "timestamptz"}
FACTS: dict[str, Any] = {
    "rowsRead": 5,
    "items": 5,
    "unreadable": 0,
    "rejected": 0,
    "filtered": 0,
    "duplicateKeys": 0,
    "supersededKeys": 0,
    "unmatched": 0,
    "rejectSamples": ["id is null"],
    "filteredHashes": ["key 0a1b2c3d4e5f in one"],
    "duplicateHashes": ["key 1b2c3d4e5f6a in one, two"],
    "collisionHashes": ["key 2c3d4e5f6a7b: 2 rows"],
}


def refusal(facts: dict[str, Any], **changes: Any) -> dict[str, str] | None:  # noqa: ANN401 - fields of a table
    return first_refusal((table(COLUMNS, **changes),), {"Thing": {**FACTS, **facts}})


def error(facts: dict[str, Any], **changes: Any) -> str | None:  # noqa: ANN401 - fields of a table
    first = refusal(facts, **changes)
    return first and first["error"]


def test_a_table_whose_rows_all_become_items_is_not_refused() -> None:
    assert refusal({}) is None


@pytest.mark.parametrize(
    ("counts", "limits"),
    [
        ({"rowsRead": 0}, {}),
        ({"filtered": 5}, {"max_filtered": 5}),
        ({"rejected": 5}, {"max_rejects": 5}),
        ({"rejected": 2, "filtered": 3}, {"max_rejects": 2, "max_filtered": 3}),
    ],
    ids=["no rows", "all filtered", "all rejected", "some of each"],
)
def test_a_table_without_items_is_refused_wherever_its_rows_went(
    counts: dict[str, Any], limits: dict[str, Any]
) -> None:
    assert refusal({**counts, "items": 0}, **limits) == {
        "error": "EmptyTable",
        "cause": "Thing: no items were written. Correct the source, or allow it in the catalog with allow_empty. "
        "Nothing was imported.",
    }
    assert refusal({**counts, "items": 0}, allow_empty=True, **limits) is None


@pytest.mark.parametrize(
    ("count", "limit", "name"),
    [
        ("rejected", "max_rejects", "RowsRejected"),
        ("filtered", "max_filtered", "RowsFiltered"),
        ("unmatched", "max_unmatched", "RowsUnmatched"),
    ],
)
def test_a_limit_allows_its_count_and_not_one_more(count: str, limit: str, name: str) -> None:
    assert error({count: 1}) == name
    assert error({count: 3}, **{limit: 3}) is None
    assert error({count: 4}, **{limit: 3}) == name


@pytest.mark.parametrize("rule", [{"latest": "at"}, {"group_by": ("id",)}], ids=["latest", "group by"])
def test_an_unreadable_row_is_refused_where_it_may_be_the_one_that_counts(rule: dict[str, Any]) -> None:
    facts = {"unreadable": 1, "rejected": 1}
    assert error(facts, max_rejects=1, **rule) == "RowsRejected"
    assert error(facts, max_rejects=1) is None


def test_keys_that_collide_are_refused_unless_the_catalog_accepts_them() -> None:
    assert error({"supersededKeys": 1}) == "KeysCollide"
    assert error({"supersededKeys": 1}, accept_collisions=True) is None
    assert error({"duplicateKeys": 1}, accept_collisions=True) == "DuplicateKeys"


def test_the_first_table_that_is_wrong_is_named() -> None:
    tables = tuple(table(COLUMNS, name=name) for name in ("Whole", "Second", "Third"))
    facts = {"Whole": FACTS, "Second": {**FACTS, "duplicateKeys": 2}, "Third": {**FACTS, "items": 0}}

    assert first_refusal(tables, facts) == {
        "error": "DuplicateKeys",
        "cause": "Second: 2 rows share a key (key 1b2c3d4e5f6a in one, two). "
        "Correct the source, or allow it in the catalog with on_duplicate_key. Nothing was imported.",
    }


@pytest.mark.parametrize(
    ("facts", "changes", "cause"),
    [
        (
            {"unreadable": 2, "rejectSamples": ["a: no date", "b: no number"]},
            {"latest": "at"},
            (
                "2 rows of thing cannot be read (a: no date; b: no number), and with on_duplicate_key: latest "
                "it is unknown which items they belong to, whatever max_rejects allows. Correct the source or the "
                "types in the catalog."
            ),
        ),
        (
            {"unreadable": 2, "rejectSamples": ["a: no date"]},
            {"group_by": ("id",)},
            (
                "2 rows of thing cannot be read (a: no date), and with group by it is unknown which items they "
                "belong to, whatever max_rejects allows. Correct the source or the types in the catalog."
            ),
        ),
        (
            {"rejected": 3, "rejectSamples": ["a: no date"]},
            {},
            "3 rows cannot become items (a: no date). Correct the source, or allow it in the catalog with max_rejects.",
        ),
        (
            {"filtered": 3, "filteredHashes": ["key 1", "key 2"]},
            {},
            (
                "the select drops 3 rows of thing (key 1; key 2). Join with LEFT JOIN, or allow it in the catalog with "
                "max_filtered."
            ),
        ),
        (
            {"filtered": 3, "filteredHashes": []},
            {},
            "the select drops 3 rows of thing. Join with LEFT JOIN, or allow it in the catalog with max_filtered.",
        ),
        (
            {"duplicateKeys": 3, "duplicateHashes": ["key 1", "key 2"]},
            {},
            "3 rows share a key (key 1; key 2). Correct the source, or allow it in the catalog with on_duplicate_key.",
        ),
        (
            {"supersededKeys": 3, "collisionHashes": ["key 1", "key 2"]},
            {},
            (
                "3 source keys were superseded by others with the same item key (key 1; key 2). Make the key of all "
                "its source columns, or allow it in the catalog with accept_collisions."
            ),
        ),
        (
            {"unmatched": 3},
            {},
            "3 rows lack their reference. Correct the source, or allow it in the catalog with max_unmatched.",
        ),
    ],
)
def test_a_refusal_says_what_is_wrong_and_what_corrects_it(
    facts: dict[str, Any], changes: dict[str, Any], cause: str
) -> None:
    first = refusal(facts, **changes)

    assert first is not None
    assert first["cause"] == f"Thing: {cause} Nothing was imported."
