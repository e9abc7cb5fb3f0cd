"""The demo's checker detects every kind of difference, and shares no code with what it checks."""

from __future__ import annotations

import ast
import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import local.demo.checker
import local.demo.expected
import local.demo.live_sources
from local.demo.checker import Rule, TableCheck, compare, scan
from local.demo.expected import document, epoch, moment, number, text, texts

RULE = Rule("T", ("id",), "expiresAt")
NOW = 1_000.0
FIRST = {"id": ("S", "1"), "n": ("N", Decimal("1.50"))}
SECOND = {"id": ("S", "2"), "expiresAt": ("N", Decimal(1000))}


def checked(**counts: Any) -> TableCheck:  # noqa: ANN401 - fields
    nothing = {"missing": 0, "extra": 0, "changed": 0, "expired": 0, "differences": ()}
    return TableCheck(table="T", **{"compared": 2, **nothing, **counts})


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        ([FIRST, SECOND], checked()),
        ([{**FIRST, "n": ("N", Decimal("1.5"))}, SECOND], checked()),
        ([FIRST], checked(expired=1)),
        ([SECOND], checked(missing=1, differences=("1 is missing",))),
        ([FIRST, SECOND, {"id": ("S", "3")}], checked(extra=1, differences=("3 is in no source",))),
        (
            [{**FIRST, "n": ("S", "1.5")}, SECOND],
            checked(changed=1, differences=("1: n is ('S', '1.5') instead of ('N', Decimal('1.50'))",)),
        ),
        (
            [{**FIRST, "more": ("NULL", True)}, SECOND],
            checked(changed=1, differences=("1: more is ('NULL', True) instead of None",)),
        ),
    ],
    ids=["equal", "equal-number", "expired", "missing", "extra", "other-type", "other-attribute"],
)
def test_every_kind_of_difference_is_counted_and_said(actual: list[Any], expected: TableCheck) -> None:
    assert compare(RULE, [FIRST, SECOND], actual, NOW) == expected
    assert expected.is_equal == (expected.differences == ())


def test_an_item_that_is_not_yet_expired_must_be_there() -> None:
    assert compare(RULE, [FIRST, SECOND], [FIRST], 999.0).missing == 1


def test_a_key_that_the_sources_ask_for_twice_is_a_difference() -> None:
    assert compare(RULE, [FIRST, FIRST], [FIRST], NOW).differences == ("1 keys occur twice in the sources",)


def test_a_table_is_scanned_to_its_end_with_values_that_compare_as_dynamodb_does() -> None:
    pages = [
        {"Items": [{"a": {"N": "1.0"}}]},
        {"Items": [{"b": {"SS": ["y", "x"]}}, {"c": {"M": {"d": {"L": [{"N": "2"}]}}}}]},
    ]

    class Dynamo:
        def get_paginator(self, operation: str) -> Any:  # noqa: ANN401 - a paginator
            assert operation == "scan"
            return self

        def paginate(self, **asked: object) -> list[Any]:
            assert asked == {"TableName": "T", "ConsistentRead": True}
            return pages

    assert list(scan(Dynamo(), "T")) == [
        {"a": ("N", Decimal(1))},
        {"b": ("SS", frozenset("xy"))},
        {"c": ("M", {"d": ("L", (("N", Decimal(2)),))})},
    ]


def test_a_value_becomes_the_attribute_that_the_types_page_says() -> None:
    berlin = dt.timezone(dt.timedelta(hours=2))
    at = dt.datetime(2027, 3, 1, 2, 0, 0, 5, tzinfo=berlin)

    assert moment(at) == ("S", "2027-03-01T00:00:00.000005Z")
    assert epoch(at) == ("N", Decimal(1803859200))
    assert epoch(dt.datetime(1969, 12, 31, 23, 59, 59, 500_000, tzinfo=dt.UTC)) == ("N", Decimal(-1))
    assert number(0.1) == ("N", Decimal("0.1"))
    assert text(dt.date(2027, 3, 1)) == ("S", "2027-03-01")
    assert (text(""), texts([]), texts(["b", "a", "b"])) == (("S", ""), None, ("SS", frozenset("ab")))
    assert document('{"a": [1.50, null, true]}') == (
        "M",
        {"a": ("L", (("N", Decimal("1.50")), ("NULL", True), ("BOOL", True)))},
    )
    assert {read(None) for read in (moment, epoch, number, text, texts, document)} == {None}  # type: ignore[operator]  # each takes None


def test_the_checker_shares_no_code_with_the_product() -> None:
    own = {"local.demo.expected", "local.demo.live_sources"}
    for module in (local.demo.checker, local.demo.expected, local.demo.live_sources):
        imported = set()
        for node in ast.walk(ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {name.name for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(str(node.module))
        parts = {
            "catalog",
            "spark",
            "migration_spark",
            "lambdas",
            "statemachine",
            "runner",
            "infra",
            "release",
            "local",
            "table_writer",
        }
        assert {name for name in imported if name.split(".")[0] in parts} <= own
