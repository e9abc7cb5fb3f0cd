"""Specs of small tables for the tests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from migration_spark import jvm_functions, typed_rows
from migration_spark.audit import figures
from migration_spark.export import Export
from migration_spark.fingerprint_rows import Bootstrapped
from migration_spark.spec import Cluster, Column, Extract, KeyAttribute, Table
from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

CLUSTER = Cluster(name="one", group="g", engine="aurora-postgresql", database="postgres", user="postgres")


def extract(columns: dict[str, str], source: str = "thing") -> Extract:
    return Extract(
        table="Thing",
        name="thing",
        source=source,
        clusters=(CLUSTER,),
        columns=tuple(Column(name, kind) for name, kind in columns.items()),
        where=None,
        connections=2,
        broadcast=False,
    )


def table(columns: dict[str, str], **changes: Any) -> Table:  # noqa: ANN401 - fields of a table
    fields: dict[str, Any] = {
        "name": "Thing",
        "extracts": (extract(columns),),
        "driving": "thing",
        "group_by": (),
        "select": f"SELECT _cluster, {', '.join(columns)} FROM thing",
        "key": (KeyAttribute("id", "S", 2048),),
        "index_keys": (),
        "attributes": {},
        "latest": None,
        "max_unmatched": 0,
        "max_rejects": 0,
        "allow_empty": False,
        "ttl": None,
        "exclude": (),
        "tolerances": {},
    }
    return Table(**{**fields, **changes})


def export_of(spark: SparkSession, lines: list[str]) -> Export:
    frame = spark.createDataFrame([(line,) for line in lines], "value string").coalesce(1)
    return Export(len(lines), 1_700_000_000, frame)


def lines_of(items: list[dict[str, Any]]) -> list[str]:
    return [json.dumps({"Item": item}) for item in items]


def counted(source: Extract, rows: DataFrame) -> dict[str, list[Any]]:
    """Return Bootstrap's counts of an extract's texts per cluster."""
    counts = typed_rows.with_values(rows, source).groupBy("_cluster").agg(*figures(source)).collect()
    return {row[0]: list(row[1:]) for row in counts}


def bootstrapped(spec: Table, result: DataFrame, repeated: int = 0) -> Bootstrapped:
    """Return Bootstrap's counts of a table whose rows are all items."""
    hashed = jvm_functions.key_hash(spec, result)["h1"].alias("hash")
    hashes = [row["hash"] for row in result.select(hashed).collect()]
    return Bootstrapped(items=len(hashes) - repeated, repeated=repeated, key_sum=sum(hashes), tasks=2)


def said(result: DataFrame, **changes: Any) -> list[dict[str, str | None]]:  # noqa: ANN401 - fields of a table
    """Return the comparison's text of each attribute of each row."""
    texts = result.select(jvm_functions.source_texts(_table_of(result, **changes), result)).collect()
    return [dict(zip(result.columns[1:], row[0], strict=True)) for row in texts]


def read(
    spark: SparkSession,
    result: DataFrame,
    items: list[dict[str, Any]],
    **changes: Any,  # noqa: ANN401 - fields of a table
) -> list[dict[str, str | None] | None]:
    """Return the comparison's texts of each item of `result`'s rows; None if it is not an item."""
    lines = spark.createDataFrame([(json.dumps({"Item": item}),) for item in items], "value string").coalesce(1)
    texts = jvm_functions.export_texts(_table_of(result, **changes), result, F.col("value"))
    return [row[0] and dict(zip(result.columns[1:], row[0], strict=True)) for row in lines.select(texts).collect()]


def _table_of(result: DataFrame, **changes: Any) -> Table:  # noqa: ANN401 - fields of a table
    return table(dict.fromkeys(result.columns[1:], "text"), **changes)
