"""Values of the driver, of raw rows and of exported items as Python's values, and their comparison."""

from __future__ import annotations

import base64
import json
import math
import struct
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, Callable

_WHOLE = ("smallint", "integer", "bigint", "date", "timestamp", "timestamptz")
_VALUE_CHARACTERS = 1024  # shown of a value


@dataclass(frozen=True)
class Odd:
    """Value of a driver that its column's type does not have, like infinity of a date."""

    text: str


@dataclass(frozen=True)
class Unseen(Odd):
    """Value that a driver is known to misread, so that it cannot be compared."""


def sampled(cell: Any, kind: str) -> Any:
    """Return the driver's value of a column of this catalog type; dates and timestamps are whole numbers."""
    if cell is None:
        return None
    if isinstance(cell, dict):
        return Odd(cell["odd"]) if "odd" in cell else Unseen(cell["unseen"])
    if kind == "bigint[]":
        return tuple(None if entry is None else int(entry) for entry in cell)
    if kind == "text[]":
        return tuple(cell)
    if kind.startswith("numeric"):
        return number(cell)
    made: dict[str, Callable[[Any], Any]] = {
        **dict.fromkeys(_WHOLE, int),
        **dict.fromkeys(("real", "double"), float),
        "boolean": lambda text: text == "true",
        "bytes": base64.b64decode,
    }
    return made.get(kind, str)(cell)


def landed(value: Any, kind: str) -> Any:
    """Return a raw row's value in the same form."""
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, bytearray):
        return bytes(value)
    return number(value) if kind == "numeric" and value is not None else value


def number(text: str) -> Decimal | str:
    """Return the number; return the text unchanged if it is not a finite number."""
    try:
        decimal = Decimal(text)
    except InvalidOperation:
        return text
    return decimal if decimal.is_finite() else text


def same(left: Any, right: Any, kind: str) -> bool:
    """Return whether two values of a column mean the same."""
    if isinstance(left, Unseen):
        return right is not None
    if left is None or right is None:
        return left is right
    if isinstance(left, float) and isinstance(right, float):
        return left == right or (left != left and right != right) or (kind == "real" and same_real(left, right))  # noqa: PLR0124 - NaN
    if kind == "json" and isinstance(left, str) and isinstance(right, str):
        return left == right or same_document(left, right)
    return type(left) is type(right) and bool(left == right)


def same_document(left: str, right: str) -> bool:
    """Return whether two texts are JSON with the same meaning."""
    try:
        return bool(document(left) == document(right))
    except (ValueError, RecursionError, InvalidOperation):
        return False


def document(text: str) -> Any:
    """Return the meaning of a JSON text: every value with its type, so that true differs from 1.

    Raises:
        ValueError: The text is not JSON.
    """
    return _meant(json.loads(text, parse_float=Decimal, parse_int=Decimal, parse_constant=_no_constant))


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _meant(value: Any) -> Any:
    if isinstance(value, dict):
        return ("M", {name: _meant(member) for name, member in value.items()})
    if isinstance(value, list):
        return ("L", [_meant(member) for member in value])
    tag = {str: "S", bool: "BOOL", Decimal: "N", type(None): "NULL"}[type(value)]
    return (tag, True if value is None else value)


def same_real(left: float | Decimal, right: float | Decimal) -> bool:
    """Return whether two numbers round to the same float of 32 bits."""
    if not (math.isfinite(left) and math.isfinite(right)):
        return False
    return _nearest_real(left) == _nearest_real(right)


def _nearest_real(value: float | Decimal) -> int:
    """Return the bits of the float nearest to the shortest text of a number."""
    exact = Fraction(Decimal(repr(value)) if isinstance(value, float) else value)
    size = abs(exact)
    bits: int
    try:
        (bits,) = struct.unpack("<i", struct.pack("<f", float(size)))
    except OverflowError:
        return -1
    # Rounding through a double may miss the nearest float.
    near = [candidate for candidate in (bits - 1, bits, bits + 1) if candidate >= 0 and math.isfinite(_real(candidate))]
    best = min(near, key=lambda candidate: (abs(Fraction(_real(candidate)) - size), candidate & 1))
    return -best if exact < 0 else best


def _real(bits: int) -> float:
    (value,) = struct.unpack("<f", struct.pack("<i", bits))
    return float(value)


def shown(value: Any) -> str:
    """Return a value as a report shows it."""
    if value is None:
        return "(null)"
    text = value.text if isinstance(value, Odd) else value.hex() if isinstance(value, bytes) else str(value)
    return text if len(text) <= _VALUE_CHARACTERS else text[:_VALUE_CHARACTERS] + "…"
