"""Items at a limit, and the rows that become them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

KEY = {"id": {"S": "k"}}
KEY_BYTES = 3


@dataclass(frozen=True)
class Column:
    """A column of a row: its SQL type, its value, and its declared DynamoDB type."""

    sql_type: str
    value: Any
    declared: str | None = None


@dataclass(frozen=True)
class Case:
    """An item in DynamoDB JSON, its table, and the columns of the row that becomes it."""

    name: str
    item: dict[str, Any]
    columns: dict[str, Column] | None = None
    table: str = "plain"

    @property
    def line(self) -> bytes:
        """Return the item as a line of an import, in ASCII."""
        return json.dumps({"Item": self.item}).encode()


def attribute_case(name: str, attribute: Any, column: Column | None = None, attribute_name: str = "x") -> Case:
    columns = None if column is None else {"id": Column("string", "k"), attribute_name: column}
    return Case(name, {**KEY, attribute_name: attribute}, columns)


def document(name: str, text: str) -> Case:
    """Return the case of a JSON document, whose wire form the tests' own converter makes."""
    value = json.loads(text, parse_float=NumberText, parse_int=NumberText, parse_constant=NumberText)
    declared = "M" if text.lstrip().startswith("{") else "L"
    return attribute_case(name, wire(value), Column("string", text, declared))


class NumberText(str):
    """The text of a number, to distinguish it from strings of the document."""

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
    return {"N": str(value)} if isinstance(value, NumberText) else {"S": value}
