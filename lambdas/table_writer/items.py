"""Items in DynamoDB JSON, and their equality.

Numbers are equal by value, sets regardless of order, binary values by their bytes, everything else as written:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
"""

from __future__ import annotations

import base64
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

Attribute = dict[str, Any]  # {"N": "1"}; binary values are bytes
Item = dict[str, Attribute]


def same(item: Item | None, other: Item | None) -> bool:
    """Return whether both are the same item, or both None."""
    if item is None or other is None:
        return item is other
    return item.keys() == other.keys() and not differing(item, other)


def differing(item: Item, other: Item) -> list[str]:
    """Return the attributes that both have with different values, in the order of `item`."""
    return [name for name in item if name in other and canonical(item[name]) != canonical(other[name])]


def only_in(item: Item, other: Item) -> list[str]:
    """Return the attributes of `item` that `other` lacks, in their order."""
    return [name for name in item if name not in other]


def canonical(attribute: Attribute) -> Hashable:
    """Return a value that is the same for all attributes that DynamoDB considers equal."""
    ((kind, value),) = attribute.items()
    match kind:
        case "N":
            return kind, Decimal(value)
        case "NS":
            return kind, frozenset(map(Decimal, value))
        case "SS" | "BS":
            return kind, frozenset(value)
        case "L":
            return kind, tuple(map(canonical, value))
        case "M":
            return kind, frozenset((name, canonical(inner)) for name, inner in value.items())
        case _:
            return kind, value


def from_json(item: Item) -> Item:
    """Return the item of a line, with base64 decoded to bytes."""
    return {name: _converted(attribute, base64.b64decode) for name, attribute in item.items()}


def to_json(item: Item) -> Item:
    """Return the item for a line, with bytes encoded as base64."""
    return {
        name: _converted(attribute, lambda value: base64.b64encode(value).decode()) for name, attribute in item.items()
    }


def _converted(attribute: Attribute, convert: Callable[[Any], Any]) -> Attribute:
    ((kind, value),) = attribute.items()
    match kind:
        case "B":
            return {kind: convert(value)}
        case "BS":
            return {kind: [convert(entry) for entry in value]}
        case "L":
            return {kind: [_converted(entry, convert) for entry in value]}
        case "M":
            return {kind: {name: _converted(inner, convert) for name, inner in value.items()}}
        case _:
            return attribute
