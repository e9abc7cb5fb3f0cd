"""Rows that cannot become items: their counts per cluster and reason, and a bounded number of them in a file.

Neither all rejected rows nor all rows of a reason ever meet in a single task: the tasks that read them count them, and
of many rows the job draws only some.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyspark.sql import Window
from pyspark.sql import functions as F

from migration_spark.typed_rows import ROW, UNREADABLE

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

# Of each cluster and reason: enough to recognise a pattern.
MOST_WRITTEN = 1_000
# Times MOST_WRITTEN to draw, so that chance leaves enough rows.
_DRAWN = 2
_SEED = 11
_OF = ("cluster", "reason")


def write(rows: DataFrame, unreadable: DataFrame, folder: str) -> list[dict[str, Any]]:
    """Write rejected rows with their reasons; return the counts per cluster and reason, the largest first."""
    rejects = _rejects(rows, unreadable)
    counts = {(row["cluster"], row["reason"]): int(row["count"]) for row in rejects.groupBy(*_OF).count().collect()}
    drawn = _drawn(rejects, counts).repartition(1)
    numbered = drawn.withColumn("_number", F.row_number().over(Window.partitionBy(*_OF).orderBy(F.xxhash64("row"))))
    numbered.where(F.col("_number") <= MOST_WRITTEN).drop("_number").write.mode("overwrite").json(folder)
    return [
        {"cluster": cluster, "reason": reason, "rows": count, "written": min(count, MOST_WRITTEN)}
        for (cluster, reason), count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    ]


def _rejects(rows: DataFrame, unreadable: DataFrame) -> DataFrame:
    refused = rows.where("_rejected").select(
        F.col("_cluster").alias("cluster"), F.col("_reason").alias("reason"), F.col("_item").alias("row")
    )
    bad = unreadable.select(
        F.col("_cluster").alias("cluster"),
        F.concat(F.lit("unreadable "), F.col(f"`{UNREADABLE}`")).alias("reason"),
        F.col(f"`{ROW}`").alias("row"),
    )
    return refused.unionByName(bad)


def _drawn(rejects: DataFrame, counts: dict[tuple[str, str], int]) -> DataFrame:
    """Return all rows of small groups, and a random sample of large groups."""
    shares = [(*of, _DRAWN * MOST_WRITTEN / count) for of, count in counts.items() if count > MOST_WRITTEN]
    if not shares:
        return rejects
    share = rejects.sparkSession.createDataFrame(shares, "cluster string, reason string, share double")
    rows = rejects.join(F.broadcast(share), list(_OF), "left")
    return rows.where(F.col("share").isNull() | (F.rand(_SEED) < F.col("share"))).drop("share")
