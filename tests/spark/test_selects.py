"""Spark runs selects as the catalog describes them: traced rows, and keys that distinguish rows."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from pyspark.sql import functions as F

from catalog.loader import load_catalog
from catalog.spec import build_spec
from tests.unit.catalog.test_key_expressions import INJECTIVE
from tests.unit.catalog.test_tracing import TRACED

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SPARK_TYPES = {"text": "string", "uuid": "string", "json": "string", "numeric": "string", "integer": "int"} | {
    "timestamptz": "timestamp", "bytes": "binary", "text[]": "array<string>", "bigint[]": "array<bigint>",
}  # fmt: skip
TEXTS = ["'a'", "'a#'", "'#a'", "'%23'", "'#'", "'%'", "'!'", "'!h'", "'|'", r"'\\'", r"'\\#'", "''", "NULL"]


def declare(spark: SparkSession, name: str, columns: dict[str, str]) -> None:
    """Create an empty view of an extract."""
    declared = ", ".join(f"CAST(NULL AS {SPARK_TYPES.get(kind, kind)}) AS {column}" for column, kind in columns.items())
    spark.sql(f"SELECT 'c' AS _cluster, {declared} WHERE false").createOrReplaceTempView(name)


@pytest.mark.parametrize("domain", ["rates", "availability"])
def test_spark_reads_the_traced_selects_of_the_catalog(spark: SparkSession, domain: str) -> None:
    for table in build_spec(load_catalog(), domain)["tables"]:
        for extract in table["extracts"]:
            columns = {column["name"]: column["type"].replace("numeric", "decimal") for column in extract["columns"]}
            is_driving = extract["name"] == table["driving"]["extract"]
            declare(spark, extract["name"], {**columns, **({"_source_row": "bigint"} if is_driving else {})})

        plain, traced = spark.sql(table["select"]), spark.sql(table["traced"])

        assert traced.columns == ["_source_row", "_source_key", *plain.columns]
        assert traced.schema["_source_row"].dataType.simpleString() == "bigint"


@pytest.mark.parametrize("text", TRACED.values())
def test_spark_reads_a_traced_select(spark: SparkSession, text: str) -> None:
    row = {"_source_row": "bigint", "id": "bigint", "plan_code": "text", "flag": "boolean", "labels": "text[]"}
    declare(spark, "rate", row)
    declare(spark, "plan", {"plan_code": "text", "name": "text"})

    assert "_source_row" in spark.sql(text).columns


@pytest.mark.parametrize("expression", [key for key in INJECTIVE if "room" in key or "plan_code" in key])
def test_a_key_that_is_accepted_tells_rows_apart_in_spark_and_is_null_for_a_null(
    spark: SparkSession, expression: str
) -> None:
    rows = ", ".join(
        f"({room}, {plan}, {number})" for room, plan, number in itertools.product(TEXTS, TEXTS, ["-1", "1", "11"])
    )
    spark.sql(f"SELECT * FROM VALUES {rows} AS t(room, plan_code, id)").selectExpr(
        "room", "plan_code", "id", "id AS property_id", "DATE '2027-03-01' AS night", "'0b0e-7a52' AS code"
    ).createOrReplaceTempView("rate")
    columns = [name for name in ("room", "plan_code", "id", "property_id") if f"rate.{name}" in expression]
    source = F.struct(*[F.col(name) for name in columns])
    is_null = F.expr(" OR ".join(f"{name} IS NULL" for name in columns))

    keys = spark.table("rate").select(F.expr(expression).alias("k"), source.alias("s"), is_null.alias("n"))

    assert keys.where("NOT n").groupBy("k").agg(F.count_distinct("s").alias("c")).where("c > 1").collect() == []
    assert keys.where("(k IS NULL) <> n").collect() == []
