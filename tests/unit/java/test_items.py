"""Items: the attributes of each kind of value, the rejection of rows, and the charged bytes."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.java.functions import Plan

if TYPE_CHECKING:
    from tests.unit.java.functions import Functions

WRITTEN: list[tuple[str, str, Any, Any, Any]] = [
    ("S", "string", "", {"S": ""}, ""),
    ("S", "string", "a\"b\\c\n\t\x00\x1f\x7f é😀 /", {"S": "a\"b\\c\n\t\x00\x1f\x7f é😀 /"}, "a\"b\\c\n\t\x00\x1f\x7f é😀 /"),
    ("BOOL", "boolean", True, {"BOOL": True}, "true"),
    ("BOOL", "boolean", False, {"BOOL": False}, "false"),
    ("B", "binary", base64.b64encode(b"\x00\xff\x10a").decode(), {"B": "AP8QYQ=="}, "00FF1061"),
    ("DATE", "date", "2027-01-09", {"S": "2027-01-09"}, "2027-01-09"),
    ("DATE", "date", "1969-12-31", {"S": "1969-12-31"}, "1969-12-31"),
    ("DATE", "date", "0000-01-01", {"S": "0000-01-01"}, "0000-01-01"),
    ("DATE", "date", "9999-12-31", {"S": "9999-12-31"}, "9999-12-31"),
    ("DATE", "date", "-0001-01-01", {"S": "-0001-01-01"}, "-0001-01-01"),
    ("DATE", "date", "+10000-01-01", {"S": "+10000-01-01"}, "+10000-01-01"),
    ("TIMESTAMP", "timestamp", "2027-01-09T13:59:58.000007Z", {"S": "2027-01-09T13:59:58.000007Z"}, "2027-01-09T13:59:58.000007Z"),
    ("TIMESTAMP", "timestamp", "1969-12-31T23:59:59.999999Z", {"S": "1969-12-31T23:59:59.999999Z"}, "1969-12-31T23:59:59.999999Z"),
    ("TIMESTAMP", "timestamp", "1970-01-01T00:00:00Z", {"S": "1970-01-01T00:00:00.000000Z"}, "1970-01-01T00:00:00.000000Z"),
    ("EPOCH_SECONDS", "timestamp", "1970-01-01T00:00:01.999999Z", {"N": "1"}, "1"),
    ("EPOCH_SECONDS", "timestamp", "1969-12-31T23:59:59.999999Z", {"N": "-1"}, "-1"),
    ("EPOCH_SECONDS", "date", "1970-01-03", {"N": "172800"}, "172800"),
    ("SS", "array<string>", ["b", "a", "b", "c\"d"], {"SS": ["a", "b", "c\"d"]}, '["a","b","c\\"d"]'),
    ("NS", "array<string>", ["10", "9", "9"], {"NS": ["10", "9"]}, '["10","9"]'),
    ("L", "array<string>", ["b", None, "a\"", "b"], {"L": [{"S": "b"}, {"NULL": True}, {"S": "a\""}, {"S": "b"}]}, '[S:"b",NULL:"true",S:"a\\"",S:"b"]'),
    ("L", "array<string>", [], {"L": []}, "[]"),
    ("NUMBER_LIST", "array<string>", ["1", None, "1"], {"L": [{"N": "1"}, {"NULL": True}, {"N": "1"}]}, '[N:1,NULL:"true",N:1]'),
    ("DOCUMENT", "string", "{}", {"M": {}}, "{}"),
    ("DOCUMENT", "string", ' { "b" : [ 1 , true,null , "x:\\"y" ] , "a" : { "c" : -1.50e1 } } ',
     {"M": {"b": {"L": [{"N": "1"}, {"BOOL": True}, {"NULL": True}, {"S": "x:\"y"}]}, "a": {"M": {"c": {"N": "-1.50e1"}}}}},
     '{"a":{"c":N:-15},"b":[N:1,BOOL:"true",NULL:"true",S:"x:\\"y"]}'),
    ("DOCUMENT", "string", '{"a":false,"b\\\\":"","c":[]}', {"M": {"a": {"BOOL": False}, "b\\": {"S": ""}, "c": {"L": []}}},
     '{"a":BOOL:"false","b\\\\":S:"","c":[]}'),
    ("LIST_DOCUMENT", "string", "[[],{},\t\"a\"\r\n]", {"L": [{"L": []}, {"M": {}}, {"S": "a"}]}, '[[],{},S:"a"]'),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "sql_type", "value", "attribute", "text"), WRITTEN)
def test_a_value_becomes_the_attribute_that_means_the_same_and_both_sides_tell_it_alike(
    functions: Functions, kind: str, sql_type: str, value: object, attribute: object, text: str
) -> None:
    plan = Plan({"x": (sql_type, kind)})
    (line,) = functions.of_rows("item", plan, [value])

    assert json.loads(line) == {"Item": {"x": attribute}}
    assert functions.of_rows("reason", plan, [value]) == [None]
    assert (
        functions.of_rows("source_texts", plan, [value]) == functions.of_lines("export_texts", plan, line) == [[text]]
    )
    assert functions.of_rows("source_term", plan, [value]) == functions.of_lines("export_term", plan, line)
    assert functions.of_rows("source_marks", plan, [value]) == functions.of_lines("export_marks", plan, line)


def test_control_characters_are_escaped_and_nothing_else_is(functions: Functions) -> None:
    plan = Plan({'x"\n': ("string", "S")})
    (line,) = functions.call("item", "r struct<a:string>, p string", [['\x00\x1f"\\/é '], plan.text])

    assert line == '{"Item":{"x\\"\\u000a":{"S":"\\u0000\\u001f\\"\\\\/é "}}}'


def test_what_is_null_or_an_empty_set_is_left_out_on_both_sides(functions: Functions) -> None:
    plan = Plan(
        {"a": ("string", "S"), "s": ("array<string>", "SS"), "n": ("array<string>", "NS"), "b": ("bigint", "N")}
    )
    rows = [["x", [], [], 1], [None, None, None, None], [None, ["y"], ["1"], None]]

    lines = functions.of_rows("item", plan, *rows)

    assert [json.loads(line)["Item"] for line in lines] == [
        {"a": {"S": "x"}, "b": {"N": "1"}}, {}, {"s": {"SS": ["y"]}, "n": {"NS": ["1"]}},
    ]  # fmt: skip
    assert functions.of_rows("source_texts", plan, *rows) == [
        ["x", None, None, "1"], [None] * 4, [None, '["y"]', '["1"]', None],
    ]  # fmt: skip


LIMITED = Plan(
    {"id": ("string", "S"), "other": ("string", "S"), "n": ("bigint", "N"), "b": ("binary", "B")},
    key=("id",),
    limits=(("id", True, 0), ("n", True, 0), ("id", False, 4), ("other", False, 3), ("b", False, 2)),
)
BYTES = {n: base64.b64encode(b"x" * n).decode() for n in range(4)}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (["k", None, 1, None], None),
        (["kkkk", "abc", 1, BYTES[2]], None),
        ([None, None, 1, None], "key attribute id is null"),
        ([None, "abcd", None, None], "key attribute id is null"),
        (["kkkkk", None, None, None], "key attribute n is null"),
        (["", None, 1, None], "key attribute id is empty"),
        (["kkkkk", None, 1, None], "key attribute id is longer than 4 bytes"),
        (["éé", None, 1, None], None),
        (["ééé", None, 1, None], "key attribute id is longer than 4 bytes"),
        (["k", "", 1, None], "key attribute other is empty"),
        (["k", "abcd", 1, None], "key attribute other is longer than 3 bytes"),
        (["k", "abc", 1, BYTES[0]], "key attribute b is empty"),
        (["k", "abc", 1, BYTES[3]], "key attribute b is longer than 2 bytes"),
    ],
)
def test_a_keys_attributes_are_there_and_neither_empty_nor_too_long(
    functions: Functions, row: list[Any], reason: str | None
) -> None:
    assert functions.of_rows("reason", LIMITED, row) == [reason]


def test_a_parts_keys_begin_with_its_prefix(functions: Functions) -> None:
    plan = Plan({"id": ("string", "S")}, key=("id",), limits=(("id", True, 0), ("id", False, 8)), prefix="part#")

    reasons = functions.of_rows("reason", plan, ["part#1"], ["part#"], ["part"], ["Part#1"], ["1part#"], ["part#1234"])

    wrong = "key attribute id does not begin with part#, as its part's keys do"
    assert reasons == [None, None, wrong, wrong, wrong, "key attribute id is longer than 8 bytes"]


def test_an_attributes_name_has_65535_bytes_at_most(functions: Functions) -> None:
    for length, reason in ((65_535, None), (65_536, "an attribute's name is longer than 65535 bytes")):
        plan = Plan({"a" * length: ("string", "S")})
        assert functions.call("reason", "r struct<a:string>, p string", [["x"], plan.text]) == [reason]
        assert functions.call("reason", "r struct<a:string>, p string", [[None], plan.text]) == [None]


@pytest.mark.parametrize(
    ("kind", "entries", "reason"),
    [
        ("SS", ["a", "b"], None),
        ("SS", ["a", "a"], None),
        ("SS", [], None),
        ("SS", ["a", None], "x has a null in its set"),
        ("NS", ["1", "2"], None),
        ("NS", ["1", "1"], None),
        ("NS", ["1", None], "x has a null in its set"),
        ("NS", ["1", "1e126"], "x has a number in its set that DynamoDB cannot hold"),
        ("NS", ["1", ""], "x has a number in its set that DynamoDB cannot hold"),
        ("NS", ["1", "1.0"], "x has the same number twice in its set, in different notations"),
        ("NS", ["2", "1", "1.0"], "x has the same number twice in its set, in different notations"),
    ],
)
def test_a_set_holds_each_value_once_and_no_null(
    functions: Functions, kind: str, entries: list[str], reason: str | None
) -> None:
    assert functions.of_rows("reason", Plan({"x": ("array<string>", kind)}), [entries]) == [reason]


NESTED = "[" * 30 + "1" + "]" * 30
NO_OBJECT, NO_ARRAY = "x is not a JSON object", "x is not a JSON array"
DEEP = "x is nested deeper than 32"


@pytest.mark.parametrize(
    ("kind", "text", "reason"),
    [
        ("DOCUMENT", '{"a":1}', None),
        ("DOCUMENT", "[1]", NO_OBJECT),
        ("DOCUMENT", "1", NO_OBJECT),
        ("DOCUMENT", "", NO_OBJECT),
        ("DOCUMENT", " ", NO_OBJECT),
        ("DOCUMENT", "{", NO_OBJECT),
        ("DOCUMENT", '{"a":1}x', NO_OBJECT),
        ("DOCUMENT", '{"a":1} {}', NO_OBJECT),
        ("DOCUMENT", '{"a":1}  ', None),
        ("DOCUMENT", "{a:1}", NO_OBJECT),
        ("DOCUMENT", '﻿{"a":1}', NO_OBJECT),
        ("LIST_DOCUMENT", "[1]", None),
        ("LIST_DOCUMENT", '{"a":1}', NO_ARRAY),
        ("LIST_DOCUMENT", "[1", NO_ARRAY),
        ("DOCUMENT", '{"a":1,"a":2}', "x has a name twice"),
        ("DOCUMENT", '{"a":{"b":1,"b":2}}', "x has a name twice"),
        ("DOCUMENT", '{"a":1,"b":{"a":2}}', None),
        ("DOCUMENT", '{"":1}', "x has an empty name"),
        ("DOCUMENT", '{"a":1e126}', "x has a number that DynamoDB cannot hold"),
        ("DOCUMENT", '{"a":[1,1e-131]}', "x has a number that DynamoDB cannot hold"),
        ("DOCUMENT", '{"a":"1e126"}', None),
        ("DOCUMENT", f'{{"a":{NESTED}}}', None),
        ("DOCUMENT", f'{{"a":[{NESTED}]}}', DEEP),
        ("LIST_DOCUMENT", f"[{NESTED}]", None),
        ("LIST_DOCUMENT", f"[[{NESTED}]]", DEEP),
        ("LIST_DOCUMENT", "[" * 32 + "]" * 32, None),
        ("LIST_DOCUMENT", "[" * 33 + "]" * 33, DEEP),
        ("DOCUMENT", f'{{"a":[{NESTED}],"":1e999}}', DEEP),
        ("DOCUMENT", f'{{"{"n" * 65535}":1}}', None),
        ("DOCUMENT", f'{{"{"n" * 65536}":1}}', "x has a name longer than 65535 bytes"),
        ("DOCUMENT", f'{{"{"€" * 21845}":1}}', None),
        ("DOCUMENT", f'{{"{"€" * 21846}":1}}', "x has a name longer than 65535 bytes"),
        ("DOCUMENT", '{"a":"\\ud83d\\ude00"}', None),
        ("DOCUMENT", '{"a":"\\ud83d"}', "x has half a surrogate pair"),
        ("DOCUMENT", '{"a":"\\ude00"}', "x has half a surrogate pair"),
        ("DOCUMENT", '{"a":"\\ude00\\ud83d"}', "x has half a surrogate pair"),
        ("DOCUMENT", '{"a":"\\ud83dx"}', "x has half a surrogate pair"),
        ("DOCUMENT", '{"a":"\\ud83d\\n"}', "x has half a surrogate pair"),
        ("DOCUMENT", '{"a":"\\ud83d\\u0041"}', "x has half a surrogate pair"),
        ("DOCUMENT", '{"\\ud83d":1}', "x has half a surrogate pair"),
        ("DOCUMENT", '{"a":"\\\\ud83d"}', None),
        ("DOCUMENT", '{"a":"\\u0041\\ud83d\\ude00\\u0042"}', None),
        ("DOCUMENT", '{"a":"\\ud83d\\ude00\\ud83d"}', "x has half a surrogate pair"),
        ("DOCUMENT", '{"a":"\\uD83D\\uDE00","b":"😀"}', None),
    ],
)
def test_a_document_is_one_json_value_that_an_item_can_hold(
    functions: Functions, kind: str, text: str, reason: str | None
) -> None:
    assert functions.of_rows("reason", Plan({"x": ("string", kind)}), [text]) == [reason]


MOST = 400 * 1024
CHARGED: list[tuple[str, str, Any, int]] = [
    ("S", "string", "é€", 5),
    ("S", "string", "", 0),
    ("B", "binary", BYTES[3], 3),
    ("BOOL", "boolean", False, 1),
    ("DATE", "date", "2027-01-01", 10),
    ("DATE", "date", "+10000-01-01", 12),
    ("TIMESTAMP", "timestamp", "2027-01-01T00:00:00Z", 27),
    ("EPOCH_SECONDS", "timestamp", "2027-01-01T00:00:00Z", 5),
    ("EPOCH_SECONDS", "timestamp", "1970-01-01T00:00:12.9Z", 2),
    ("EPOCH_SECONDS", "date", "1970-01-02", 3),
    ("N", "bigint", 12345, 4),
    ("N", "bigint", -1200, 3),
    ("N", "double", 1.25, 3),
    ("N", "float", 0.1, 2),
    ("N", "decimal(38,19)", "12.50", 3),
    ("SS", "array<string>", ["ab", "c", "c"], 3),
    ("NS", "array<string>", ["1", "123", "123"], 5),
    ("L", "array<string>", ["ab", None, "c"], 3 + 3 + 2 + 2),
    ("L", "array<string>", [], 3),
    ("NUMBER_LIST", "array<string>", ["1", "123", None], 3 + 3 + 4 + 2),
    ("DOCUMENT", "string", "{}", 3),
    ("DOCUMENT", "string", '{"ab":"c"}', 3 + 2 + 1 + 1),
    ("DOCUMENT", "string", '{"a":1,"b":true,"c":null,"d":123}', 3 + 4 + 4 + 2 + 1 + 1 + 3),
    ("DOCUMENT", "string", '{"a":{"b":[1,"xy"]}}', 3 + 1 + 1 + 3 + 1 + 1 + 3 + 1 + 2 + 1 + 2),
    ("LIST_DOCUMENT", "string", "[1,[],{}]", 3 + 1 + 2 + 1 + 3 + 1 + 3),
    ("LIST_DOCUMENT", "string", '["\\u00e9"]', 3 + 1 + 2),
]


def test_an_item_is_charged_what_dynamodb_says_and_may_have_400_kb(functions: Functions) -> None:
    wrong = []
    for kind, sql_type, value, size in CHARGED:
        plan = Plan({"xyz": (sql_type, kind), "pad": ("string", "S")})
        room = MOST - len("xyz") - len("pad") - size
        reasons = functions.of_rows("reason", plan, [value, {"p": room}], [value, {"p": room + 1}])
        if reasons != [None, "item larger than 409600 bytes"]:
            wrong.append((kind, value, reasons))

    assert wrong == []


def test_an_attribute_that_is_left_out_is_charged_nothing(functions: Functions) -> None:
    plan = Plan({"xyz": ("array<string>", "SS"), "n": ("bigint", "N"), "pad": ("string", "S")})

    absent: list[list[str] | None] = [[], None]
    for entries in absent:
        assert functions.of_rows("reason", plan, [entries, None, {"p": MOST - 3}]) == [None]
        assert functions.of_rows("reason", plan, [entries, None, {"p": MOST - 2}]) == ["item larger than 409600 bytes"]


def test_the_first_reason_of_a_row_is_its_reason(functions: Functions) -> None:
    plan = Plan(
        {"pad": ("string", "S"), "x": ("string", "N"), "y": ("string", "N")}, key=("x",), limits=(("x", True, 0),)
    )

    assert functions.of_rows("reason", plan, [{"p": MOST}, "NaN", "x"], [{"p": MOST}, None, "x"], [None, "1", "x"]) == [
        "x is not a number that DynamoDB can hold",
        "key attribute x is null",
        "y is not a number that DynamoDB can hold",
    ]


def test_an_item_of_many_entries_is_measured_whole(functions: Functions) -> None:
    """The cheap bound is never below the exact figure."""
    entries, ones = ["1"] * 136_532, "[" + "1," * 136_531 + "1]"
    plans = [Plan({"x": ("array<string>", "NUMBER_LIST")}), Plan({"x": ("string", "LIST_DOCUMENT")})]
    for plan, value, more in ((plans[0], entries, [*entries, "1"]), (plans[1], ones, f"{ones[:-1]},1]")):
        assert functions.of_rows("reason", plan, [value]) == [None]
        assert functions.of_rows("reason", plan, [more]) == ["item larger than 409600 bytes"]
