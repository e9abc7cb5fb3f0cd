"""From the database's text to typed columns, and the rows that cannot be typed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import Column as Expression
    from pyspark.sql import DataFrame, SparkSession

    from migration_spark.spec import Column, Extract, Table

UNREADABLE = "_unreadable"
_NUMERIC = re.compile(r"numeric\((\d+),(\d+)\)")
_EXACT = {"date": r"^\d{4}-\d\d-\d\d$", "timestamp": r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?$"}
_ARRAYS = {"text[]": "array<string>", "bigint[]": "array<bigint>"}
_AS_IS = ("text", "uuid", "json", "numeric", "smallint", "integer", "bigint")


def typed(rows: DataFrame, extract: Extract) -> DataFrame:
    """Return typed columns, `_cluster`, and `_unreadable`: the first column whose text does not fit, or null."""
    columns = [_typed(column).alias(column.name) for column in extract.columns]
    return rows.select(*columns, "_cluster", unreadable_column(extract).alias(UNREADABLE))


def select(spark: SparkSession, table: Table, frames: dict[str, DataFrame]) -> tuple[DataFrame, DataFrame]:
    """Run the table's select over its extracts; return its rows, and the driving rows left out as unreadable."""
    for extract in table.extracts:
        good = frames[extract.name].where(F.col(UNREADABLE).isNull()).drop(UNREADABLE)
        view = F.broadcast(good) if extract.broadcast else good
        view.createOrReplaceTempView(_view(extract))
    unreadable = frames[table.driving].where(F.col(UNREADABLE).isNotNull())
    # Tables of a domain may name their extracts alike, and all views of a session share one space of names.
    names = ", ".join(f"`{extract.name}` AS (SELECT * FROM `{_view(extract)}`)" for extract in table.extracts)
    return spark.sql(f"WITH {names} SELECT * FROM ({table.select})"), unreadable


def unreadable_column(extract: Extract) -> Expression:
    """Return an expression over raw rows: the first column whose text does not fit its type, or null."""
    problems = [problem for problem in map(_problem, extract.columns) if problem is not None]
    return F.coalesce(*problems) if problems else F.lit(None).cast("string")


def _view(extract: Extract) -> str:
    # A DynamoDB table's name may hold what a view's may not.
    return f"extract_{extract.table.encode().hex()}_{extract.name}"


def _typed(column: Column) -> Expression:
    value = F.col(column.name)
    numeric = _NUMERIC.fullmatch(column.type)
    if numeric:
        return value.cast(f"decimal({numeric.group(1)},{numeric.group(2)})")
    if column.type in _AS_IS:
        return value
    if column.type == "bytes":
        return F.unbase64(value)
    if column.type in _ARRAYS:
        return F.from_json(value, _ARRAYS[column.type])
    if column.type == "real":
        # The shortest text that gives the same 32 bits, whichever digits the database wrote.
        return value.cast("double").cast("float").cast("string").cast("double")
    kind = {"timestamptz": "timestamp"}.get(column.type, column.type)
    if kind in _EXACT:
        # A cast takes the beginning of a text for a date, and "0044-03-15 BC" for a day after Christ.
        return F.when(value.rlike(_EXACT[kind]), value.cast(kind))
    return value.cast(kind)


def _problem(column: Column) -> Expression | None:
    """Return an expression that names the column where its text is there but its value is not, or is not all of it."""
    value = F.col(column.name)
    if column.type == "json":
        # The database marks what it would not call a document.
        return F.when(value.startswith("?"), F.lit(column.name))
    if column.type in _AS_IS:
        return None
    lost = value.isNotNull() & _typed(column).isNull()
    numeric = _NUMERIC.fullmatch(column.type)
    if numeric:
        # A cast would round in silence what has more decimals than the catalog says.
        decimals = F.length(F.regexp_extract(value, r"\.(\d*?)0*$", 1))
        lost = lost | (decimals > int(numeric.group(2)))
    if column.type in _ARRAYS:
        # An array of arrays would become an array of their texts.
        lost = lost | value.rlike(r"^\[\s*\[")
    return F.when(lost, F.lit(column.name))
