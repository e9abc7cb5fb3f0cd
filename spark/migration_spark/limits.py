"""What no item can be: DynamoDB's limits on keys, values and sizes, and the reason that a row is given.

Both jobs apply them; neither shares with the other how an item is written or read.
Limits: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, BinaryType, DoubleType, FloatType, StringType

from migration_spark.rules import DOCUMENTS, attribute_names, kind_of

if TYPE_CHECKING:
    from pyspark.sql import Column as Expression
    from pyspark.sql import DataFrame
    from pyspark.sql.types import DataType

    from migration_spark.spec import KeyAttribute, Table

MAX_ITEM_BYTES = int(400 * 1024 * 0.99)
_LARGEST, _SMALLEST = 9.99e125, 1e-130
_MAX_DEPTH = 32
_LONGEST_SHORT_BYTES = 41  # a decimal with its sign and point; a timestamp has 27
_MAX_DIGITS = 38
_AROUND_ENTRY = ", "  # as long as what an entry takes beside its text
_NUMBER = r"^-?\d+(\.\d+)?([eE][+-]?\d+)?$"
# Strings are matched first, so that what is inside them counts as nothing else.
_BRACKETS = r'"(?:[^"\\]|\\.)*+"|[\[\]{}]'
_EMPTY_NAME = r'[{,]\s*""\s*:'
_NUMBERS = r'"(?:[^"\\]|\\.)*+"|-?\d[\d.eE+-]*'


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
