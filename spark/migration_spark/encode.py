"""From result columns to one line of DynamoDB JSON, in SQL alone.

Format: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataImport.Format.html
"""

from __future__ import annotations

import json
from functools import reduce
from typing import TYPE_CHECKING

from pyspark.sql import functions as F
from pyspark.sql.types import DecimalType, StringType

from migration_spark.rules import DOCUMENTS, STORED, attribute_names, kind_of, number_text

if TYPE_CHECKING:
    from pyspark.sql import Column as Expression
    from pyspark.sql import DataFrame
    from pyspark.sql.types import DataType

    from migration_spark.spec import Table

# A key with its colon, a string, a number or word, a bracket or comma: all that JSON text made by the database has.
_TOKENS = r'"(?:[^"\\]|\\.)*+"(?:\s*:)?|-?\d[\d.eE+-]*|true|false|null|[\[\]{},]'
_SPECIAL = r'["\\\x00-\x1f]'
_CONTROLS = range(0x20)
_NULL = "\x00"  # stands for a null entry where no text has a control character
_NULL_ENTRY = '{"NULL":true}'
# Characters of a timestamp's text without a fraction, and with all of it.
_WHOLE_SECONDS, _MICROSECONDS = 19, 26


def item_text(table: Table, result: DataFrame) -> Expression:
    """Return an expression: the row as {"Item": {...}}; an attribute whose value is null is left out.

    It is put together from pieces: to_json has no way to write a document, nor the shortest text of a double.
    """
    kinds = {name: kind_of(table, name, result.schema[name].dataType) for name in attribute_names(result)}
    texts = [
        F.array_join(name, "") if kind in ("SS", "L") else F.col(name)
        for name, kind in kinds.items()
        if kind in ("S", "SS", "L") or (kind == "N" and isinstance(result.schema[name].dataType, StringType))
    ]
    special = F.concat_ws("", *texts).rlike(_SPECIAL) if texts else F.lit(False)
    # One look at all texts tells most rows that nothing in them needs an escape.
    return F.when(special, _without_controls(_item(kinds, result, special=True))).otherwise(
        _item(kinds, result, special=False)
    )


def _item(kinds: dict[str, str], result: DataFrame, *, special: bool) -> Expression:
    attributes = [_attribute(name, kind, result.schema[name].dataType, special=special) for name, kind in kinds.items()]
    return F.concat(F.lit('{"Item":{'), F.concat_ws(",", *attributes), F.lit("}}"))


def _attribute(name: str, kind: str, data_type: DataType, *, special: bool) -> Expression:
    """Return `"name":{"S":"text"}` and the like, or null where the attribute is absent."""
    value, named = F.col(name), json.dumps(name, ensure_ascii=False)
    if kind in DOCUMENTS:
        return F.concat(F.lit(f"{named}:"), _document(name))
    if kind == "BOOL":
        return F.concat(F.lit(f'{named}:{{"BOOL":'), value.cast("string"), F.lit("}"))
    if kind in ("SS", "NS"):
        entries = F.sort_array(F.array_distinct(value.cast("array<string>")))
        entries = F.transform(entries, _escaped) if special else entries
        written = F.concat(F.lit(f'{named}:{{"{kind}":["'), F.array_join(entries, '","'), F.lit('"]}'))
        # DynamoDB has no empty set: the attribute is absent.
        return F.when(F.size(value) > 0, written)
    if kind in ("L", "number_list"):
        entries = _special_entries(value) if special and kind == "L" else _entries(value, "S" if kind == "L" else "N")
        return F.concat(F.lit(f'{named}:{{"L":['), entries, F.lit("]}"))
    text = _scalar(value, kind, data_type)
    text = _escaped(text) if special and kind in ("S", "N") else text
    return F.concat(F.lit(f'{named}:{{"{STORED.get(kind, kind)}":"'), text, F.lit('"}'))


def _scalar(value: Expression, kind: str, data_type: DataType) -> Expression:
    if kind == "timestamp":
        return _moment(value)
    if kind == "epoch_seconds":
        return F.unix_seconds(value.cast("timestamp")).cast("string")
    if kind == "B":
        # Some releases of Spark break the text into lines.
        return _replaced(_replaced(F.base64(value), "\r", ""), "\n", "")
    if kind == "N" and isinstance(data_type, DecimalType):
        return _decimal(value, data_type)
    return number_text(value, data_type) if kind == "N" else value.cast("string")


def _moment(value: Expression) -> Expression:
    """Return a timestamp in UTC with six decimals; its own text has as many as it needs."""
    text = value.cast("string")
    marked = _replaced(text, " ", "T")
    padded = F.concat(F.rpad(marked, _MICROSECONDS, "0"), F.lit("Z"))
    return (
        F.when(F.octet_length(text) == _MICROSECONDS, F.concat(marked, F.lit("Z")))
        .when(F.octet_length(text) == _WHOLE_SECONDS, F.concat(marked, F.lit(".000000Z")))
        .otherwise(padded)
    )


def _decimal(value: Expression, data_type: DecimalType) -> Expression:
    text = value.cast("string")
    # A small decimal's text is scientific; this one is plain and exact, since the scale is the type's own.
    plain = _replaced(F.format_number(value, data_type.scale), ",", "")
    return F.when(text.contains("E"), plain).otherwise(text)


def _entries(value: Expression, tag: str) -> Expression:
    """Return a list's entries, of which no text has a control character: one can stand for null."""
    joined = F.array_join(value.cast("array<string>"), f'"}},{{"{tag}":"', _NULL)
    entries = F.concat(F.lit(f'{{"{tag}":"'), joined, F.lit('"}'))
    return F.when(F.size(value) > 0, _replaced(entries, f'{{"{tag}":"{_NULL}"}}', _NULL_ENTRY)).when(
        F.size(value) == 0, ""
    )


def _special_entries(value: Expression) -> Expression:
    entries = F.transform(value, lambda entry: F.concat(F.lit('{"S":"'), _escaped(entry), F.lit('"}')))
    return F.array_join(entries, ",", _NULL_ENTRY)


def _escaped(text: Expression) -> Expression:
    return _replaced(_replaced(text, "\\", "\\\\"), '"', '\\"')


def _without_controls(item: Expression) -> Expression:
    """Return an item whose control characters are escaped; only its texts can have any."""
    return reduce(lambda text, code: _replaced(text, chr(code), f"\\u{code:04x}"), _CONTROLS, item)


def _replaced(text: Expression, old: str, new: str) -> Expression:
    return F.call_function("replace", text, F.lit(old), F.lit(new))


def _document(name: str) -> Expression:
    """Return `{"M":...}` or `{"L":...}` made of the JSON text's tokens."""
    tokens = F.expr(f"regexp_extract_all(`{name}`, r'{_TOKENS}', 0)")
    return F.array_join(F.transform(tokens, _typed_token), "")


def _typed_token(token: Expression) -> Expression:
    first = F.substring(token, 1, 1)
    return (
        F.when((first == '"') & token.endswith(":"), token)
        .when(first == '"', F.concat(F.lit('{"S":'), token, F.lit("}")))
        .when(first == "{", F.lit('{"M":{'))
        .when(first == "[", F.lit('{"L":['))
        .when(first == "}", F.lit("}}"))
        .when(first == "]", F.lit("]}"))
        .when(first == ",", token)
        .when(token == "null", F.lit('{"NULL":true}'))  # noqa: S105 - a piece of JSON
        .when(token.isin("true", "false"), F.concat(F.lit('{"BOOL":'), token, F.lit("}")))
        .otherwise(F.concat(F.lit('{"N":"'), token, F.lit('"}')))
    )
