"""Items of exactly the largest size, and of one byte more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.dynamodb.items import KEY_BYTES, Case, Column, attribute_case, document

MAX_ITEM_BYTES = 409_600
# Bytes that real tables charged for a number: paritysuite/dynamodb-conformance, src/item-size.ts, 2026-08-18.
NUMBER_BYTES = {
    "0": 1,
    "1": 2,
    "12": 2,
    "123": 3,
    "1234": 3,
    "12345678901234567890123456789012345678": 20,
    "0042": 2,
    "100": 2,
    "1010": 3,
    "0.0000001": 2,
    "1E125": 2,
    "1E-100": 2,
    "1.5": 3,
    "15": 2,
    "1.2": 3,
    "1.200": 3,
    "1.234": 4,
    "3.14159": 5,
    "123456": 4,
    "100.5": 4,
    "0.15": 2,
    "-42": 3,
    "-0": 1,
}


def sizes() -> list[Case]:
    """Return the cases of items' sizes."""
    text, list_of = "string", "array<string>"
    flat: list[tuple[str, Any, int, Column | None]] = [
        (f"N {number}", {"N": number}, size, Column(text, number, "N")) for number, size in NUMBER_BYTES.items()
    ]
    flat += [
        ("S", {"S": "abc"}, 3, Column(text, "abc")),
        ("S of two bytes a character", {"S": "éé"}, 4, Column(text, "éé")),
        ("S of four bytes a character", {"S": "🥂"}, 4, Column(text, "🥂")),
        ("S that JSON escapes", {"S": '"\\\n'}, 3, Column(text, '"\\\n')),
        ("B", {"B": "AAAA"}, 3, Column("binary", b"\0\0\0")),
        ("BOOL", {"BOOL": True}, 1, Column("boolean", True)),  # noqa: FBT003 - a value
        ("bigint", {"N": "9007199254740993"}, 9, Column("bigint", 9007199254740993)),
        ("a negative bigint", {"N": "-100"}, 3, Column("bigint", -100)),
        ("double", {"N": "0.1"}, 2, Column("double", 0.1)),
        ("an attribute that is null", None, -1, Column(text, None)),
        ("SS", {"SS": ["ab", "c"]}, 3, Column(list_of, ["ab", "c"], "SS")),
        ("NS", {"NS": ["1", "123"]}, 5, Column(list_of, ["1", "123"], "NS")),
        ("BS", {"BS": ["AAAA", "AQ=="]}, 4, None),
        ("an empty set, which is no attribute", None, -1, Column(list_of, [], "SS")),
        ("NULL", {"NULL": True}, 1, None),
        ("L, empty", {"L": []}, 3, Column(text, "[]", "L")),
        ("L of texts", {"L": [{"S": "ab"}, {"NULL": True}]}, 8, Column(list_of, ["ab", None])),
        ("L of numbers", {"L": [{"N": "1"}, {"N": "-42"}]}, 10, Column("array<bigint>", [1, -42])),
    ]
    documents = {
        "{}": 3,
        '{"a": "b"}': 6,
        '["ab", null, true]': 10,
        '{"n": 1.5, "é": [-42]}': 18,
        r'{"é": "é\n\"🥂"}': 14,
        '{"a": {"b": {"c": []}}}': 18,
    }
    flat += [(f"document {name}", *_measured(name, size)) for name, size in documents.items()]
    made = [case for sized in flat for case in _at_the_limit(*sized)]
    short = {count: f"[{','.join('1' * count)}]" for count in (136_531, 136_532)}
    return [*made, *[document(f"size: a list of {count} numbers of one digit", text) for count, text in short.items()]]


def _measured(text: str, size: int) -> tuple[Any, int, Column]:
    case = document(text, text)
    return case.item["x"], size, (case.columns or {})["x"]


def _at_the_limit(name: str, attribute: Any, size: int, column: Column | None) -> list[Case]:
    """Return an item of exactly the largest size, and one of one byte more."""
    made = []
    for more, what in ((0, "of the largest size"), (1, "a byte larger")):
        padding = "p" * (MAX_ITEM_BYTES - KEY_BYTES - 1 - size - 1 + more)
        case = attribute_case(f"size: {name}, {what}", attribute, column)
        item = {**case.item, "p": {"S": padding}}
        if attribute is None:
            del item["x"]
        columns = None if case.columns is None else {**case.columns, "p": Column("string", padding)}
        made.append(replace(case, item=item, columns=columns))
    return made
