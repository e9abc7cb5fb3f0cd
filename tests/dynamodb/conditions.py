"""Conditions of writes: values of every type against each other, and expressions at their limits."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations_with_replacement
from typing import Any

MET, NOT_MET, REFUSED = "met", "not met", "refused"
_MOST_BYTES, _MOST_OPERATORS, _MOST_PLACEHOLDER_BYTES = 4096, 300, 255
_MEBIBYTE = 1024 * 1024
_VALUES: dict[str, Any] = {
    "S 1": {"S": "1"},
    "S, empty": {"S": ""},
    "S AA==": {"S": "AA=="},
    "N 1": {"N": "1"},
    "N 1.00": {"N": "1.00"},
    "N 10E-1": {"N": "10E-1"},
    "N 0": {"N": "0"},
    "N -0": {"N": "-0"},
    "N of 38 digits": {"N": "1" * 38},
    "N of 38 digits, another last one": {"N": "1" * 37 + "2"},
    "B": {"B": "AA=="},
    "BOOL": {"BOOL": True},
    "NULL": {"NULL": True},
    "SS": {"SS": ["a", "b"]},
    "SS in another order": {"SS": ["b", "a"]},
    "SS with one more": {"SS": ["a", "b", "c"]},
    "NS": {"NS": ["1", "2"]},
    "NS in another order and notation": {"NS": ["2.0", "1"]},
    "BS": {"BS": ["AA==", "AQ=="]},
    "L of two": {"L": [{"S": "a"}, {"S": "b"}]},
    "L in another order": {"L": [{"S": "b"}, {"S": "a"}]},
    "L, empty": {"L": []},
    "M, empty": {"M": {}},
    "M of an N": {"M": {"a": {"N": "1"}}},
    "M of an N in another notation": {"M": {"a": {"N": "1.0"}}},
    "M of an S": {"M": {"a": {"S": "1"}}},
    "M of a BOOL": {"M": {"a": {"BOOL": True}}},
    "M of S AA==": {"M": {"a": {"S": "AA=="}}},
    "M of B AA==": {"M": {"a": {"B": "AA=="}}},
    "M of a set": {"M": {"l": {"L": [{"SS": ["a", "b"]}]}}},
    "M of a set in another order": {"M": {"l": {"L": [{"SS": ["b", "a"]}]}}},
    "M of two": {"M": {"a": {"NULL": True}, "b": {"S": "1"}}},
    "M of two in another order": {"M": {"b": {"S": "1"}, "a": {"NULL": True}}},
}


@dataclass(frozen=True)
class Condition:
    """A conditional put over an existing or missing item."""

    name: str
    stored: dict[str, Any] | None
    expression: str
    names: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def request(self) -> dict[str, Any]:
        """Return the fields of PutItem except the table."""
        return {
            "Item": {"id": {"S": "k"}},
            "ConditionExpression": self.expression,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            **({"ExpressionAttributeNames": self.names} if self.names else {}),
            **({"ExpressionAttributeValues": self.values} if self.values else {}),
        }


def conditions() -> list[Condition]:
    """Return every case."""
    return [*_equalities(), *_existence(), *_limits(), *_placeholders()]


def _stored(**attributes: Any) -> dict[str, Any]:
    return {"id": {"S": "k"}, **attributes}


def _equalities() -> list[Condition]:
    pairs = combinations_with_replacement(_VALUES, 2)
    return [
        Condition(f"{left} = {right}", _stored(x=_VALUES[left]), "#x=:v", {"#x": "x"}, {":v": _VALUES[right]})
        for left, right in pairs
    ]


def _existence() -> list[Condition]:
    x, v = {"#x": "x"}, {":v": {"S": "a"}}
    null, there = _stored(x={"NULL": True}), _stored(x={"S": "a"})
    return [
        Condition("an attribute that is missing equals a value", _stored(), "#x=:v", x, v),
        Condition("an attribute of an item that is missing equals a value", None, "#x=:v", x, v),
        Condition("an attribute that is missing equals NULL", _stored(), "#x=:v", x, {":v": {"NULL": True}}),
        Condition("attribute_exists: there", there, "attribute_exists(#x)", x),
        Condition("attribute_exists: null", null, "attribute_exists(#x)", x),
        Condition("attribute_exists: missing", _stored(), "attribute_exists(#x)", x),
        Condition("attribute_exists: no item", None, "attribute_exists(#x)", x),
        Condition("attribute_not_exists: there", there, "attribute_not_exists(#x)", x),
        Condition("attribute_not_exists: null", null, "attribute_not_exists(#x)", x),
        Condition("attribute_not_exists: missing", _stored(), "attribute_not_exists(#x)", x),
        Condition("attribute_not_exists: no item", None, "attribute_not_exists(#x)", x),
        Condition("one of two conditions holds", there, "#x=:v AND attribute_not_exists(#x)", x, v),
    ]


def _limits() -> list[Condition]:
    """Return conditions with exactly the most bytes and operators, and with one more."""
    x, v = {"#x": "x"}, {":v": {"S": "a"}}
    there = _stored(x={"S": "a"})
    made = []
    for more in (0, 1):
        blanks = " " * (_MOST_BYTES - len("#x=:v") + more)
        made.append(Condition(f"{_MOST_BYTES + more} bytes", there, f"#x={blanks}:v", x, v))
        equations = (_MOST_OPERATORS + more + 1) // 2
        terms = ["#x=:v"] * equations
        if (_MOST_OPERATORS + more) % 2 == 0:
            terms[0] = "NOT #x<>:v"
        made.append(
            Condition(f"{2 * equations - 1 + (terms[0] != '#x=:v')} operators", there, " AND ".join(terms), x, v)
        )
        functions = ["attribute_exists(#x)"] * (100 + more)
        made.append(Condition(f"{100 + more} functions", there, " AND ".join(functions), x))
    value = {"S": "a" * (_MEBIBYTE - 1)}
    for name, rest in (("within", -100), ("beyond", 100)):
        values = {":v": {"S": "a"}, ":w": value, ":x": {"S": "a" * (_MEBIBYTE + rest)}}
        made.append(Condition(f"values {name} 2 MB", there, "#x=:v OR #x=:w OR #x=:x", x, values))
    return made


def _placeholders() -> list[Condition]:
    x, v, there = {"#x": "x"}, {":v": {"S": "a"}}, _stored(x={"S": "a"})
    longest = "n" * (_MOST_PLACEHOLDER_BYTES - 1)
    return [
        Condition("a name that is not used", there, "#x=:v", {**x, "#y": "y"}, v),
        Condition("a value that is not used", there, "#x=:v", x, {**v, ":w": {"S": "b"}}),
        Condition("a name that is not given", there, "#y=:v", {}, v),
        Condition("a value that is not given", there, "#x=:w", x, v),
        Condition("a placeholder of 255 bytes", there, f"#{longest}=:v", {f"#{longest}": "x"}, v),
        Condition("a placeholder of 256 bytes", there, f"#{longest}n=:v", {f"#{longest}n": "x"}, v),
        Condition("a placeholder of one digit", there, "#0=:0", {"#0": "x"}, {":0": {"S": "a"}}),
        Condition("a placeholder that begins with a digit", there, "#0a=:0a", {"#0a": "x"}, {":0a": {"S": "a"}}),
        Condition("an empty expression", there, ""),
        Condition("a value that is an empty set", there, "#x=:v", x, {":v": {"SS": []}}),
        Condition("a name with a dot", _stored(**{"a.b": {"S": "a"}}), "#x=:v", {"#x": "a.b"}, v),
        Condition("one name twice", there, "#x=:v AND #y=:v", {"#x": "x", "#y": "x"}, v),
    ]
