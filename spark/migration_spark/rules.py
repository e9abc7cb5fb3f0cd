"""What makes a result row an item: DynamoDB's limits, and which of several rows of a key stays.

Both jobs apply these rules; neither shares with the other how an item is written or read.
Limits: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

from pyspark.sql import Window
from pyspark.sql import functions as F
from pyspark.sql.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegralType,
    StringType,
    TimestampType,
)

from migration_spark.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyspark.sql import Column as Expression
    from pyspark.sql import DataFrame
    from pyspark.sql.types import DataType

    from migration_spark.spec import KeyAttribute, Table

# The type that DynamoDB stores a kind as, where it is not the kind's own name.
STORED = {
    "date": "S",
    "timestamp": "S",
    "epoch_seconds": "N",
    "document": "M",
    "list_document": "L",
    "number_list": "L",
}
DOCUMENTS = ("document", "list_document")
MAX_ITEM_BYTES = int(400 * 1024 * 0.99)
_LARGEST, _SMALLEST = 9.99e125, 1e-130
_MAX_DEPTH = 32
_LONGEST_SHORT_BYTES = 41  # a decimal with its sign and point; a timestamp has 27
_MAX_DIGITS = 38
_AROUND_ENTRY = ", "  # as long as what an entry takes beside its text
# Strings are matched first, so that what is inside them counts as nothing else.
# What the catalog may declare an attribute to be, by the SQL type it then has.
_DECLARED: dict[str, tuple[tuple[Any, str], ...]] = {
    "M": ((StringType, "document"),),
    "L": ((StringType, "list_document"), (ArrayType, "L")),
    "N": (((StringType, IntegralType, DecimalType, DoubleType, FloatType), "N"),),
    "SS": ((ArrayType, "SS"),),
    "NS": ((ArrayType, "NS"),),
    "epoch_seconds": (((TimestampType, DateType), "epoch_seconds"),),
}
# Java's text of a number is the shortest one if it is short, and a double's of a usual size too.
_SHORT_FROM, _SHORT_TO = 1e-3, 1e15
_DOUBLE_LENGTH, _FLOAT_LENGTH = 17, 9  # with the point
_NUMBER = r"^-?\d+(\.\d+)?([eE][+-]?\d+)?$"
_BRACKETS = r'"(?:[^"\\]|\\.)*+"|[\[\]{}]'
_EMPTY_NAME = r'[{,]\s*""\s*:'
_NUMBERS = r'"(?:[^"\\]|\\.)*+"|-?\d[\d.eE+-]*'


def attribute_names(result: DataFrame) -> list[str]:
    """Return the result columns that become attributes."""
    return [name for name in result.columns if not name.startswith("_")]


def kind_of(table: Table, name: str, data_type: DataType) -> str:
    """Return how an attribute is written: S, N, BOOL, B, L, SS, NS or a key of STORED.

    Raises:
        SpecError: Its SQL type has no place in DynamoDB, or cannot be what the catalog declares.
    """
    if name in table.attributes:
        declared = table.attributes[name]
        for types, kind in _DECLARED[declared]:
            if isinstance(data_type, types):
                return kind
        raise SpecError(f"{table.name}.{name}: the select gives {data_type.simpleString()}, which cannot be {declared}")
    kinds = (
        (StringType, "S"),
        (BooleanType, "BOOL"),
        ((IntegralType, DecimalType, DoubleType, FloatType), "N"),
        (DateType, "date"),
        (TimestampType, "timestamp"),
        (BinaryType, "B"),
        (ArrayType, "L"),
    )
    if isinstance(data_type, ArrayType) and isinstance(data_type.elementType, IntegralType):
        return "number_list"
    for types, kind in kinds:
        if isinstance(data_type, types):
            return kind
    raise SpecError(f"{table.name}.{name}: the select gives {data_type.simpleString()}, which no attribute can hold")


def number_text(value: Expression, data_type: DataType) -> Expression:
    """Return a number's text; of a double or float the shortest that gives the same bits back."""
    text = value.cast("string")
    if isinstance(data_type, DoubleType):
        size = F.abs(value)
        usual = (F.length(text) < _DOUBLE_LENGTH) | ((size >= _SHORT_FROM) & (size < _SHORT_TO))
        decimals = [14, 15, 16]
    elif isinstance(data_type, FloatType):
        usual, decimals = F.length(text) < _FLOAT_LENGTH, [5, 6, 7, 8]
    else:
        return text
    written = [F.format_string(f"%.{many}e", value.cast("double")) for many in decimals]
    same = [F.when(one.cast(data_type) == value, F.regexp_replace(one, r"\.?0+e", "e")) for one in written]
    return F.when(usual, text).otherwise(F.coalesce(*same, text))


def expires(table: Table) -> Expression:
    """Return an expression: the second that an item may expire at, or null."""
    return F.unix_seconds(F.col(table.ttl).cast("timestamp")) if table.ttl else F.lit(None).cast("bigint")


def check_keys(table: Table, result: DataFrame) -> None:
    """Refuse a select that lacks a key attribute, or gives it another type than the key declares.

    Raises:
        SpecError: The catalog's select and key do not fit.
    """
    for attribute in (*table.key, *table.index_keys):
        if attribute.name not in result.columns:
            raise SpecError(f"{table.name}: the key attribute {attribute.name} is not among the select's columns")
        kind = kind_of(table, attribute.name, result.schema[attribute.name].dataType)
        if STORED.get(kind, kind) != attribute.type:
            raise SpecError(f"{table.name}.{attribute.name}: the select gives {kind}, the key says {attribute.type}")


def rejection(table: Table, result: DataFrame) -> Expression:
    """Return an expression: why a row cannot become an item, or null."""
    problems = [_missing_key(attribute) for attribute in table.key]
    problems += [_unfit_key(attribute) for attribute in (*table.key, *table.index_keys) if attribute.type != "N"]
    for name in attribute_names(result):
        problems += _value_problems(name, kind_of(table, name, result.schema[name].dataType), result)
    size = reduce(
        lambda left, right: left + right,
        [_size(name, result.schema[name].dataType) for name in attribute_names(result)],
    )
    problems.append(F.when(size > MAX_ITEM_BYTES, F.lit(f"item larger than {MAX_ITEM_BYTES} bytes")))
    return F.coalesce(*problems)


def tie(columns: Iterable[str]) -> Expression:
    """Return the last of what orders rows of one key: the row's whole text, so that both jobs choose the same row."""
    return F.sha2(F.to_json(F.struct(*columns)), 256)


def rank(table: Table, last: Expression, key: list[str]) -> Expression:
    """Return a row's place among those of its key, 1 for the one that stays; `last` settles ties."""
    order = [F.col(table.latest).desc_nulls_last()] if table.latest else []
    return F.row_number().over(Window.partitionBy(*key).orderBy(*order, F.col("_cluster"), last))


def _missing_key(attribute: KeyAttribute) -> Expression:
    return F.when(F.col(attribute.name).isNull(), F.lit(f"key attribute {attribute.name} is null"))


def _unfit_key(attribute: KeyAttribute) -> Expression:
    length = F.octet_length(F.col(attribute.name).cast("string"))
    return F.when(length == 0, F.lit(f"key attribute {attribute.name} is empty")).when(
        length > attribute.max_bytes,
        F.lit(f"key attribute {attribute.name} is longer than {attribute.max_bytes} bytes"),
    )


def _value_problems(name: str, kind: str, result: DataFrame) -> list[Expression]:
    value = F.col(name)
    if kind == "N" and isinstance(result.schema[name].dataType, (DoubleType, FloatType)):
        size = F.abs(value)
        unfit = F.isnan(value) | (size > _LARGEST) | ((size > 0) & (size < _SMALLEST))
        return [F.when(unfit, F.lit(f"{name} is no number that DynamoDB holds"))]
    if kind == "N" and isinstance(result.schema[name].dataType, StringType):
        return [F.when(~value.rlike(_NUMBER) | _unfit(value), F.lit(f"{name} is no number that DynamoDB holds"))]
    if kind in ("SS", "NS"):
        return [
            F.when(F.exists(value, lambda entry: entry.isNull()), F.lit(f"{name} has a null in its set")),
            *(_number_set_problems(name, value.cast("array<string>")) if kind == "NS" else []),
        ]
    if kind in DOCUMENTS:
        return _document_problems(name, kind, value)
    return []


def _unfit(number: Expression) -> Expression:
    """Return whether a number's text has more than 38 significant digits, or lies beyond what DynamoDB holds."""
    digits = F.regexp_replace(F.regexp_replace(number, "[eE].*$", ""), "[^0-9]", "")
    significant = F.length(F.regexp_replace(digits, "^0+|0+$", ""))
    size = F.abs(number.cast("double"))
    beyond = (size > _LARGEST) | ((size < _SMALLEST) & (significant > 0))
    # Most numbers are short, and then nothing of this can be.
    return ((F.length(number) > _MAX_DIGITS) | F.lower(number).contains("e")) & ((significant > _MAX_DIGITS) | beyond)


def _number_set_problems(name: str, value: Expression) -> list[Expression]:
    unfit = F.exists(value, lambda entry: ~entry.rlike(_NUMBER) | _unfit(entry))
    # 1 and 1.0 are one number, which no set holds twice.
    same = F.size(F.array_distinct(value.cast("array<double>"))) < F.size(F.array_distinct(value))
    return [
        F.when(unfit, F.lit(f"{name} has a number in its set that DynamoDB does not hold")),
        F.when(same, F.lit(f"{name} has a number in its set in two writings")),
    ]


def _document_problems(name: str, kind: str, value: Expression) -> list[Expression]:
    numbers = F.expr(f"regexp_extract_all(`{name}`, r'{_NUMBERS}', 0)")
    unfit = F.exists(numbers, lambda token: ~token.startswith('"') & _unfit(token))
    start, what = ("{", "object") if kind == "document" else ("[", "array")
    brackets = F.filter(
        F.expr(f"regexp_extract_all(`{name}`, r'{_BRACKETS}', 0)"), lambda token: ~token.startswith('"')
    )
    # The depth is only counted where there are enough brackets for it.
    too_deep = F.when(F.size(brackets) > 2 * _MAX_DEPTH, _depth(brackets) > _MAX_DEPTH).otherwise(F.lit(False))
    return [
        F.when(~F.ltrim(value).startswith(start), F.lit(f"{name} is no JSON {what}")),
        F.when(value.rlike(_EMPTY_NAME), F.lit(f"{name} has an empty name")),
        F.when(too_deep, F.lit(f"{name} is nested deeper than {_MAX_DEPTH}")),
        F.when(unfit, F.lit(f"{name} has a number that DynamoDB does not hold")),
    ]


def _depth(brackets: Expression) -> Expression:
    def step(state: Expression, token: Expression) -> Expression:
        now = state["now"] + F.when(token.isin("{", "["), 1).otherwise(-1)
        return F.struct(now.alias("now"), F.greatest(state["deepest"], now).alias("deepest"))

    start = F.struct(F.lit(0).alias("now"), F.lit(0).alias("deepest"))
    return F.aggregate(brackets, start, step, lambda state: state["deepest"])


def _size(name: str, data_type: DataType) -> Expression:
    """Return an attribute's size, from above: its name and its text; only what may be long is looked at."""
    named = F.lit(len(name.encode()) + 3)
    if not isinstance(data_type, (StringType, BinaryType, ArrayType)):
        return named + F.lit(_LONGEST_SHORT_BYTES)
    value = F.col(name)
    if isinstance(data_type, ArrayType):
        value = F.array_join(value.cast("array<string>"), _AROUND_ENTRY, "null")
    return F.coalesce(F.octet_length(value), F.lit(0)) + named
