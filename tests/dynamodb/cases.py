"""Items at every limit of DynamoDB, and the rows that become them."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, replace
from typing import Any

MAX_ITEM_BYTES = 409_600
_NINES = "9" * 38
_KEY = {"id": {"S": "k"}}
_KEY_BYTES = 3
# The bytes that real tables charged for a number: paritysuite/dynamodb-conformance, src/item-size.ts, 2026-08-18.
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
_NUMBERS = (
    *("38 digits", "1" * 38),
    *("39 digits", "1" * 39),
    *("39 digits of which the last is 0", "1" * 38 + "0"),
    *("38 digits behind zeros", "0." + "0" * 20 + "1" * 38),
    *("the largest", f"9.{'9' * 37}E125"),
    *("the largest, written out", _NINES + "0" * 88),
    *("the most negative", f"-9.{'9' * 37}E125"),
    *("larger than the largest", "1E126"),
    *("much larger", "1e200000"),
    *("an exponent of eleven digits", "1e99999999999"),
    *("the smallest", "1E-130"),
    *("the smallest of two digits", "1.1E-130"),
    *("smaller than the smallest", "9.9E-131"),
    *("much smaller", "1E-131"),
    *("zero", "0"),
    *("minus zero", "-0"),
    *("zero with decimals", "0.000"),
    *("zero with an exponent", "0e125"),
    *("zero with too large an exponent", "0e126"),
    *("zero with too small an exponent", "0e-131"),
    *("zero with too many decimals", "0." + "0" * 131),
    *("not a number", "NaN"),
    *("infinity", "Infinity"),
    *("minus infinity", "-Infinity"),
    *("leading zeros", "0042"),
    *("a plus", "+5"),
    *("nothing behind the point", "1."),
    *("nothing before the point", ".5"),
    *("a point alone", "."),
    *("two points", "1.2.3"),
    *("a small exponent", "1e0"),
    *("an exponent with zeros", "1e0000007"),
    *("an exponent without digits", "1e"),
    *("an exponent with a plus", "1.5E+3"),
    *("a space before it", " 1"),
    *("a space behind it", "1 "),
    *("no text", ""),
    *("a word", "abc"),
    *("hexadecimal digits", "0x10"),
    *("a separator", "1_000"),
)
_DOUBLES = {
    "9.999999999999998E+125": 9.999999999999998e125,
    "1.0E126": 1e126,
    "1.0E-130": 1e-130,
    "9.999999999999999E-131": 9.999999999999999e-131,
    "-0.0": -0.0,
    "0.1": 0.1,
    "NaN": float("nan"),
    "Infinity": float("inf"),
}


@dataclass(frozen=True)
class Column:
    """A column of a row: its SQL type, what the catalog declares it to be, and its value."""

    sql_type: str
    value: Any
    declared: str | None = None


@dataclass(frozen=True)
class Case:
    """An item as DynamoDB JSON, the table that it is put into, and the columns of the row that becomes it."""

    name: str
    item: dict[str, Any]
    columns: dict[str, Column] | None = None
    table: str = "plain"

    @property
    def line(self) -> bytes:
        """Return the item as a line of an import, in ASCII."""
        return json.dumps({"Item": self.item}).encode()


def cases() -> list[Case]:
    """Return every case; their names differ."""
    made = [
        *_numbers(),
        *_sets(),
        *_depths(),
        *_names(),
        *_texts(),
        *_keys(),
        *_sizes(),
    ]
    names = [case.name for case in made]
    if len(set(names)) < len(names):
        raise ValueError(f"cases of one name: {sorted(name for name in names if names.count(name) > 1)}")
    return made


def _one(name: str, attribute: Any, column: Column | None = None, attribute_name: str = "x") -> Case:
    columns = None if column is None else {"id": Column("string", "k"), attribute_name: column}
    return Case(name, {**_KEY, attribute_name: attribute}, columns)


def _document(name: str, text: str) -> Case:
    """Return the case of a JSON document; its wire form is made by a converter of the tests' own."""
    value = json.loads(text, parse_float=_Number, parse_int=_Number, parse_constant=_Number)
    declared = "M" if text.lstrip().startswith("{") else "L"
    return _one(name, wire(value), Column("string", text, declared))


class _Number(str):
    """A number's text, which is no string of the document."""

    __slots__ = ()


def wire(value: Any) -> dict[str, Any]:
    """Return a JSON value as DynamoDB JSON."""
    if isinstance(value, dict):
        return {"M": {name: wire(inner) for name, inner in value.items()}}
    if isinstance(value, list):
        return {"L": [wire(inner) for inner in value]}
    if isinstance(value, bool):
        return {"BOOL": value}
    if value is None:
        return {"NULL": True}
    return {"N": str(value)} if isinstance(value, _Number) else {"S": value}


def _numbers() -> list[Case]:
    made = []
    for what, text in zip(_NUMBERS[::2], _NUMBERS[1::2], strict=True):
        made.append(_one(f"N: {what}", {"N": text}, Column("string", text, "N")))
        made.append(_one(f"NS: {what}", {"NS": [text]}, Column("array<string>", [text], "NS")))
        made.append(_one(f"N in a list: {what}", {"L": [{"N": text}]}, _in_a_list(text)))
    for text, value in _DOUBLES.items():
        made.append(_one(f"double: {text}", {"N": text}, Column("double", value)))
    return made


def _in_a_list(text: str) -> Column | None:
    """Return the column of a document with one number, or None where JSON cannot write it so."""
    try:
        json.loads(f"[{text}]", parse_constant=json.loads)
    except ValueError:
        return None
    return Column("string", f"[{text}]", "L") if text.strip() == text != "" else None


def _sets() -> list[Case]:
    words, numbers = "array<string>", "array<string>"
    return [
        _one("SS: two texts", {"SS": ["a", "b"]}, Column(words, ["b", "a"], "SS")),
        _one("SS: an empty text", {"SS": ["", "b"]}, Column(words, ["", "b"], "SS")),
        _one("SS: texts that differ in case", {"SS": ["A", "a"]}, Column(words, ["A", "a"], "SS")),
        _one("SS: empty", {"SS": []}),
        _one("SS: a text twice", {"SS": ["a", "a"]}),
        _one("SS: null", {"SS": ["a", None]}),
        _one("NS: empty", {"NS": []}),
        _one("NS: a number twice", {"NS": ["1", "1"]}),
        _one("NS: a number in two notations", {"NS": ["1", "1.0"]}, Column(numbers, ["1", "1.0"], "NS")),
        _one("NS: a number with an exponent", {"NS": ["1", "1e0"]}, Column(numbers, ["1", "1e0"], "NS")),
        _one("NS: zero and minus zero", {"NS": ["-0", "0"]}, Column(numbers, ["-0", "0"], "NS")),
        _one("NS: two numbers", {"NS": ["1", "1.1"]}, Column(numbers, ["1", "1.1"], "NS")),
        _one("BS: empty", {"BS": []}),
        _one("BS: bytes twice", {"BS": ["AA==", "AA=="]}),
        _one("BS: two", {"BS": ["AA==", "AQ=="]}),
        _one("L: empty", {"L": []}, Column("array<string>", [])),
        _one("L: null", {"L": [{"S": "a"}, {"NULL": True}]}, Column("array<string>", ["a", None])),
        _one("L: a text twice", {"L": [{"S": "a"}, {"S": "a"}]}, Column("array<string>", ["a", "a"])),
        _one("M: empty", {"M": {}}, Column("string", "{}", "M")),
        _one("a value without a type", {}),
        _one("a value of two types", {"S": "a", "N": "1"}),
        _one("NULL: false", {"NULL": False}),
    ]


def _depths() -> list[Case]:
    made = []
    for levels in (30, 31, 32, 33, 34):
        made += [
            _document(f"M: {levels} around a number", '{"a":' * levels + "1" + "}" * levels),
            _document(f"M: {levels}, the last empty", '{"a":' * (levels - 1) + "{}" + "}" * (levels - 1)),
            _document(f"L: {levels} around a number", "[" * levels + "1" + "]" * levels),
            _document(f"L: {levels}, the last empty", "[" * levels + "]" * levels),
            _document(
                f"M and L: {levels} around a text",
                ('{"a":[' * 17)[: 6 * (levels // 2) + 5 * (levels % 2)] + _tail(levels),
            ),
        ]
    return made


def _tail(levels: int) -> str:
    """Return a text and what closes so many brackets, of objects and lists by turns."""
    return '"t"' + ("}" if levels % 2 else "") + "]}" * (levels // 2)


def _names() -> list[Case]:
    made = []
    for count in (1, 255, 256, 65_535, 65_536):
        name = "n" * count
        made += [
            _one(f"a name of {count} bytes", {"S": "a"}, Column("string", "a"), name),
            _document(f"a name of {count} bytes in a document", json.dumps({name: "a"})),
            _document(f"a name of {count} bytes deep in a document", json.dumps({"l": [{name: "a"}]})),
        ]
    two_bytes = "é" * 32_768
    return [
        *made,
        _document(
            "a name of 65,536 bytes and half as many characters", json.dumps({two_bytes: "a"}, ensure_ascii=False)
        ),
        _document("a name of 65,534 bytes and half as many characters", json.dumps({two_bytes[1:]: "a"})),
        _one("an empty name", {"S": "a"}, None, ""),
        _document("an empty name in a document", '{"": 1}'),
        _document("a name with dots and quotes", json.dumps({'a.b "c"': 1})),
    ]


def _texts() -> list[Case]:
    backslash = r'{"a": "\\u0000", "b": "\\\\ud83e"}'
    return [
        _one("S: empty", {"S": ""}, Column("string", "")),
        _one("S: NUL", {"S": "a\x00b"}, Column("string", "a\x00b")),
        _one("S: beyond the first plane", {"S": "🥂"}, Column("string", "🥂")),
        _one("B: empty", {"B": ""}, Column("binary", b"")),
        _one("B: no base64", {"B": "?"}),
        _document("M: NUL", r'{"a": "\u0000"}'),
        _document("M: NUL in a name", r'{"\u0000": 1}'),
        _document("M: an escaped backslash before u0000", backslash),
        _document("M: a pair of surrogates", r'{"a": "\ud83e\udd42"}'),
        _document("M: white space", ' { "a" :\t[ 1 ,\n2 ] } '),
        _one("S: half a pair of surrogates", {"S": "\ud83e"}),
        _document("M: the first half of a pair of surrogates", r'{"a": "\ud83e"}'),
        _document("M: the second half of a pair of surrogates", r'{"a": "\udd42"}'),
        _document("M: a pair of surrogates the wrong way round", r'{"a": "\udd42\ud83e"}'),
        _document("M: half a pair of surrogates in a name", r'{"\ud83e": 1}'),
    ]


def _keys() -> list[Case]:
    made = []
    for count in (0, 1, 1024, 1025, 2048, 2049):
        text, content = "k" * count, b"k" * count
        made += [
            Case(f"partition key: S of {count} bytes", {"id": {"S": text}}, {"id": Column("string", text)}),
            Case(
                f"partition key: B of {count} bytes",
                {"id": {"B": base64.b64encode(content).decode()}},
                {"id": Column("binary", content)},
                "binary",
            ),
            Case(
                f"sort key: S of {count} bytes",
                {"id": {"S": "k"}, "sort": {"S": text}},
                {"id": Column("string", "k"), "sort": Column("string", text)},
                "sorted",
            ),
            Case(
                f"index key: S of {count} bytes",
                {"id": {"S": "k"}, "other": {"S": text}},
                {"id": Column("string", "k"), "other": Column("string", text)},
                "indexed",
            ),
        ]
    for what, text in (("1", "1"), ("39 digits", "1" * 39), ("NaN", "NaN"), ("1.0E2", "1.0E2")):
        made.append(
            Case(f"partition key: N {what}", {"id": {"N": text}}, {"id": Column("string", text, "N")}, "number")
        )
    return [
        *made,
        Case(
            "partition key: 682 characters of three bytes",
            {"id": {"S": "€" * 682}},
            {"id": Column("string", "€" * 682)},
        ),
        Case(
            "partition key: 683 characters of three bytes",
            {"id": {"S": "€" * 683}},
            {"id": Column("string", "€" * 683)},
        ),
        Case("partition key: absent", {"x": {"S": "a"}}, {"id": Column("string", None), "x": Column("string", "a")}),
        Case("partition key: of another type", {"id": {"N": "1"}}),
        Case("sort key: absent", {"id": {"S": "k"}}, None, "sorted"),
        Case("index key: absent", _KEY, {"id": Column("string", "k"), "other": Column("string", None)}, "indexed"),
        Case("index key: of another type", {**_KEY, "other": {"N": "1"}}, None, "indexed"),
    ]


def _sizes() -> list[Case]:
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
    return [*made, *[_document(f"size: a list of {count} numbers of one digit", text) for count, text in short.items()]]


def _measured(text: str, size: int) -> tuple[Any, int, Column]:
    case = _document(text, text)
    return case.item["x"], size, (case.columns or {})["x"]


def _at_the_limit(name: str, attribute: Any, size: int, column: Column | None) -> list[Case]:
    """Return an item of exactly the largest size, and one of a byte more."""
    made = []
    for more, what in ((0, "of the largest size"), (1, "a byte larger")):
        padding = "p" * (MAX_ITEM_BYTES - _KEY_BYTES - 1 - size - 1 + more)
        case = _one(f"size: {name}, {what}", attribute, column)
        item = {**case.item, "p": {"S": padding}}
        if attribute is None:
            del item["x"]
        columns = None if case.columns is None else {**case.columns, "p": Column("string", padding)}
        made.append(replace(case, item=item, columns=columns))
    return made
