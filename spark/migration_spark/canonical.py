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

from migration_spark.rules import DOCUMENTS, STORED, attribute_names, kind_of

if TYPE_CHECKING:
    from pyspark.sql import Column as Expression
    from pyspark.sql import DataFrame

    from migration_spark.spec import Table

ABSENT = "-"
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_MOMENT = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$"
_CACHED_DOCUMENTS = 50_000


def source_values(table: Table, result: DataFrame, keep: list[str]) -> DataFrame:
    """Return the columns of `keep`, and every attribute's canonical text under its name.

    In two steps, so that what a text is made of is computed once, however often the second step looks at it.
    """
    kinds = _kinds(table, result)
    texts = [_source_text(name, kind).alias(name) for name, kind in kinds.items()]
    finished = [_finished(name, kind) for name, kind in kinds.items()]
    return numbers(result.select(*keep, *texts), _number_names(kinds)).select(*keep, *finished)


def target_values(table: Table, result: DataFrame, lines: DataFrame, keep: list[str]) -> DataFrame:
    """Return the same of export lines, whose `Item` maps each attribute to a map of one type tag to its text."""
    kinds = _kinds(table, result)
    found = [F.col("Item")[name].alias(name) for name in kinds]
    tags = [F.map_keys(name)[0].alias(f"{name}/tag") for name in kinds]
    given = [F.map_values(name)[0].alias(f"{name}/given") for name in kinds]
    texts = [_decoded(kind, F.col(f"`{name}/given`")).alias(name) for name, kind in kinds.items()]
    rows = lines.select(*keep, *found).select(*keep, *tags, *given).select("*", *texts)
    return numbers(rows, _number_names(kinds)).select(*keep, *[_recognised(name, kind) for name, kind in kinds.items()])


def number(text: Expression) -> Expression:
    """Return a number's text as sign, digits without outer zeros, and exponent; other text stays."""
    lowered = F.lower(text)
    mantissa = F.translate(F.substring_index(lowered, "e", 1), "+-", "")
    power = F.when(lowered.contains("e"), F.substring_index(lowered, "e", -1).cast("int")).otherwise(0)
    fraction = F.when(mantissa.contains("."), F.substring_index(mantissa, ".", -1)).otherwise("")
    every = F.translate(F.concat(F.substring_index(mantissa, ".", 1), fraction), "0", " ")
    without_end = F.rtrim(every)
    digits = F.translate(F.ltrim(without_end), " ", "0")
    exponent = power - F.length(fraction) + F.length(every) - F.length(without_end)
    sign = F.when(text.startswith("-"), "-").otherwise("")
    whole = F.when(digits == "", "0").otherwise(F.concat(sign, digits, F.lit("e"), exponent.cast("string")))
    return F.when(text.rlike(_NUMBER), whole).otherwise(text)


def _number_names(kinds: dict[str, str]) -> list[str]:
    return [name for name, kind in kinds.items() if STORED.get(kind, kind) == "N"]


def numbers(rows: DataFrame, names: list[str]) -> DataFrame:
    """Return the rows with `number` of these columns, in steps.

    Each step's columns are looked at twice by the next, so Spark keeps them apart and makes each once; as one
    expression its parts would be made again in every branch.
    """
    steps: tuple[tuple[str, Any], ...] = (
        ("lowered", lambda part: F.lower(part(""))),
        ("mantissa", lambda part: F.translate(F.substring_index(part("/lowered"), "e", 1), "+-", "")),
        (
            "fraction",
            lambda part: F.when(
                part("/mantissa").contains("."), F.substring_index(part("/mantissa"), ".", -1)
            ).otherwise(""),
        ),
        (
            "every",
            lambda part: F.translate(
                F.concat(F.substring_index(part("/mantissa"), ".", 1), part("/fraction")), "0", " "
            ),
        ),
        ("start", lambda part: F.rtrim(part("/every"))),
        ("digits", lambda part: F.translate(F.ltrim(part("/start")), " ", "0")),
    )
    for step, made in steps:
        rows = rows.select(
            "*", *[made(lambda end, name=name: F.col(f"`{name}{end}`")).alias(f"{name}/{step}") for name in names]
        )
    plain = [name for name in rows.columns if name not in names]
    return rows.select(*[F.col(f"`{name}`") for name in plain], *[_assembled(name).alias(name) for name in names])


def _assembled(name: str) -> Expression:
    text, lowered, digits = F.col(f"`{name}`"), F.col(f"`{name}/lowered`"), F.col(f"`{name}/digits`")
    power = F.when(lowered.contains("e"), F.substring_index(lowered, "e", -1).cast("int")).otherwise(0)
    zeros = F.length(F.col(f"`{name}/every`")) - F.length(F.col(f"`{name}/start`"))
    exponent = power - F.length(F.col(f"`{name}/fraction`")) + zeros
    sign = F.when(text.startswith("-"), "-").otherwise("")
    whole = F.when(digits == "", "0").otherwise(F.concat(sign, digits, F.lit("e"), exponent.cast("string")))
    return F.when(text.rlike(_NUMBER), whole).otherwise(text)


def _kinds(table: Table, result: DataFrame) -> dict[str, str]:
    return {name: kind_of(table, name, result.schema[name].dataType) for name in attribute_names(result)}


def _source_text(name: str, kind: str) -> Expression:
    value = F.col(f"`{name}`")
    if kind in DOCUMENTS:
        return F.udf(plain_document)(value)
    if kind in ("SS", "NS"):
        return F.when(F.size(value) > 0, _set(F.array_distinct(value.cast("array<string>")), kind))
    if kind == "L":
        return _list(F.transform(value, lambda v: F.coalesce(F.concat(F.lit("S:"), v), F.lit("NULL:true"))))
    if kind == "number_list":
        texts = value.cast("array<string>")
        return _list(F.transform(texts, lambda v: F.coalesce(F.concat(F.lit("N:"), number(v)), F.lit("NULL:true"))))
    if kind == "epoch_seconds":
        return F.floor(F.unix_micros(value.cast("timestamp")) / 1_000_000).cast("string")
    if kind == "timestamp":
        return F.unix_micros(value).cast("string")
    return F.hex(value) if kind == "B" else value.cast("string")


def _finished(name: str, kind: str) -> Expression:
    text = F.col(f"`{name}`")
    return F.coalesce(F.concat(F.lit(f"{STORED.get(kind, kind)}:"), text), F.lit(ABSENT)).alias(name)


def _recognised(name: str, kind: str) -> Expression:
    """Return `<tag>:<text>`; an unexpected tag, or a text that is not of the kind, stands as it was found."""
    tag, given, text = F.col(f"`{name}/tag`"), F.col(f"`{name}/given`"), F.col(f"`{name}`")
    expected = STORED.get(kind, kind)
    value = F.when(tag == expected, F.coalesce(text, given)).otherwise(given)
    return F.when(tag.isNull(), F.lit(ABSENT)).otherwise(F.concat(tag, F.lit(":"), value)).alias(name)


def _decoded(kind: str, given: Expression) -> Expression:
    if kind in DOCUMENTS:
        return F.udf(typed_document)(given)
    if kind in ("SS", "NS"):
        return _set(F.from_json(given, "array<string>"), kind)
    if kind in ("L", "number_list"):
        entries = F.from_json(given, "array<map<string,string>>")
        return _list(F.transform(entries, _entry))
    if kind == "timestamp":
        return F.when(given.rlike(_MOMENT), F.unix_micros(given.cast("timestamp")).cast("string"))
    if kind == "B":
        return F.hex(F.unbase64(given))
    return given


def _entry(entry: Expression) -> Expression:
    """Return a list's entry as `<tag>:<text>`; one that is no single string, number or null stands as it was found."""
    tag, text = F.map_keys(entry)[0], F.map_values(entry)[0]
    plain = (F.size(entry) == 1) & tag.isin("S", "N", "NULL")
    told = F.concat(tag, F.lit(":"), F.when(tag == "N", number(text)).otherwise(text))
    return F.coalesce(F.when(plain, told), F.concat(F.lit("?:"), F.to_json(entry)))


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


def row_text(values: list[Expression]) -> Expression:
    """Return one text of all values; lengths keep (`a`, `bc`) and (`ab`, `c`) apart."""
    parts = [F.concat(F.octet_length(value).cast("string"), F.lit(":"), value) for value in values]
    return reduce(lambda left, right: F.concat(left, F.lit(","), right), parts)


def hash_128(text: Expression) -> Expression:
    """Return 128 bits of the text's SHA-256."""
    return F.unhex(F.substring(F.sha2(text, 256), 1, 32))
