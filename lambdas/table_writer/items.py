"""Items as DynamoDB JSON has them, and when two of them are the same.

Numbers are the same by value, sets whatever their order, binary values by their bytes, all else as it is written:
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


def same(one: Item | None, other: Item | None) -> bool:
    """Return whether both are the same item, or both none."""
    if one is None or other is None:
        return one is other
    return one.keys() == other.keys() and not differing(one, other)


def differing(one: Item, other: Item) -> list[str]:
    """Return the attributes that both have with other values, in the order of `one`."""
    return [name for name in one if name in other and canonical(one[name]) != canonical(other[name])]


def only_in(one: Item, other: Item) -> list[str]:
    """Return the attributes of `one` that `other` lacks, in their order."""
    return [name for name in one if name not in other]


def canonical(attribute: Attribute) -> Hashable:
    """Return what two attributes have in common if DynamoDB holds them for equal."""
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
    """Return an item of a line with bytes where the line has base64."""
    return {name: _converted(attribute, base64.b64decode) for name, attribute in item.items()}


def to_json(item: Item) -> Item:
    """Return an item as a line has it."""
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
