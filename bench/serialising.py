"""Benchmark of writing a row as a line: our function against `to_json`, for every table of the catalog.

`to_json` writes what it does best: only strings, which is less than DynamoDB needs, and attributes with their types,
without documents, since no schema describes them.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from migration_spark import typed_rows
from migration_spark.attribute_kinds import STORED, attribute_names, kind_of
from migration_spark.jvm_functions import item_text
from migration_spark.spec import read_spec
from pyspark.sql import functions as F
from pyspark.sql.types import (
    ArrayType,
    BooleanType,
    DateType,
    DecimalType,
    DoubleType,
    StringType,
    StructField,
    TimestampType,
)

from bench.fixture import Contest, open_fixture, to_nowhere
from bench.workload import workload
from catalog.loader import load_catalog
from catalog.spec import build_spec

if TYPE_CHECKING:
    from migration_spark.spec import Extract, Table
    from pyspark.sql import Column as Expression
    from pyspark.sql import DataFrame, SparkSession

STRINGS = "to_json of strings alone"
_NULL_EVERY = 5
_DAYS, _AMOUNTS = 700, 100_000
_MOMENT_MICROS, _STEP_MICROS = 1_800_000_000_000_000, 1_000_001
_DOCUMENT = '{"minStay": 2, "days": ["SA", "SU"], "guarantee": {"type": "card", "percent": 12.50}}'


def main(count: int, rounds: int) -> None:
    """Time all ways of writing `count` rows of each table from memory."""
    catalog = load_catalog()
    specs = [read_spec(build_spec(catalog, domain), "the catalog") for domain in catalog.domains]
    with open_fixture(1) as fixture:
        for table in [workload()[1], *[table for spec in specs for table in spec.tables]]:
            rows = _rows(fixture.spark, table, count).cache()
            rows.count()
            lines = {STRINGS: strings(rows), "to_json with types": _typed(table, rows), "ours": item_text(table, rows)}
            contest = Contest(f"serialising-{table.name}", count, rounds)
            contest.run({name: partial(to_nowhere, rows.select(line)) for name, line in lines.items()})
            contest.report(STRINGS)
            rows.unpersist()


def strings(rows: DataFrame) -> Expression:
    """Return {"Item": {...}} with only strings, the fastest way to text of about the same size."""
    fields = [F.struct(F.col(name).cast("string").alias("S")).alias(name) for name in attribute_names(rows)]
    return F.to_json(F.struct(F.struct(*fields).alias("Item")))


def _typed(table: Table, rows: DataFrame) -> Expression:
    fields = []
    for name in attribute_names(rows):
        kind = kind_of(table, name, rows.schema[name].dataType)
        if kind not in ("document", "list_document"):
            value = F.struct(_value(F.col(name), kind).alias(STORED.get(kind, kind)))
            fields.append(F.when(F.col(name).isNotNull(), value).alias(name))
    return F.to_json(F.struct(F.struct(*fields).alias("Item")))


def _value(value: Expression, kind: str) -> Expression:
    if kind == "BOOL":
        return value
    if kind in ("L", "number_list"):
        tag = "S" if kind == "L" else "N"
        return F.transform(value, lambda entry: F.struct(entry.cast("string").alias(tag)))
    if kind in ("SS", "NS"):
        return F.sort_array(F.array_distinct(value.cast("array<string>")))
    if kind == "timestamp":
        return F.date_format(value, "yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'")
    if kind == "epoch_seconds":
        return F.unix_seconds(value.cast("timestamp")).cast("string")
    return F.base64(value) if kind == "B" else value.cast("string")


def _rows(spark: SparkSession, table: Table, count: int) -> DataFrame:
    """Return rows with the types of the table's select, in which every fifth value outside of keys is null."""
    empty = {extract.name: typed_rows.typed(_nothing(spark, extract), extract) for extract in table.extracts}
    schema = typed_rows.select(spark, table, empty)[0].schema
    keys = {attribute.name for attribute in (*table.key, *table.index_keys)}
    made = []
    for number, field in enumerate(schema.fields):
        value = _made(table, field, number).cast(field.dataType)
        there = F.lit(field.name in keys) | ((F.col("id") + number) % _NULL_EVERY > 0)
        made.append(F.when(there, value).alias(field.name))
    return spark.range(count, numPartitions=2).select(*made)


def _nothing(spark: SparkSession, extract: Extract) -> DataFrame:
    """Return an empty frame with the types as which a clone is read."""
    read = {"smallint": "bigint", "integer": "bigint", "bigint": "bigint", "boolean": "boolean"}
    columns = [f"`{column.name}` {read.get(column.type, 'string')}" for column in extract.columns]
    return spark.createDataFrame([], f"{', '.join(columns)}, `_cluster` string")


def _made(table: Table, field: StructField, number: int) -> Expression:
    """Return a value of the field's type that differs from row to row."""
    row_number, text = F.col("id") + number, F.substring(F.md5((F.col("id") + number).cast("string")), 1, 12)
    if table.attributes.get(field.name) in ("M", "L") and isinstance(field.dataType, StringType):
        return F.lit(_DOCUMENT)
    made = {
        ArrayType: F.array(row_number.cast("string"), F.lit("web"), F.lit("gds")),
        DateType: F.date_add(F.lit("2027-01-01"), (row_number % _DAYS).cast("int")),
        TimestampType: F.timestamp_micros(_MOMENT_MICROS + row_number * _STEP_MICROS),
        BooleanType: row_number % 2 == 0,
        DecimalType: (row_number % _AMOUNTS) / F.lit(100.0),
        DoubleType: (row_number % _AMOUNTS) / F.lit(100.0),
        StringType: text,
    }
    return made.get(type(field.dataType), row_number)
