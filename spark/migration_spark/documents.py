"""Canonical text of JSON documents, for both sides of the comparison: keys sorted, numbers as digits and exponent.

Nothing here is shared with how items are written.
"""

from __future__ import annotations

import json
from decimal import Decimal
from functools import lru_cache
from typing import Any

_CACHED = 50_000


@lru_cache(maxsize=_CACHED)
def plain(text: str | None) -> str | None:
    """Return the canonical text of a JSON document; numbers keep every digit."""
    return None if text is None else _written(_typed(json.loads(text, parse_float=Decimal, parse_int=Decimal)))


@lru_cache(maxsize=_CACHED)
def typed(text: str | None) -> str | None:
    """Return the same of the inside of a DynamoDB M or L: {"name": {"S": "x"}}, [{"S": "x"}]."""
    if text is None:
        return None
    found = json.loads(text)
    return _written(_normal({"M" if isinstance(found, dict) else "L": found}))


def _typed(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return {"M": {name: _typed(inner) for name, inner in value.items()}}
    if isinstance(value, list):
        return {"L": [_typed(inner) for inner in value]}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, Decimal):
        return {"N": _digits(value)}
    return {"NULL": True} if value is None else {"S": value}


def _normal(value: dict[str, Any]) -> dict[str, Any]:
    (tag, inner), *more = value.items()
    if more:
        return {"?": value}
    if tag == "M":
        return {"M": {name: _normal(entry) for name, entry in inner.items()}}
    if tag == "L":
        return {"L": [_normal(entry) for entry in inner]}
    return {"N": _digits(Decimal(inner))} if tag == "N" else {tag: inner}


def _digits(value: Decimal) -> str:
    sign, digits, exponent = value.as_tuple()
    text = "".join(map(str, digits)).lstrip("0")
    stripped = text.rstrip("0")
    return f"{'-' if sign else ''}{stripped}e{int(exponent) + len(text) - len(stripped)}" if stripped else "0"


def _written(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
