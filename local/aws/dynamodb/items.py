"""Imported items, each kept as its line until something reads its attributes.

moto keeps one object per attribute, 6 KB for an item of ours, and every item it ever made. A line takes a tenth of
that.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, Self

from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict

if TYPE_CHECKING:
    from moto.dynamodb.models.table import Table


class ImportedItem(Item):  # type: ignore[misc]  # moto has no types
    """An item that parses its line on first use."""

    def __new__(cls, *_: object, **__: object) -> Self:
        """Create an item without adding it to moto's list of all instances."""
        return object.__new__(cls)

    def __init__(self, hash_key: DynamoType, range_key: DynamoType | None, line: bytes) -> None:
        self.hash_key = hash_key
        self.range_key = range_key
        self.line: bytes | None = line

    @property
    def attrs(self) -> LimitedSizeDict:
        """Return the attributes in moto's form. From then on they replace the line."""
        if self.line is not None:
            unpacked = LimitedSizeDict()
            for name, value in json.loads(self.line)["Item"].items():
                dict.__setitem__(unpacked, name, DynamoType(_with_bytes(value)))
            self._attrs, self.line = unpacked, None
        return self._attrs

    @attrs.setter
    def attrs(self, value: LimitedSizeDict) -> None:
        self._attrs, self.line = value, None


def add(table: Table, item: dict[str, Any], line: bytes) -> None:
    """Put an imported item into the table, replacing any item with the same key."""
    hash_key = DynamoType(item[table.hash_key_attr])
    if table.range_key_attr is None:
        table.items[hash_key] = ImportedItem(hash_key, None, line)
    else:
        range_key = DynamoType(item[table.range_key_attr])
        table.items[hash_key][range_key] = ImportedItem(hash_key, range_key, line)


def text(item: Item) -> bytes:
    """Return the item as one line of DynamoDB JSON, without the line feed."""
    if isinstance(item, ImportedItem) and item.line is not None:
        return item.line
    document = item.to_json(root_attr_name="Item")
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False, default=_base64).encode()


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _with_bytes(attribute: dict[str, Any]) -> dict[str, Any]:
    """Return an attribute with its base64 decoded to bytes, as moto stores requests."""
    ((kind, value),) = attribute.items()
    match kind:
        case "B":
            return {kind: base64.b64decode(value)}
        case "BS":
            return {kind: [base64.b64decode(entry) for entry in value]}
        case "L":
            return {kind: [_with_bytes(entry) for entry in value]}
        case "M":
            return {kind: {name: _with_bytes(inner) for name, inner in value.items()}}
        case _:
            return attribute
