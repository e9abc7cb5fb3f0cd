"""From the database's text to typed columns, and the rows that cannot be typed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Callable

from pyspark.sql import functions as F

from migration_spark import functions

if TYPE_CHECKING:
    from pyspark.sql import Column as Expression
    from pyspark.sql import DataFrame, SparkSession

    from migration_spark.spec import Column, Extract, Table

Make = Callable[["Expression"], "Expression"]

UNREADABLE = "_unreadable"
ROW = "_row"
_NUMERIC = re.compile(r"numeric\((\d+),(\d+)\)")
_DATE_LENGTH = 10
_FLOAT_LENGTH = 7  # of a longer text there may be a shorter one that gives the same 32 bits
_WHOLE = 2**31 - 1
_NAMES = r'"(?:[^"\\]|\\.)*+"(?:\s*:)?|[\[\]{}]'
_AS_IS = ("text", "uuid", "json", "numeric", "smallint", "integer", "bigint")


def typed(rows: DataFrame, extract: Extract) -> DataFrame:
    """Return typed columns, `_cluster`, and `_unreadable`: the first column whose text does not fit, or null."""
    return with_values(rows, extract).select(*values(extract), "_cluster", UNREADABLE)


def with_values(rows: DataFrame, extract: Extract) -> DataFrame:
    """Return the rows with every column's value beside its text, and `_unreadable`.

    In two steps, so that each value is made once; and by a function that the optimizer may not move, since it would
    make all values again for a filter on `_unreadable`, or let the database decide a filter by its own collation.
    """
    made = [_typed(column).alias(_beside(column)) for column in extract.columns if column.type not in _AS_IS]
    problems = [problem for problem in map(_problem, extract.columns) if problem is not None]
    if any(cluster.engine == "aurora-mysql" for cluster in extract.clusters):
        documents = [column.name for column in extract.columns if column.type == "json"]
        problems += [F.when(_repeats_a_name(F.col(name)), F.lit(name)) for name in documents]
    never = F.when(F.spark_partition_id() < 0, "")
    return rows.select("*", *made).withColumn(UNREADABLE, F.coalesce(*problems, never))


def values(extract: Extract) -> list[Expression]:
    """Return the columns of `with_values` that hold values, under the catalog's names."""
    return [F.col(f"`{_beside(column)}`").alias(column.name) for column in extract.columns]


def text(extract: Extract) -> Expression:
    """Return an expression over `with_values`: a row that cannot be read as JSON of its texts, or null."""
    row = F.to_json(F.struct(*[F.col(column.name) for column in extract.columns]))
    return F.when(F.col(UNREADABLE).isNotNull(), row)


def select(spark: SparkSession, table: Table, frames: dict[str, DataFrame]) -> tuple[DataFrame, DataFrame]:
    """Run the table's select over its extracts; return its rows, and the driving rows left out as unreadable."""
    for extract in table.extracts:
        good = frames[extract.name].where(F.col(UNREADABLE).isNull()).drop(UNREADABLE, ROW)
        view = F.broadcast(good) if extract.broadcast else good
        view.createOrReplaceTempView(_view(extract))
    unreadable = frames[table.driving].where(F.col(UNREADABLE).isNotNull())
    # Tables of a domain may name their extracts alike, and all views of a session share one space of names.
    names = ", ".join(f"`{extract.name}` AS (SELECT * FROM `{_view(extract)}`)" for extract in table.extracts)
    return spark.sql(f"WITH {names} SELECT * FROM ({table.select})"), unreadable


def _view(extract: Extract) -> str:
    # A DynamoDB table's name may hold what a view's may not.
    return f"extract_{extract.table.encode().hex()}_{extract.name}"


def _beside(column: Column) -> str:
    return column.name if column.type in _AS_IS else f"{column.name}/value"


def _typed(column: Column) -> Expression:
    value = F.col(column.name)
    numeric = _NUMERIC.fullmatch(column.type)
    if numeric:
        return value.cast(f"decimal({numeric.group(1)},{numeric.group(2)})")
    made: dict[str, Make] = {
        "bytes": F.unbase64,
        "text[]": _texts,
        "bigint[]": lambda text: F.from_json(text, "array<bigint>"),
        "real": _real,
        # A cast takes the beginning of a text for a date, and "0044-03-15 BC" for a day after Christ.
        "date": lambda text: F.when(F.length(text) == _DATE_LENGTH, text.cast("date")),
        "timestamp": functions.moment,
        "timestamptz": functions.moment,
    }
    make: Make = made.get(column.type, lambda text: text.cast(column.type))
    return make(value)


def _texts(array: Expression) -> Expression:
    """Return the entries of a JSON array; one of plain texts is cut at what stands between them, much faster."""
    plain = array.startswith('["') & ~array.contains("\\") & ~array.contains("null")
    inner = F.call_function("replace", F.substring(array, 3, _WHOLE), F.lit('", "'), F.lit("\x00"))
    cut = F.split(F.call_function("replace", inner, F.lit('"]'), F.lit("")), "\x00")
    empty = F.array().cast("array<string>")
    return F.when(plain, cut).when(array == "[]", empty).otherwise(F.from_json(array, "array<string>"))


def _real(text: Expression) -> Expression:
    """Return the number whose text is the shortest that gives the same 32 bits, whichever digits the database wrote."""
    number = text.cast("double")
    return F.when(F.length(text) <= _FLOAT_LENGTH, number).otherwise(functions.real(number))


def _problem(column: Column) -> Expression | None:
    """Return an expression that names the column where its text is there but its value is not, or is not all of it."""
    value = F.col(column.name)
    if column.type == "json":
        # The database marks what it would not call a document.
        return F.when(value.startswith("?"), F.lit(column.name))
    if column.type in _AS_IS:
        return None
    lost = value.isNotNull() & F.col(f"`{_beside(column)}`").isNull()
    numeric = _NUMERIC.fullmatch(column.type)
    if numeric:
        # A cast would round in silence what has more decimals than the catalog says.
        long = value.contains(".") & (F.length(F.substring_index(value, ".", -1)) > int(numeric.group(2)))
        lost = lost | (long & (F.length(F.regexp_extract(value, r"\.(\d*?)0*$", 1)) > int(numeric.group(2))))
    if column.type in ("text[]", "bigint[]"):
        # An array of arrays would become an array of their texts.
        lost = lost | value.startswith("[[")
    return F.when(lost, F.lit(column.name))


def _repeats_a_name(document: Expression) -> Expression:
    """Return whether an object of a document has a name twice, which a text can and neither JSON type nor item does."""
    tokens = F.regexp_extract_all(document, F.lit(_NAMES), F.lit(0))
    names = F.filter(tokens, lambda token: token.endswith(":"))
    # Objects in a list have the same names rightly: only where a name is there twice is it looked at where.
    odd = F.exists(names, lambda name: name.contains("\\") | ~name.endswith('":'))
    suspect = odd | (F.size(F.array_distinct(names)) < F.size(names))
    start = F.struct(F.array().cast("array<array<string>>").alias("open"), F.lit(False).alias("twice"))
    return F.when(suspect, F.aggregate(tokens, start, _seen, lambda state: state["twice"])).otherwise(F.lit(False))


def _seen(state: Expression, token: Expression) -> Expression:
    """Return the names of every object that is open, and whether one of them came twice."""
    opened, inner = state["open"], F.element_at(state["open"], -1)
    quoted = F.concat(F.lit("["), token.substr(F.lit(1), F.length(token) - 1), F.lit("]"))
    name = F.from_json(quoted, "array<string>")[0]
    outer = F.slice(opened, 1, F.size(opened) - 1)
    is_name = token.endswith(":")
    now = (
        F.when(token.isin("{", "["), F.concat(opened, F.array(F.array().cast("array<string>"))))
        .when(token.isin("}", "]"), outer)
        .when(is_name, F.concat(outer, F.array(F.concat(inner, F.array(name)))))
        .otherwise(opened)
    )
    twice = state["twice"] | F.when(is_name, F.array_contains(inner, name)).otherwise(F.lit(False))
    return F.struct(now.alias("open"), F.coalesce(twice, F.lit(False)).alias("twice"))
