"""An item at a limit, and the row that becomes it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

KEY = {"id": {"S": "k"}}
KEY_BYTES = 3


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


def attribute_case(name: str, attribute: Any, column: Column | None = None, attribute_name: str = "x") -> Case:
    columns = None if column is None else {"id": Column("string", "k"), attribute_name: column}
    return Case(name, {**KEY, attribute_name: attribute}, columns)


def document(name: str, text: str) -> Case:
    """Return the case of a JSON document; its wire form is made by a converter of the tests' own."""
    value = json.loads(text, parse_float=NumberText, parse_int=NumberText, parse_constant=NumberText)
    declared = "M" if text.lstrip().startswith("{") else "L"
    return attribute_case(name, wire(value), Column("string", text, declared))


class NumberText(str):
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
    return {"N": str(value)} if isinstance(value, NumberText) else {"S": value}
