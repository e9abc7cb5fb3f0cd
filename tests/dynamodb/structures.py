"""Sets, lists and maps at the limits."""

from __future__ import annotations

from tests.dynamodb.items import Case, Column, attribute_case, document


def sets() -> list[Case]:
    """Return the cases of sets, lists and maps."""
    words, numbers = "array<string>", "array<string>"
    return [
        attribute_case("SS: two texts", {"SS": ["a", "b"]}, Column(words, ["b", "a"], "SS")),
        attribute_case("SS: an empty text", {"SS": ["", "b"]}, Column(words, ["", "b"], "SS")),
        attribute_case("SS: texts that differ in case", {"SS": ["A", "a"]}, Column(words, ["A", "a"], "SS")),
        attribute_case("SS: empty", {"SS": []}),
        attribute_case("SS: a text twice", {"SS": ["a", "a"]}),
        attribute_case("SS: null", {"SS": ["a", None]}),
        attribute_case("NS: empty", {"NS": []}),
        attribute_case("NS: a number twice", {"NS": ["1", "1"]}),
        attribute_case("NS: a number in two notations", {"NS": ["1", "1.0"]}, Column(numbers, ["1", "1.0"], "NS")),
        attribute_case("NS: a number with an exponent", {"NS": ["1", "1e0"]}, Column(numbers, ["1", "1e0"], "NS")),
        attribute_case("NS: zero and minus zero", {"NS": ["-0", "0"]}, Column(numbers, ["-0", "0"], "NS")),
        attribute_case("NS: two numbers", {"NS": ["1", "1.1"]}, Column(numbers, ["1", "1.1"], "NS")),
        attribute_case("BS: empty", {"BS": []}),
        attribute_case("BS: bytes twice", {"BS": ["AA==", "AA=="]}),
        attribute_case("BS: two", {"BS": ["AA==", "AQ=="]}),
        attribute_case("L: empty", {"L": []}, Column("array<string>", [])),
        attribute_case("L: null", {"L": [{"S": "a"}, {"NULL": True}]}, Column("array<string>", ["a", None])),
        attribute_case("L: a text twice", {"L": [{"S": "a"}, {"S": "a"}]}, Column("array<string>", ["a", "a"])),
        attribute_case("M: empty", {"M": {}}, Column("string", "{}", "M")),
        attribute_case("a value without a type", {}),
        attribute_case("a value of two types", {"S": "a", "N": "1"}),
        attribute_case("NULL: false", {"NULL": False}),
    ]


def depths() -> list[Case]:
    """Return the cases of nesting."""
    made = []
    for levels in (30, 31, 32, 33, 34):
        made += [
            document(f"M: {levels} around a number", '{"a":' * levels + "1" + "}" * levels),
            document(f"M: {levels}, the last empty", '{"a":' * (levels - 1) + "{}" + "}" * (levels - 1)),
            document(f"L: {levels} around a number", "[" * levels + "1" + "]" * levels),
            document(f"L: {levels}, the last empty", "[" * levels + "]" * levels),
            document(
                f"M and L: {levels} around a text",
                ('{"a":[' * 17)[: 6 * (levels // 2) + 5 * (levels % 2)] + _tail(levels),
            ),
        ]
    return made


def _tail(levels: int) -> str:
    """Return a text and the closing brackets of so many objects and lists in turn."""
    return '"t"' + ("}" if levels % 2 else "") + "]}" * (levels // 2)
