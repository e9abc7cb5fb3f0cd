"""DynamoDB's limits on an item: numbers, sets, nesting, names, keys and size.

They follow AWS's pages and the answers of real tables. A test compares them with the oracle's verdicts:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
https://github.com/paritysuite/dynamodb-conformance (src/item-size.ts, tests/tier3/limits)
"""

from __future__ import annotations

import base64
import binascii
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

MAX_ITEM_BYTES = 400 * 1024
_MAX_NAME_BYTES = 65_535
_MAX_LEVELS = 32
_MAX_DIGITS = 38
_HIGHEST_EXPONENT, _LOWEST_EXPONENT = 125, -130
_NUMBER = re.compile(r"[+-]?(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?", re.ASCII)
_MAX_KEY_BYTES = {"HASH": 2048, "RANGE": 1024}
_STRUCTURE_BYTES = 3


def refusal(item: dict[str, Any], keys: dict[str, tuple[str, int]], required: set[str]) -> str | None:
    """Return the reason why DynamoDB refuses an item, or None if it accepts it.

    `keys` maps each key attribute of the table and its indexes to its type and its most bytes. `required` names the
    table's own key attributes.
    """
    try:
        for name in required - item.keys():
            return f"Missing the key {name} in the item"
        size = item_bytes(item)
        for name, (kind, most) in keys.items():
            if name in item:
                _key(name, item[name], kind, most)
    except _RefusedError as refused:
        return str(refused)
    return "Item size has exceeded the maximum allowed size" if size > MAX_ITEM_BYTES else None


def item_bytes(item: dict[str, Any]) -> int:
    """Return the bytes that DynamoDB charges for an item.

    Raises:
        ValueError: DynamoDB refuses a part of it.
    """
    return sum(_name(name) + _value(value, 1) for name, value in item.items())


def key_limits(
    key: list[dict[str, str]], indexes: list[dict[str, Any]], types: dict[str, str]
) -> dict[str, tuple[str, int]]:
    """Return the type and the most bytes of each key attribute of a table and its indexes."""
    limits: dict[str, tuple[str, int]] = {}
    for part in (*key, *(part for index in indexes for part in index["KeySchema"])):
        name, most = part["AttributeName"], _MAX_KEY_BYTES[part["KeyType"]]
        limits[name] = types[name], min(most, limits[name][1]) if name in limits else most
    return limits


class _RefusedError(ValueError):
    """A part of an item that DynamoDB refuses."""


def _name(name: str) -> int:
    size, _ = _text(name)
    if not size:
        raise _RefusedError("Empty attribute name")
    if size > _MAX_NAME_BYTES:
        raise _RefusedError("Attribute name is too large, must be less than 65536 bytes")
    return size


def _value(value: Any, level: int) -> int:
    """Return the bytes of a value. The attribute itself is level 1."""
    if level > _MAX_LEVELS:
        raise _RefusedError("Attributes in the item have nested levels beyond supported limit")
    if not isinstance(value, dict) or len(value) != 1:
        raise _RefusedError("An attribute value must contain exactly one of the supported datatypes")
    ((kind, content),) = value.items()
    match kind, content:
        case "S" | "N" | "B", str() | bytes():
            size, _ = _SCALARS[kind](content)
        case ("BOOL", bool()) | ("NULL", True):
            size = 1
        case "SS" | "NS" | "BS", list():
            size = _set(kind, content)
        case "L", list():
            size = _STRUCTURE_BYTES + sum(1 + _value(entry, level + 1) for entry in content)
        case "M", dict():
            names = sum(1 + _name(name) for name in content)
            size = _STRUCTURE_BYTES + names + sum(_value(entry, level + 1) for entry in content.values())
        case _:
            raise _RefusedError(f"The value is not of type {kind}")
    return size


def _set(kind: str, entries: list[Any]) -> int:
    if not entries or None in entries:
        raise _RefusedError("A set must not be empty or hold a null")
    sizes, identities = zip(*map(_SCALARS[kind[0]], entries), strict=True)
    if len(set(identities)) < len(entries):
        raise _RefusedError("Input collection contains duplicates")
    return sum(sizes)


def _text(text: str) -> tuple[int, str]:
    """Return the bytes of a text and its canonical value."""
    try:
        return len(text.encode()), text
    except UnicodeEncodeError:
        raise _RefusedError("The text holds half a surrogate pair") from None


def _binary(content: str | bytes) -> tuple[int, bytes]:
    """Return the bytes of a binary value, which moto may have decoded, and its canonical value."""
    try:
        decoded = content if isinstance(content, bytes) else base64.b64decode(content, validate=True)
    except binascii.Error:
        raise _RefusedError("The binary value is not base64") from None
    return len(decoded), decoded


def _number(text: str) -> tuple[int, Decimal]:
    """Return the bytes of a number and its canonical value.

    DynamoDB pairs the digits before the point and those behind it separately: 3.14159 takes one byte more than AWS's
    page says. The exponent that zero is written with must be within the range too.
    """
    parts = _NUMBER.fullmatch(text)
    if parts is None or not (parts[1] or parts[2]):
        raise _RefusedError(f"The parameter cannot be converted to a numeric value: {text}")
    digits, decimals, exponent = (parts[1] + (parts[2] or "")).lstrip("0"), len(parts[2] or ""), int(parts[3] or 0)
    highest = exponent - decimals + max(len(digits) - 1, 0)
    digits = digits.rstrip("0")
    if highest > _HIGHEST_EXPONENT:
        raise _RefusedError("Number overflow")
    if highest < _LOWEST_EXPONENT:
        raise _RefusedError("Number underflow")
    if len(digits) > _MAX_DIGITS:
        raise _RefusedError("Attempting to store more than 38 significant digits in a Number")
    if not digits:
        return 1, Decimal(0)
    whole = min(max(highest + 1, 0), len(digits))
    negative = text.startswith("-")
    return 1 + (whole + 1) // 2 + (len(digits) - whole + 1) // 2 + negative, Decimal(text)


def _key(name: str, value: dict[str, Any], kind: str, most: int) -> None:
    if kind not in value:
        raise _RefusedError(f"Type mismatch for key {name} expected: {kind} actual: {next(iter(value))}")
    if kind == "N":
        return
    size, _ = _SCALARS[kind](value[kind])
    if not size:
        raise _RefusedError(f"The AttributeValue for a key attribute cannot contain an empty value. Key: {name}")
    if size > most:
        raise _RefusedError(f"The size of the key {name} has exceeded the limit of {most} bytes")


_SCALARS: dict[str, Callable[[Any], tuple[int, Hashable]]] = {"S": _text, "N": _number, "B": _binary}
