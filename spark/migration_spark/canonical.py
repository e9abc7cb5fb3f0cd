"""Canonical text per attribute, for both sides of the comparison: equal text means equal value, and nothing else does.

A value is `<type>:<text>`, absent is `-`. Numbers become sign, digits and exponent; sets are sorted; documents have
their keys sorted. Nothing here is shared with how items are written.
"""

from __future__ import annotations

import json
from decimal import Decimal
from functools import lru_cache, reduce
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from migration_spark.rules import kind_of

if TYPE_CHECKING:
    from pyspark.sql import Column as Expression
    from pyspark.sql import DataFrame

    from migration_spark.spec import Table

ABSENT = "-"
# Both sides declare what they find; the left is the spec's kind, the right the type tag in the export.
STORED = {"date": "S", "timestamp": "S", "epoch_seconds": "N"}
_PLAIN_INTEGER = r"^-?[1-9]\d*[1-9]$|^-?[1-9]$"
_MOMENT = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$"
_CACHED_DOCUMENTS = 50_000


def source_value(table: Table, result: DataFrame, name: str) -> Expression:
    """Return the canonical text of a result column."""
    value = F.col(name)
    kind = kind_of(table, name, result.schema[name].dataType)
    if kind == "M":
        text = F.udf(plain_document)(value)
    elif kind in ("SS", "NS"):
        text = F.when(F.size(value) > 0, _set(F.array_distinct(value), kind))
    elif kind == "L":
        text = _list(F.transform(value, lambda v: F.coalesce(F.concat(F.lit("S:"), v), F.lit("NULL:true"))))
    elif kind == "N":
        text = number(value.cast("string"))
    elif kind == "epoch_seconds":
        text = number(F.floor(F.unix_micros(value.cast("timestamp")) / 1_000_000).cast("string"))
    elif kind == "timestamp":
        text = F.unix_micros(value).cast("string")
    elif kind == "B":
        text = F.hex(value)
    else:
        text = value.cast("string")
    return F.coalesce(F.concat(F.lit(f"{STORED.get(kind, kind)}:"), text), F.lit(ABSENT))


def target_value(table: Table, result: DataFrame, name: str) -> Expression:
    """Return the canonical text of an exported attribute: `Item[name]`, a map of one type tag to its text."""
    kind = kind_of(table, name, result.schema[name].dataType)
    attribute = F.col("Item").getItem(name)
    tag = F.map_keys(attribute)[0]
    given = attribute.getItem(tag)
    as_found = F.concat(tag, F.lit(":"), given)  # an unexpected type tag is a difference, told as it stands
    text = _decoded(kind, given)
    expected = STORED.get(kind, kind)
    right = F.when(tag == expected, F.coalesce(F.concat(F.lit(f"{expected}:"), text), as_found)).otherwise(as_found)
    return F.when(attribute.isNull(), F.lit(ABSENT)).otherwise(right)


def number(text: Expression) -> Expression:
    """Return a number's text as sign, digits without outer zeros, and exponent."""
    mantissa = F.regexp_replace(F.regexp_replace(text, "[eE].*$", ""), "^[+-]", "")
    power = F.coalesce(F.regexp_extract(text, r"[eE]([+-]?\d+)$", 1).cast("int"), F.lit(0))
    fraction = F.regexp_extract(mantissa, r"\.(\d*)$", 1)
    every = F.regexp_replace(mantissa, r"\.", "")
    without_end = F.regexp_replace(every, "0+$", "")
    digits = F.regexp_replace(without_end, "^0+", "")
    exponent = power - F.length(fraction) + F.length(every) - F.length(without_end)
    sign = F.when(text.startswith("-"), F.lit("-")).otherwise(F.lit(""))
    slow = F.when(digits == "", F.lit("0")).otherwise(F.concat(sign, digits, F.lit("e"), exponent.cast("string")))
    return F.when(text.rlike(_PLAIN_INTEGER), F.concat(text, F.lit("e0"))).otherwise(slow)


def _decoded(kind: str, given: Expression) -> Expression:
    if kind == "M":
        return F.udf(typed_document)(given)
    if kind in ("SS", "NS"):
        return _set(F.from_json(given, "array<string>"), kind)
    if kind == "L":
        entries = F.from_json(given, "array<map<string,string>>")
        return _list(F.transform(entries, lambda e: F.concat(F.map_keys(e)[0], F.lit(":"), F.map_values(e)[0])))
    if kind in ("N", "epoch_seconds"):
        return number(given)
    if kind == "timestamp":
        return F.when(given.rlike(_MOMENT), F.unix_micros(given.cast("timestamp")).cast("string"))
    if kind == "B":
        return F.hex(F.unbase64(given))
    return given


def _set(values: Expression, kind: str) -> Expression:
    return _list(F.array_sort(F.transform(values, number) if kind == "NS" else values))


def _list(values: Expression) -> Expression:
    return F.array_join(F.transform(values, lambda v: F.concat(F.octet_length(v).cast("string"), F.lit(":"), v)), ",")


@lru_cache(maxsize=_CACHED_DOCUMENTS)
def plain_document(text: str | None) -> str | None:
    """Return a JSON object's canonical text; numbers keep every digit."""
    return None if text is None else _written(_typed(json.loads(text, parse_float=Decimal, parse_int=Decimal)))


@lru_cache(maxsize=_CACHED_DOCUMENTS)
def typed_document(text: str | None) -> str | None:
    """Return the same of the inside of a DynamoDB M: {"name": {"S": "x"}}."""
    if text is None:
        return None
    found = json.loads(text)
    return _written({"M": {name: _normal(value) for name, value in found.items()}})


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


def row_text(values: list[Expression]) -> Expression:
    """Return one text of all values; lengths keep (`a`, `bc`) and (`ab`, `c`) apart."""
    parts = [F.concat(F.octet_length(value).cast("string"), F.lit(":"), value) for value in values]
    return reduce(lambda left, right: F.concat(left, F.lit(","), right), parts)


def hash_128(text: Expression) -> Expression:
    """Return 128 bits of the text's SHA-256."""
    return F.unhex(F.substring(F.sha2(text, 256), 1, 32))
