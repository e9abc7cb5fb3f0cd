"""The select of a table reads its own extracts, whatever else runs at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from migration_spark import typed_rows
from migration_spark.typed_rows import UNREADABLE
from pyspark.sql import functions as F

from tests.spark.tables import table

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SPEC = table({"id": "text"})
RUNS = 24


def test_selects_of_one_table_that_are_planned_at_once_read_their_own_rows(spark: SparkSession) -> None:
    def planned(number: int) -> list[str]:
        rows = spark.createDataFrame([("one", f"k{number}")], "_cluster string, id string")
        result, _ = typed_rows.select(spark, SPEC, {"thing": rows.withColumn(UNREADABLE, F.lit(None).cast("string"))})
        return [row["id"] for row in result.collect()]

    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(planned, range(RUNS)))

    assert keys == [[f"k{number}"] for number in range(RUNS)]
