"""What a select becomes: the kind of each attribute, its key, and which of several rows of a key stays.

Both jobs apply these rules; neither shares with the other how an item is written or read.
"""

from __future__ import annotations

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

    from migration_spark.spec import Table

# The type that DynamoDB stores a kind as, where it is not the kind's own name.
STORED = {
    "date": "S",
    "timestamp": "S",
    "epoch_seconds": "N",
    "document": "M",
    "list_document": "L",
    "number_list": "L",
}
# What the catalog may declare an attribute to be, by the SQL type it then has.
_DECLARED: dict[str, tuple[tuple[Any, str], ...]] = {
    "M": ((StringType, "document"),),
    "L": ((StringType, "list_document"), (ArrayType, "L")),
    "N": (((StringType, IntegralType, DecimalType, DoubleType, FloatType), "N"),),
    "SS": ((ArrayType, "SS"),),
    "NS": ((ArrayType, "NS"),),
    "epoch_seconds": (((TimestampType, DateType), "epoch_seconds"),),
}


def attribute_names(result: DataFrame) -> list[str]:
    """Return the result columns that become attributes."""
    return [name for name in result.columns if not name.startswith("_")]


def kinds_of(table: Table, result: DataFrame) -> dict[str, str]:
    """Return every attribute's kind.

    Raises:
        SpecError: As `kind_of`.
    """
    schema = result.schema
    return {name: kind_of(table, name, schema[name].dataType) for name in attribute_names(result)}


def excluded(table: Table, names: Iterable[str]) -> list[str]:
    """Return the attributes that do not count in a comparison, as the catalog says."""
    return [name for name in names if name in table.exclude]


def loose(table: Table, names: Iterable[str]) -> list[str]:
    """Return the compared attributes that may differ by a tolerance."""
    return [name for name in names if name in table.tolerances and name not in table.exclude]


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


def tie(columns: Iterable[str]) -> Expression:
    """Return the last of what orders rows of one key: the row's whole text, so that both jobs choose the same row."""
    return F.sha2(F.to_json(F.struct(*columns)), 256)


def rank(table: Table, last: Expression, key: list[str]) -> Expression:
    """Return a row's place among those of its key, 1 for the one that stays; `last` settles ties."""
    order = [F.col(table.latest).desc_nulls_last()] if table.latest else []
    return F.row_number().over(Window.partitionBy(*key).orderBy(*order, F.col("_cluster"), last))
