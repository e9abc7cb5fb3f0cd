"""Random samples of every clone's rows, through plain columns and the JDBC driver's own getters."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyspark.sql import DataFrame
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

from migration_spark import mysql_relations, postgres_relations
from migration_spark.identifiers import quoted
from migration_spark.witness.values import sampled

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyspark.sql import SparkSession

    from migration_spark.database import CloneDatabase
    from migration_spark.spec import Column, Extract

SAMPLED_ROWS = 1000
# Enough blocks for a thousand rows even with a row per block, spread over the whole table.
_BLOCKS = 1500
_CANDIDATES = 3 * SAMPLED_ROWS
# Bytes of a clone's sample, and of a table's: a thousand rows of 50 KB took half as long as their comparison.
_CLONE_BUDGET, _TABLE_BUDGET = 8 * 1024**2, 64 * 1024**2
_MORE = 20  # factor for the next share, if a share had too few rows
_SEEDS = 2**31
_NUMERIC = re.compile(r"numeric\((\d+),(\d+)\)")
_TYPES: dict[str, DataType] = {
    **dict.fromkeys(("smallint", "integer", "bigint"), LongType()),
    **dict.fromkeys(("text", "uuid", "json", "numeric"), StringType()),
    **dict.fromkeys(("real", "double"), DoubleType()),
    **dict.fromkeys(("timestamp", "timestamptz"), TimestampType()),
    "boolean": BooleanType(),
    "date": DateType(),
    "bytes": BinaryType(),
    "text[]": ArrayType(StringType()),
    "bigint[]": ArrayType(LongType()),
}


@dataclass(frozen=True)
class Sample:
    """Rows of a clone as Python's values, and as Spark's rows: without odd rows, and with nulls for odd values."""

    cluster: str
    rows: list[tuple[Any, ...]]
    typed: Any  # List<Row> of the JVM, without rows that have an odd value
    nulled: Any  # the same of all rows
    key: tuple[str, ...]  # the source's primary key, none if it has none


def draw(spark: SparkSession, database: CloneDatabase, extract: Extract, seed: int, budget: int) -> Sample:
    """Return at least SAMPLED_ROWS rows of a clone, fewer if it has no more or if they exceed `budget` bytes.

    Raises:
        DatabaseError: The clone refuses a query; has its message.
    """
    jvm: Any = spark.sparkContext._jvm
    gateway: Any = spark.sparkContext._gateway
    types = gateway.new_array(jvm.java.lang.String, len(extract.columns))
    for n, column in enumerate(extract.columns):
        types[n] = column.type
    engine = _ENGINES[database.cluster.engine]
    name = database.cluster.name
    with database.connected() as connection, database.refusals(extract):
        share, key = engine.share(connection, extract), engine.key(connection, extract)
        sql = f"{database.mark} {engine.query(connection, extract, share, seed)}"
        drawn = jvm.witness.Sample.read(connection, name, sql, types, budget)
        while share < 1 and drawn.count() < SAMPLED_ROWS and not drawn.isFull():
            share *= _MORE
            sql = f"{database.mark} {engine.query(connection, extract, share, seed)}"
            drawn = jvm.witness.Sample.read(connection, name, sql, types, budget)
    # Not splitlines(): a text may hold characters that only Python treats as line ends.
    rows = [_row(line, extract) for line in drawn.text().split("\n")[:-1]]
    return Sample(name, rows, drawn.rows(), drawn.all(), key)


def frame(spark: SparkSession, extract: Extract, parts: list[Any]) -> DataFrame:
    """Return the rows of the samples' lists, with their `_cluster`.

    They are a single relation in the query plan, so that a plan shows where it reads them.
    """
    jvm: Any = spark.sparkContext._jvm
    rows = jvm.java.util.ArrayList()
    for part in parts:
        rows.addAll(part)
    return DataFrame(spark._jsparkSession.createDataFrame(rows, schema(spark, extract.columns)), spark)


def budget_bytes(clones: int) -> int:
    """Return the bytes of values to hold per clone of a table."""
    return min(_CLONE_BUDGET, _TABLE_BUDGET // clones)


class _Postgres:
    """Random rows of random blocks; of a source without its own blocks, random rows."""

    def share(self, connection: Any, extract: Extract) -> float:
        """Return the share of the table's blocks to sample; 1 for all."""
        size = "CASE WHEN relkind = 'p' THEN (SELECT sum(pg_relation_size(relid)) FROM pg_partition_tree(oid)) "
        size += "WHEN relkind IN ('r', 'm') THEN pg_relation_size(oid) END"
        ((blocks,),) = _asked(
            connection,
            f"SELECT coalesce(({size}) / current_setting('block_size')::int, 0) FROM pg_class "
            f"WHERE oid = ({postgres_relations.oid(extract)})",
        )
        return min(1.0, _BLOCKS / max(1.0, float(blocks or 0)))

    def key(self, connection: Any, extract: Extract) -> tuple[str, ...]:
        """Return the columns of the primary key."""
        rows = _asked(
            connection,
            "SELECT attname FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey) "
            f"WHERE indrelid = ({postgres_relations.oid(extract)}) AND indisprimary",
        )
        return _names(extract, rows)

    def query(self, connection: Any, extract: Extract, share: float, seed: int) -> str:
        """Set the session's random seed; return the query."""
        _asked(connection, f"SELECT setseed({seed / _SEEDS:.9f})")
        columns = ", ".join(quoted(column.database_name, '"') for column in extract.columns)
        part = f" TABLESAMPLE SYSTEM ({100 * share:.9f}) REPEATABLE ({seed})" if share < 1 else ""
        where = f" WHERE ({extract.where})" if extract.where else ""
        table = postgres_relations.source(extract)
        return f"SELECT {columns} FROM {table}{part}{where} ORDER BY random() LIMIT {SAMPLED_ROWS}"


class _MySql:
    """Random rows; of a table with known statistics, random rows of a random share."""

    def share(self, connection: Any, extract: Extract) -> float:
        """Return the share of the rows to put in random order; 1 for all."""
        schema, table = mysql_relations.names(extract)
        statistics = _asked(
            connection,
            f"SELECT table_rows FROM information_schema.tables WHERE table_schema = {schema} AND table_name = {table}",
        )
        rows = float(statistics[0][0] or 0) if statistics else 0.0
        return min(1.0, _CANDIDATES / max(1.0, rows))

    def key(self, connection: Any, extract: Extract) -> tuple[str, ...]:
        """Return the columns of the primary key."""
        schema, table = mysql_relations.names(extract)
        rows = _asked(
            connection,
            "SELECT column_name FROM information_schema.key_column_usage "
            f"WHERE table_schema = {schema} AND table_name = {table} AND constraint_name = 'PRIMARY'",
        )
        return _names(extract, rows)

    def query(self, connection: Any, extract: Extract, share: float, seed: int) -> str:  # noqa: ARG002 - of JDBC
        """Return the query."""
        columns = ", ".join(quoted(column.database_name, "`") for column in extract.columns)
        where = [f"({extract.where})"] if extract.where else []
        where += [f"RAND({seed}) < {share:.9f}"] if share < 1 else []
        condition = f" WHERE {' AND '.join(where)}" if where else ""
        table = mysql_relations.source(extract)
        return f"SELECT {columns} FROM {table}{condition} ORDER BY RAND({seed + 1}) LIMIT {SAMPLED_ROWS}"


_ENGINES: dict[str, Any] = {"aurora-postgresql": _Postgres(), "aurora-mysql": _MySql()}


def _names(extract: Extract, rows: list[tuple[Any, ...]]) -> tuple[str, ...]:
    """Return the catalog's names of database columns; an empty text for a column that is not read."""
    names = {column.database_name: column.name for column in extract.columns}
    return tuple(names.get(str(row[0]), "") for row in rows)


def _asked(connection: Any, sql: str) -> list[tuple[Any, ...]]:
    statement = connection.createStatement()
    rows = statement.executeQuery(sql)
    columns = rows.getMetaData().getColumnCount()
    records = []
    while rows.next():
        records.append(tuple(rows.getString(n + 1) for n in range(columns)))
    statement.close()
    return records


def _row(line: str, extract: Extract) -> tuple[Any, ...]:
    return tuple(sampled(cell, column.type) for cell, column in zip(json.loads(line), extract.columns))


def schema(spark: SparkSession, columns: Iterable[Column]) -> Any:
    """Return the JVM's schema of a sampled row, or of its `_cluster` and some columns."""
    fields = [StructField(column.name, _sql_type(column.type)) for column in columns]
    return spark._jsparkSession.parseDataType(StructType([StructField("_cluster", StringType()), *fields]).json())


def _sql_type(kind: str) -> DataType:
    numeric = _NUMERIC.fullmatch(kind)
    return DecimalType(int(numeric.group(1)), int(numeric.group(2))) if numeric else _TYPES[kind]
