"""Typed rows from the database's texts, the rows that cannot be typed, and the select over typed rows."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING

from pyspark.sql import functions as F
from pyspark.sql.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    LongType,
    StringType,
    StructField,
    StructType,
    TimestampType,
)

from migration_spark import jvm_functions
from migration_spark.column_types import SPARK_TYPES
from migration_spark.spec import MOMENT_BYTES

if TYPE_CHECKING:
    from pyspark.sql import Column as Expression
    from pyspark.sql import DataFrame, SparkSession

    from migration_spark.spec import Column, Extract, Table

# Internal columns; the catalog refuses a dollar sign in a source column's name.
UNREADABLE = "$unreadable"
ROW = "$row"
CLUSTER = "$cluster"  # of the raw files
VALUES = "$values"
# The witness runs the select at the same time as the comparison, and both create views of the same names.
_NAMING = threading.Lock()
_NUMERIC = re.compile(r"numeric\((\d+),(\d+)\)")
WHOLE = tuple(kind for kind, spark in SPARK_TYPES.items() if spark == "bigint")
# Types whose column the database already returns as its value; columns of other types are texts to convert.
_AS_IS = tuple(kind for kind, spark in SPARK_TYPES.items() if spark in ("bigint", "string"))
_DATA_TYPES: dict[str, DataType] = {
    data_type.simpleString(): data_type
    for data_type in (
        *(LongType(), DoubleType(), BooleanType(), StringType(), BinaryType(), DateType(), TimestampType()),
        *(ArrayType(StringType()), ArrayType(LongType())),
    )
}


def typed(rows: DataFrame, extract: Extract) -> DataFrame:
    """Return typed columns, `_cluster`, and UNREADABLE: the first column whose text does not fit its type, or null."""
    return with_values(rows, extract).select(*values(extract), "_cluster", UNREADABLE)


def with_values(rows: DataFrame, extract: Extract) -> DataFrame:
    """Return the rows with the values of their texts as VALUES, and UNREADABLE."""
    made = [StructField(column.name, _sql_type(column.type)) for column in extract.columns if column.type not in _AS_IS]
    if not made and all(column.type != "json" for column in extract.columns):
        return rows.withColumn(UNREADABLE, F.lit(None).cast("string"))
    kind = StructType([*made, StructField(UNREADABLE, StringType())])
    return rows.withColumn(VALUES, jvm_functions.typed(extract, kind)).withColumn(UNREADABLE, _value(UNREADABLE))


def text_bytes(column: Column) -> Expression:
    """Return an expression over `with_values`: the bytes of a column's text."""
    measured = F.octet_length(F.col(f"`{column.name}`").cast("string"))
    if column.type in ("timestamp", "timestamptz"):
        return F.when(_value(column.name).isNotNull(), F.lit(MOMENT_BYTES)).otherwise(measured)
    return measured


def values(extract: Extract) -> list[Expression]:
    """Return the columns of `with_values` that hold values, under the catalog's names."""
    return [
        F.col(f"`{column.name}`") if column.type in _AS_IS else _value(column.name).alias(column.name)
        for column in extract.columns
    ]


def with_long_numbers(rows: DataFrame, extract: Extract) -> DataFrame:
    """Return rows of a database whose whole numbers have 64 bits, as they land: MariaDB gives short ones with fewer."""
    whole = [column.name for column in extract.columns if column.type in WHOLE]
    return rows.withColumns({name: F.col(f"`{name}`").cast("bigint") for name in whole})


def landed_schema(extract: Extract) -> StructType:
    """Return the type of a raw row: its values, its cluster, and its texts where they cannot be read."""
    values = [StructField(column.name, _sql_type(column.type)) for column in extract.columns]
    return StructType([*values, *[StructField(name, StringType()) for name in (CLUSTER, UNREADABLE, ROW)]])


def text(extract: Extract) -> Expression:
    """Return an expression over `with_values`: the texts of an unreadable row as JSON, or null."""
    row = F.to_json(F.struct(*[F.col(f"`{column.name}`") for column in extract.columns]))
    return F.when(F.col(UNREADABLE).isNotNull(), row)


def select(
    spark: SparkSession, table: Table, frames: dict[str, DataFrame], *, traced: bool = False
) -> tuple[DataFrame, DataFrame]:
    """Return the rows of the table's select over its extracts, and the unreadable driving rows, which it leaves out.

    Every row of a traced select has the identity of its driving row, which the driving extract's frame must have.
    """
    # Tables of a domain may have extracts of the same name, and all views of a session share a namespace.
    names = ", ".join(f"`{extract.name}` AS (SELECT * FROM `{_view(extract)}`)" for extract in table.extracts)
    text = table.traced if traced else table.select
    unreadable = frames[table.driving].where(F.col(UNREADABLE).isNotNull())
    with _NAMING:
        for extract in table.extracts:
            good = frames[extract.name].where(F.col(UNREADABLE).isNull()).drop(UNREADABLE, ROW)
            view = F.broadcast(good) if extract.broadcast else good
            view.createOrReplaceTempView(_view(extract))
        return spark.sql(f"WITH {names} SELECT * FROM ({text})"), unreadable


def _view(extract: Extract) -> str:
    # A DynamoDB table's name may have characters that a view's name may not.
    return f"extract_{extract.table.encode().hex()}_{extract.name}"


def _value(name: str) -> Expression:
    return F.col(VALUES).getField(name)


def _sql_type(kind: str) -> DataType:
    numeric = _NUMERIC.fullmatch(kind)
    return DecimalType(int(numeric.group(1)), int(numeric.group(2))) if numeric else _DATA_TYPES[SPARK_TYPES[kind]]
