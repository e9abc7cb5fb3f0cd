"""Rules for a select's result: the kind of each attribute, the key, and the rank of several rows of a key.

Both jobs apply these rules, but share no code that writes or reads an item.
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
    from pyspark.sql.window import WindowSpec

    from migration_spark.spec import Table

# The DynamoDB type of each kind whose name is not itself a DynamoDB type.
STORED = {
    "date": "S",
    "timestamp": "S",
    "epoch_seconds": "N",
    "document": "M",
    "list_document": "L",
    "number_list": "L",
}
# The kinds of an attribute by the type that the catalog declares, and by its SQL type.
_DECLARED: dict[str, tuple[tuple[Any, str], ...]] = {
    "M": ((StringType, "document"),),
    "L": ((StringType, "list_document"), (ArrayType, "L")),
    "N": (((StringType, IntegralType, DecimalType, DoubleType, FloatType), "N"),),
    "SS": ((ArrayType, "SS"),),
    "NS": ((ArrayType, "NS"),),
    "epoch_seconds": (((TimestampType, DateType), "epoch_seconds"),),
}


SOURCE_ROW = "_source_row"
SOURCE_KEY = "_source_key"
_UNMATCHED = "_unmatched_"
# Kinds whose order decides which value is newer.
_ORDERED = ("S", "N", "BOOL", "date", "timestamp", "epoch_seconds")


def quoted(name: str) -> str:
    """Return a column's name quoted for Spark, whatever characters it has."""
    return f"`{name.replace('`', '``')}`"


def attribute_names(result: DataFrame) -> list[str]:
    """Return the names of the result columns that become attributes."""
    return [name for name in result.columns if not name.startswith("_")]


def unmatched_names(result: DataFrame) -> list[str]:
    """Return the names of the result columns that mark rows without a reference."""
    return [name for name in result.columns if name.startswith(_UNMATCHED)]


def kinds_of(table: Table, result: DataFrame) -> dict[str, str]:
    """Return every attribute's kind.

    Raises:
        SpecError: As `kind_of`.
    """
    schema = result.schema
    return {name: kind_of(table, name, schema[name].dataType) for name in attribute_names(result)}


def excluded(table: Table, names: Iterable[str]) -> list[str]:
    """Return the attributes that the catalog excludes from the comparison."""
    return [name for name in names if name in table.exclude]


def loose(table: Table, names: Iterable[str]) -> list[str]:
    """Return the compared attributes that may differ by a tolerance."""
    return [name for name in names if name in table.tolerances and name not in table.exclude]


def kind_of(table: Table, name: str, data_type: DataType) -> str:
    """Return an attribute's kind: S, N, BOOL, B, L, SS, NS or a key of STORED.

    Raises:
        SpecError: Its SQL type has no equivalent in DynamoDB, or does not fit the catalog's declaration.
    """
    if name in table.attributes:
        declared = table.attributes[name]
        for types, kind in _DECLARED[declared]:
            if isinstance(data_type, types):
                return kind
        raise SpecError(f"{table.name}.{name}: the select gives {data_type.simpleString()}, which cannot be {declared}")
    return kind_of_type(f"{table.name}.{name}", data_type)


def kind_of_type(label: str, data_type: DataType) -> str:
    """Return the kind of a SQL type without a declaration in the catalog.

    Raises:
        SpecError: The type has no equivalent in DynamoDB; names the label.
    """
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
    raise SpecError(f"{label}: the select gives {data_type.simpleString()}, which no attribute can hold")


def expires(table: Table) -> Expression:
    """Return an expression: the second at which an item may expire, or null."""
    return F.unix_seconds(F.col(quoted(table.ttl)).cast("timestamp")) if table.ttl else F.lit(None).cast("bigint")


def check_result(table: Table, result: DataFrame) -> None:
    """Raise for a select whose columns do not fit the catalog's table.

    Raises:
        SpecError: Names the column and its correction.
    """
    _check_names(table, result)
    check_keys(table, result)
    _check_latest(table, result)
    if table.ttl and kinds_of(table, result).get(table.ttl) != "epoch_seconds":
        raise SpecError(f"{table.name}: the time to live {table.ttl} must be an attribute declared as epoch_seconds")


def _check_names(table: Table, result: DataFrame) -> None:
    """Raise for columns that would be dropped, and for attributes that Spark cannot distinguish.

    Raises:
        SpecError: Names them.
    """
    if "_cluster" not in result.columns:
        raise SpecError(f"{table.name}: the select lacks _cluster; select the driving extract's as _cluster")
    known = ("_cluster", SOURCE_ROW, SOURCE_KEY)
    for name in result.columns:
        if name.startswith("_") and name not in known and not name.startswith(_UNMATCHED):
            raise SpecError(
                f"{table.name}: the select returns {name}, which would not be written: names that begin with _ are "
                "reserved. Select it AS another name, or leave it out"
            )
    by_folded: dict[str, str] = {}
    for name in result.columns:
        # Spark compares names in upper case and in lower case.
        other = by_folded.setdefault(name.upper().lower(), name)
        if sum(column == name for column in result.columns) > 1 or other != name:
            raise SpecError(
                f"{table.name}: the select returns {other} and {name}, the same name in Spark; rename one with AS"
            )


def _check_latest(table: Table, result: DataFrame) -> None:
    """Raise for a `latest` whose order is not the order of its values.

    Raises:
        SpecError: It is not an attribute, has no order, or is a number in a text column.
    """
    if not table.latest:
        return
    if table.latest not in attribute_names(result):
        raise SpecError(f"{table.name}: the select lacks {table.latest}, by which the latest row is chosen")
    data_type = result.schema[table.latest].dataType
    kind = kind_of(table, table.latest, data_type)
    if isinstance(data_type, StringType) and (kind == "N" or _is_numeric_text(table, table.latest)):
        raise SpecError(
            f"{table.name}: {table.latest} is a number that moves as text, where 10 comes before 9; declare its column "
            "as numeric(p,s) or cast it in the select to choose the latest row by it"
        )
    if kind not in _ORDERED:
        raise SpecError(f"{table.name}: {table.latest} is {kind}, which has no order; choose the latest row by another")


def _is_numeric_text(table: Table, attribute: str) -> bool:
    """Return whether an attribute is an unchanged column of unbounded numbers."""
    column = table.plain_attributes.get(attribute)
    return any(known.name == column and known.type == "numeric" for known in table.driving_extract.columns)


def check_keys(table: Table, result: DataFrame) -> None:
    """Raise for a select without a key attribute, or with another type than the key declares.

    Raises:
        SpecError: The catalog's select and key do not match.
    """
    for attribute in (*table.key, *table.index_keys):
        if attribute.name not in result.columns:
            raise SpecError(f"{table.name}: the key attribute {attribute.name} is not among the select's columns")
        kind = kind_of(table, attribute.name, result.schema[attribute.name].dataType)
        if STORED.get(kind, kind) != attribute.type:
            raise SpecError(f"{table.name}.{attribute.name}: the select gives {kind}, the key says {attribute.type}")
        if attribute.prefix and not isinstance(result.schema[attribute.name].dataType, StringType):
            raise SpecError(
                f"{table.name}.{attribute.name}: the select gives {kind}, and only a text begins with the key_prefix "
                f"{attribute.prefix}; make it with concat()"
            )


def by_rank(key: list[str], latest: str, tie: str, *more: str) -> WindowSpec:
    """Return the window that ranks the rows of a key: the newest first, then by cluster, then by all values.

    Rejected rows are ranked too: an older row must not replace a rejected newer one. Rows of equal values differ at
    most in whether their notation is rejected.
    """
    order = [F.col(latest).desc_nulls_last(), *[F.col(name) for name in ("_cluster", tie, "_rejected", *more)]]
    return Window.partitionBy(*key).orderBy(*order)
