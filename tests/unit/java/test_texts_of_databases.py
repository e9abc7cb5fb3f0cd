"""Values of a database's texts, or the name of the first column whose text is not a value."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.unit.java.functions import Functions


def typed(functions: Functions, catalog_type: str, sql_type: str, *texts: Any) -> list[tuple[Any, bool]]:
    """Return each text's value, and whether the text is readable."""
    plan = json.dumps([{"name": "c", "type": catalog_type, "doubtful": False}])
    types = f"t struct<c:string>, m struct<c:{sql_type},bad:string>, p string"
    results = functions.call("typed", types, *[[[text], None, plan] for text in texts])
    return [(value, bad is None) for value, bad in results]


NOTHING = (None, False)
MICROS = 1_000_000
DAY = 86_400 * MICROS


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("1970-01-01 00:00:00", 0),
        ("1970-01-01 00:00:00+00", 0),
        ("1970-01-01 00:00:00.5", 500_000),
        ("1970-01-01 00:00:00.000001+00", 1),
        ("1970-01-01 00:00:00.123456", 123_456),
        ("1970-01-01 00:00:00.120", 120_000),
        ("1970-01-02 03:04:05", DAY + (3 * 3600 + 4 * 60 + 5) * MICROS),
        ("1969-12-31 23:59:59.999999", -1),
        ("1970-01-01 23:59:59", DAY - MICROS),
        ("2000-02-29 00:00:00", 11_016 * DAY),
        ("1970-01-01 24:00:00", None),
        ("1970-01-01 00:60:00", None),
        ("1970-01-01 00:00:60", None),
        ("1970-01-01T00:00:00", None),
        ("1970-01-01 00-00:00", None),
        ("1970-01-01 00:00-00", None),
        ("1970-01-01 00:00:00.", None),
        ("1970-01-01 00:00:00.1234567", None),
        ("1970-01-01 00:00:00,5", None),
        ("1970-01-01 00:00:00+01", None),
        ("1970-01-01 00:00:00+10", None),
        ("1970-01-01 00:00:00-00", None),
        ("1970-01-01 00:00:0x", None),
        ("1970-01-01 0x:00:00", None),
        ("1970-01-01 00:/0:00", None),
        ("1970-01-01 00:00:00.1x", None),
        ("1970-02-30 00:00:00", None),
        ("1970/01-01 00:00:00", None),
        ("1970-01/01 00:00:00", None),
        ("x970-01-01 00:00:00", None),
        ("1970-0x-01 00:00:00", None),
        ("1970-01-01 00:00", None),
        ("1970-01-01", None),
        ("", None),
    ],
)
def test_a_moment_is_read_to_its_microsecond(functions: Functions, text: str, micros: int | None) -> None:
    for kind in ("timestamp", "timestamptz"):
        assert typed(functions, kind, "timestamp", text) == [NOTHING if micros is None else (micros, True)]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1970-01-01", 0),
        ("1969-12-31", -1),
        ("2027-01-31", 20_849),
        ("2027-02-29", None),
        ("2027-13-01", None),
        ("2027-00-01", None),
        ("2027-1-001", None),
        ("2027-01-01 ", None),
        ("27-01-01", None),
        ("2027/01/01", None),
        ("2027-01/01", None),
        ("202x-01-01", None),
        ("2027-01-0x", None),
        ("infinity", None),
        ("", None),
    ],
)
def test_a_date_is_read_if_it_is_one(functions: Functions, text: str, day: int | None) -> None:
    assert typed(functions, "date", "date", text) == [NOTHING if day is None else (day, True)]


@pytest.mark.parametrize(
    ("sql_type", "text", "value"),
    [
        ("decimal(5,2)", "1.5", "1.50"),
        ("decimal(5,2)", "-1.5", "-1.50"),
        ("decimal(5,2)", "999.99", "999.99"),
        ("decimal(5,2)", "-999.99", "-999.99"),
        ("decimal(5,2)", "1000", None),
        ("decimal(5,2)", "999.999", None),
        ("decimal(5,2)", "1.005", None),
        ("decimal(5,2)", "1.500", "1.50"),
        ("decimal(5,2)", "0", "0.00"),
        ("decimal(5,2)", "-0", "0.00"),
        ("decimal(5,2)", ".5", "0.50"),
        ("decimal(5,2)", "5.", "5.00"),
        ("decimal(5,2)", "1e2", "100.00"),
        ("decimal(5,2)", "1e3", None),
        ("decimal(5,2)", "00012", "12.00"),
        ("decimal(5,2)", "+1", "1.00"),
        ("decimal(5,2)", "", None),
        ("decimal(5,2)", "-", None),
        ("decimal(5,2)", ".", None),
        ("decimal(5,2)", "1.2.3", None),
        ("decimal(5,2)", "1/2", None),
        ("decimal(5,2)", "1:2", None),
        ("decimal(5,2)", "NaN", None),
        ("decimal(5,2)", "x", None),
        ("decimal(18,0)", "999999999999999999", "999999999999999999"),
        ("decimal(18,0)", "1000000000000000000", None),
        ("decimal(19,0)", "9999999999999999999", "9999999999999999999"),
        ("decimal(38,0)", "9" * 38, "9" * 38),
        ("decimal(38,0)", "9" * 39, None),
        ("decimal(38,20)", "123456789012345678.5", "123456789012345678.50000000000000000000"),
        ("decimal(38,20)", "1", "1.00000000000000000000"),
        ("decimal(38,38)", "0.5", "0." + "5" + "0" * 37),
        ("decimal(38,38)", "1", None),
        ("decimal(18,18)", "0.000000000000000001", "0.000000000000000001"),
        ("decimal(18,18)", "1", None),
        ("decimal(20,18)", "12.5", "12.500000000000000000"),
        ("decimal(3,3)", "0.999", "0.999"),
    ],
)
def test_a_decimal_is_read_to_its_last_digit_or_not_at_all(
    functions: Functions, sql_type: str, text: str, value: str | None
) -> None:
    (result,) = typed(functions, sql_type.replace("decimal", "numeric"), sql_type, text)

    assert result == NOTHING if value is None else (format(Decimal(result[0]), "f"), result[1]) == (value, True)


@pytest.mark.parametrize(
    ("catalog_type", "sql_type", "text", "value"),
    [
        ("double", "double", "0.1", 0.1),
        ("double", "double", "x", None),
        ("real", "double", "0.1", 0.1),
        ("real", "double", "16777217", 16777216.0),
        ("boolean", "boolean", "1", True),
        ("boolean", "boolean", "true", True),
        ("boolean", "boolean", "0", False),
        ("boolean", "boolean", "false", False),
        ("boolean", "boolean", "t", None),
        ("boolean", "boolean", "2", None),
        ("bytes", "binary", "*", None),
        ("text[]", "array<string>", "{}", []),
        ("text[]", "array<string>", "{a,b}", ["a", "b"]),
        ("text[]", "array<string>", '{"a,b","c\\"d","e\\\\f",""}', ["a,b", 'c"d', "e\\f", ""]),
        ("text[]", "array<string>", '{NULL,"NULL",null}', [None, "NULL", "null"]),
        ("text[]", "array<string>", "[2:3]={a,b}", ["a", "b"]),
        ("text[]", "array<string>", "{{a},{b}}", None),
        ("text[]", "array<string>", "{a,{b}}", None),
        ("text[]", "array<string>", "{a", None),
        ("text[]", "array<string>", "{ab", None),
        ("text[]", "array<string>", '{"a"', None),
        ("text[]", "array<string>", "{a,", None),
        ("text[]", "array<string>", "{", None),
        ("text[]", "array<string>", "{x", None),
        ("text[]", "array<string>", '{"a}', None),
        ("text[]", "array<string>", '{"a"x}', None),
        ("text[]", "array<string>", "{a}b", None),
        ("text[]", "array<string>", "a}", None),
        ("text[]", "array<string>", "[2:3]=a", None),
        ("text[]", "array<string>", "[", None),
        ("text[]", "array<string>", "", None),
        ("bigint[]", "array<bigint>", "{1,NULL,-2}", [1, None, -2]),
        ("bigint[]", "array<bigint>", "{1,x}", None),
        ("bigint[]", "array<bigint>", "1", None),
        ("bigint[]", "array<bigint>", "{}", []),
    ],
)
def test_a_text_becomes_the_value_that_it_is_or_none(
    functions: Functions, catalog_type: str, sql_type: str, text: str, value: object
) -> None:
    assert typed(functions, catalog_type, sql_type, text) == [NOTHING if value is None else (value, True)]


TWO = json.dumps(
    [{"name": "a", "type": "double"}, {"name": "b", "type": "date"}, {"name": "j", "type": "json", "doubtful": True}]
)
TYPES = "t struct<a:string,b:string,j:string>, m struct<a:double,b:date,bad:string>, p string"


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["1", "1970-01-02", "{}"], [1.0, 1, None]),
        ([None, None, None], [None, None, None]),
        (["x", "1970-01-02", None], [None, 1, "a"]),
        (["1", "x", None], [1.0, None, "b"]),
        (["x", "x", "x"], [None, None, "a"]),
        (["1", "x", "x"], [1.0, None, "b"]),
        (["1", None, "x"], [1.0, None, "j"]),
        (["1", None, "1 2"], [1.0, None, "j"]),
        (["1", None, "[1"], [1.0, None, "j"]),
        (["1", None, ""], [1.0, None, "j"]),
        (["1", None, '[1,{"a":{}}]'], [1.0, None, None]),
        (["1", None, "7"], [1.0, None, None]),
        (["1", None, '{"a":1,"a":2}'], [1.0, None, None]),
    ],
)
def test_the_first_column_whose_text_is_no_value_is_named(
    functions: Functions, texts: list[str | None], values: list[Any]
) -> None:
    assert functions.call("typed", TYPES, [texts, None, TWO]) == [values]


def test_a_json_text_that_its_database_vouches_for_is_not_looked_at(functions: Functions) -> None:
    trusted = TWO.replace("true", "false")

    assert functions.call("typed", TYPES, [["1", None, "x"], None, trusted]) == [[1.0, None, None]]


def test_a_boolean_that_is_none_of_text_is_taken_as_it_is(functions: Functions) -> None:
    plan = json.dumps([{"name": "c", "type": "boolean"}])
    types = "t struct<c:boolean>, m struct<c:boolean,bad:string>, p string"

    assert functions.call("typed", types, [[True], None, plan], [[False], None, plan]) == [[True, None], [False, None]]
