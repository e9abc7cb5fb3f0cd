"""Encodings and casts of column types that keep two keys different: every pair of them."""

from __future__ import annotations

import string
from typing import Any

import pytest

from catalog.key_text import BASE64, HEX, URL, text_of_type
from tests.unit.catalog.rates import COUNTED, messages

TYPES = {
    "small": "smallint", "id": "integer", "big": "bigint", "room": "text", "code": "uuid", "facts": "json", "blob": "bytes",
    "one": "numeric(9,1)", "two": "numeric(9,2)", "any_number": "numeric", "half": "real", "ratio": "double",
    "flag": "boolean", "night": "date", "local_time": "timestamp", "seen": "timestamptz", "labels": "text[]",
    "numbers": "bigint[]",
}  # fmt: skip
EXTRACTS = {"rate": {"source": "rate", "group": "shops", "columns": TYPES}}
WITH_TEXT = [name for name in TYPES if name not in ("blob", "labels")]


def apart(expression: str, kind: str, **facts: Any) -> bool:
    """Return whether the check finds nothing wrong with a key's expression."""
    key = {"partition": {"name": "k", "type": kind}}
    problems = messages(f"SELECT {COUNTED}, {expression} AS k FROM rate", extracts=EXTRACTS, key=key, **facts)
    assert all("may mean one key" in message for message in problems), problems
    return not problems


@pytest.mark.parametrize(
    ("coding", "columns"),
    [
        ("hex", ["small", "id", "big", "room", "code", "facts", "blob"]),
        ("base64", ["room", "code", "facts", "blob"]),
        ("url_encode", ["room", "code", "facts"]),
        ("to_json", ["labels", "numbers"]),
        ("md5", []),
        ("crc32", []),
        ("unhex", []),
        ("reverse", []),
    ],
)
def test_a_coding_is_taken_of_the_types_that_it_keeps_apart(coding: str, columns: list[str]) -> None:
    assert [name for name in TYPES if apart(f"{coding}(rate.{name})", "S")] == columns


@pytest.mark.parametrize(
    ("target", "kind", "columns"),
    [
        ("STRING", "S", WITH_TEXT),
        ("VARCHAR(9)", "S", WITH_TEXT),  # Spark's cast takes it for STRING: it cuts nothing off
        ("SMALLINT", "N", ["small"]),
        ("INT", "N", ["small", "id"]),
        ("BIGINT", "N", ["small", "id", "big"]),
        ("DECIMAL", "N", ["small", "id", "big"]),
        ("DECIMAL(9)", "N", ["small", "id", "big"]),
        ("DECIMAL(9,0)", "N", ["small", "id", "big"]),
        ("DECIMAL(9,1)", "N", ["small", "id", "big", "one"]),
        ("DECIMAL(9,2)", "N", ["small", "id", "big", "one", "two"]),
        ("DECIMAL(38,10)", "N", ["small", "id", "big", "one", "two"]),
        ("DOUBLE", "N", ["small", "id", "half", "ratio"]),
        ("FLOAT", "N", []),
        ("DATE", "S", ["night"]),
        ("TIMESTAMP", "S", ["night", "local_time", "seen"]),
        ("BINARY", "B", ["room", "blob"]),
    ],
)
def test_a_cast_is_taken_of_the_types_that_it_keeps_apart(target: str, kind: str, columns: list[str]) -> None:
    assert [name for name in TYPES if apart(f"CAST(rate.{name} AS {target})", kind)] == columns


@pytest.mark.parametrize(
    ("separator", "columns"),
    [
        ("#", WITH_TEXT),
        ("-", ["flag"]),
        ("+", ["small", "id", "big", "code", "flag", "numbers"]),
        (":", ["small", "id", "big", "code", "one", "two", "any_number", "half", "ratio", "flag", "night", "numbers"]),
        (".", ["small", "id", "big", "code", "flag", "night", "numbers"]),
        ("T", ["small", "id", "big", "code", "one", "two", "any_number", "half", "ratio", "flag", "night", "numbers"]),
        (",", ["small", "id", "big", "code", "one", "two", "any_number", "half", "ratio", "flag", "night", "local_time", "seen"]),
        ("e", ["small", "id", "big", "night", "local_time", "seen", "numbers"]),
        ("I", ["small", "id", "big", "code", "flag", "night", "local_time", "seen", "numbers"]),
        ("[", ["small", "id", "big", "code", "one", "two", "any_number", "half", "ratio", "flag", "night", "local_time", "seen"]),
        (" ", ["small", "id", "big", "code", "one", "two", "any_number", "half", "ratio", "flag", "night"]),
        ("a", ["small", "id", "big", "night", "local_time", "seen", "numbers"]),
        ("F", ["small", "id", "big", "one", "two", "any_number", "half", "ratio", "flag", "night", "local_time", "seen", "numbers"]),
        ("t", ["small", "id", "big", "code", "night", "local_time", "seen", "numbers"]),
        ("l", ["small", "id", "big", "code", "one", "two", "any_number", "half", "ratio", "night", "local_time", "seen"]),
    ],
)  # fmt: skip
def test_a_separator_is_no_character_of_the_part_before_it(separator: str, columns: list[str]) -> None:
    """The part behind it may hold anything, so the part before it is read from the front."""
    separable = [
        name
        for name in TYPES
        if name in WITH_TEXT and apart(f"concat(rate.{name}, '{separator}', hex(rate.blob))", "S")
    ]

    wanted = columns if separator != "#" else WITH_TEXT
    # Where the separator is none of hex()'s digits, the part behind it can be read from the back instead.
    if separator not in HEX:
        wanted = WITH_TEXT
    assert separable == wanted
    both = [name for name in WITH_TEXT if apart(f"concat(rate.{name}, '{separator}', rate.room)", "S")]
    assert both == [name for name in columns if name not in ("room", "facts")]


def test_an_alphabet_is_what_the_texts_of_a_type_are_made_of() -> None:
    digits = set(string.digits)
    wanted = {
        "smallint": digits | {"-"}, "integer": digits | {"-"}, "bigint": digits | {"-"},
        "numeric": digits | set("+-.EeNaInfity"), "real": digits | set("+-.EeNaInfity"), "double": digits | set("+-.EeNaInfity"),
        "date": digits | {"-", "+"}, "timestamp": digits | set("+-:. TZ"), "timestamptz": digits | set("+-:. TZ"),
        "boolean": set("truefalse"), "uuid": set(string.hexdigits) | {"-"}, "bigint[]": digits | set("-[], nul"),
    }  # fmt: skip
    for kind, alphabet in wanted.items():
        text = text_of_type(kind)
        assert text is not None
        assert text.alphabet == alphabet, kind
    assert text_of_type("numeric(9,2)") == text_of_type("numeric")
    for kind in ("text", "json"):
        free = text_of_type(kind)
        assert free is not None
        assert free.alphabet is None
    assert text_of_type("bytes") is text_of_type("text[]") is None
    assert set("0123456789ABCDEF") == HEX
    assert set(string.ascii_letters + string.digits + "+/=\r\n") == BASE64
    assert set(string.ascii_letters + string.digits + "*-._+%") == URL


@pytest.mark.parametrize(
    ("column", "is_apart"),
    [("room", False), ("code", False), ("facts", False), ("any_number", False), ("two", True), ("ratio", True), ("big", True)],
)  # fmt: skip
def test_a_number_made_of_text_is_no_key(column: str, *, is_apart: bool) -> None:
    assert apart(f"rate.{column}", "N", attributes={"k": "N"}) is is_apart


@pytest.mark.parametrize(("column", "is_apart"), [("night", True), ("local_time", False), ("seen", False)])
def test_seconds_keep_days_apart_alone(column: str, *, is_apart: bool) -> None:
    assert apart(f"rate.{column}", "N", attributes={"k": "epoch_seconds"}) is is_apart


@pytest.mark.parametrize(
    ("expression", "is_apart"),
    [
        ("concat(hex(rate.room), 'x', hex(rate.blob))", True),
        ("concat(hex(rate.room), 'A', hex(rate.blob))", False),
        ("concat(hex(rate.room), '0', hex(rate.blob))", False),
        ("concat(base64(rate.room), '#', base64(rate.blob))", True),
        ("concat(base64(rate.room), '=', base64(rate.blob))", False),
        ("concat(base64(rate.room), '/', base64(rate.blob))", False),
        ("concat(url_encode(rate.room), '/', url_encode(rate.facts))", True),
        ("concat(url_encode(rate.room), '+', url_encode(rate.facts))", False),
        ("concat(url_encode(rate.room), '%', url_encode(rate.facts))", False),
        ("concat(to_json(rate.labels), '#', rate.id)", True),
        ("concat(to_json(rate.labels), '#', rate.room)", False),
        ("concat(rate.id, '#', to_json(rate.numbers))", True),
        ("concat(rate.id)", True),
        ("concat(hex(rate.blob))", True),
        ("concat('x', rate.room)", True),
        ("concat(rate.room, 'x')", True),
        ("concat('x', rate.room, 'y')", True),
        ("concat('a', 'b')", True),
        ("'PROFILE'", True),
        ("CAST('x' AS STRING)", True),
        ("concat(concat(rate.id), '#', rate.id)", True),
        ("concat(concat(rate.room), '#', concat(rate.room))", False),
        ("concat(rate.id, '#', rate.room, '#', rate.id)", True),
        ("concat(rate.room, '#', rate.id, '#', rate.room)", False),
        ("concat(rate.id, '#-', rate.id)", True),
        ("concat(rate.id, '-#', rate.id)", True),
        ("concat(rate.id, '-#-', rate.id)", False),
        ("concat(rate.id, '#', '', rate.room)", True),
        ("concat(rate.id, rate.room)", False),
        ("hex('x')", True),
        ("url_encode('x')", True),
        ("hex(hex(rate.blob))", True),
        ("hex(lower(rate.room))", False),
        ("CAST(CAST(rate.id AS STRING) AS STRING)", True),
        ("CAST(hex(rate.blob) AS STRING)", True),
        ("hex(CAST(rate.room AS BINARY))", True),
    ],
)
def test_parts_can_be_told_apart_where_what_is_between_them_is_in_neither(expression: str, *, is_apart: bool) -> None:
    assert apart(expression, "S") is is_apart


@pytest.mark.parametrize(
    ("declared", "columns"),
    [
        ("M", ["room", "facts"]),
        ("L", ["room", "facts", "labels", "numbers"]),
        ("SS", ["labels", "numbers"]),
        ("NS", ["labels", "numbers"]),
        ("epoch_seconds", ["night", "local_time", "seen"]),
    ],
)
def test_an_attribute_is_declared_what_its_column_can_be(declared: str, columns: list[str]) -> None:
    def is_fine(column: str) -> bool:
        select = f"SELECT {COUNTED}, rate.id AS id, rate.{column} AS x FROM rate"
        key = {"partition": {"name": "id", "type": "N"}}
        problems = messages(select, extracts=EXTRACTS, key=key, attributes={"x": declared})
        return not any("is declared" in message for message in problems)

    assert [column for column in TYPES if is_fine(column)] == columns
