"""Keys that several rows share, searched in narrow rows, which hold hashes instead of items.

A row whose key DynamoDB refuses has no key. It is rejected anyway and takes part in no shuffle here, so that rows
without a key never meet in a single task.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Observation, Window
from pyspark.sql import functions as F

from migration_spark import jvm_functions
from migration_spark.attribute_kinds import by_rank
from migration_spark.redaction import Sample, key_hash

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, Row


_SAMPLES = 5
_KEY = ("_hash", "_hash2")
# Columns that decide a rank: no text of an item or a key.
RANKED = ("_cluster", "_rejected", "_keyed", *_KEY, "_latest", "_tie", "_text_hash", "_source")


def may_repeat(rows: DataFrame, tasks: int) -> bool:
    """Return whether two rows may share a key; shuffles 8 bytes of each row, which the tasks remember."""
    hashes = rows.where("_keyed").select("_hash").repartition(tasks, "_hash")
    again = hashes.select(jvm_functions.again(F.col("_hash")).alias("_again"))
    return bool(again.agg(F.max("_again")).collect()[0][0])


def duplicates(rows: DataFrame) -> dict[str, int]:
    """Return per cluster the items that share their key with another row, rejected or not."""
    is_item = F.count(F.when(~F.col("_rejected"), 1))
    keyed = rows.where("_keyed").select("_cluster", "_rejected", *_KEY)
    counts = keyed.groupBy(*_KEY, "_cluster").agg(F.count(F.lit(1)).alias("rows"), is_item.alias("items"))
    counts = counts.withColumn("all", F.sum("rows").over(Window.partitionBy(*_KEY)))
    sums = counts.where("all > 1").groupBy("_cluster").agg(F.sum("items").alias("items"))
    return {row["_cluster"]: int(row["items"]) for row in sums.collect()}


def classified(rows: DataFrame, count: int) -> DataFrame:
    """Return prepared rows with `_class`, by their rank among all rows of their key: the newest row is the item.

    `_keyless` marks the newest row of a key if it is rejected. `_collides` marks a row that a row of another source
    key supersedes.
    """
    # Among rows that are equal in everything, the row's file and index decide.
    ranked = by_rank(
        list(_KEY), "_latest", "_tie", "_text_hash", *[name for name in ("_place",) if name in rows.columns]
    )
    rows = rows.repartition(count, *_KEY)
    rows = rows.withColumn("_rank", F.row_number().over(ranked)).withColumn("_winner", F.first("_source").over(ranked))
    kind = F.when(F.col("_rejected"), "rejected").when(F.col("_rank") > 1, "superseded").otherwise("item")
    rows = rows.withColumn("_class", kind)
    return rows.withColumn("_keyless", F.col("_keyed") & F.col("_rejected") & (F.col("_rank") == 1)).withColumn(
        "_collides", (F.col("_class") == "superseded") & (F.col("_source") != F.col("_winner"))
    )


def write_superseded(rows: DataFrame, count: int, folder: str) -> dict[str, int]:
    """Write the superseded landed rows of each file; return the counts taken on the way.

    Spark shuffles only the columns that decide a rank, and each row's file and index.
    """
    seen = Observation()
    ranked = classified(rows.where("_keyed").select(*RANKED, "_place"), count)
    kept = ranked.select("_place.*", "_class", "_keyless", "_collides").where("_class = 'superseded' OR _keyless")
    counted = {"superseded": "_class = 'superseded'", "keyless": "_keyless", "collides": "_collides"}
    figures = [F.count(F.when(F.expr(of), 1)).alias(name) for name, of in counted.items()]
    # Counted after the last shuffle: before one, Spark would count a retried task twice.
    kept = kept.repartition(count, "file").observe(seen, *figures).where("_class = 'superseded'")
    lines = kept.select("file", F.col("row").cast("string").alias("value"))
    lines.write.mode("overwrite").partitionBy("file").option("compression", "gzip").text(folder)
    return {name: int(count) for name, count in seen.get.items()}


def duplicate_samples(rows: DataFrame) -> list[Sample]:
    """Return a few keys that several rows share, in all of their notations, with their clusters."""
    keyed = rows.where("_keyed")
    counts = keyed.groupBy(*_KEY).agg(F.count(F.lit(1)).alias("rows"), F.max(~F.col("_rejected")).alias("has_item"))
    chosen = counts.where("rows > 1 AND has_item").orderBy(*_KEY).limit(_SAMPLES).collect()
    texts, clusters = F.sort_array(F.collect_set("_key_text")), F.sort_array(F.collect_set("_cluster"))
    by_key = _only(keyed, chosen).groupBy(*_KEY).agg(texts.alias("texts"), clusters.alias("clusters"))
    return [
        Sample(
            f"{' = '.join(row['texts'][:_SAMPLES])} in {', '.join(row['clusters'])}",
            f"{key_hash(row['texts'][0])} in {', '.join(row['clusters'])}",
        )
        for row in by_key.orderBy("texts").collect()
    ]


def superseded_keys(rows: DataFrame, count: int) -> tuple[int, list[Sample]]:
    """Return how many source keys another source key of the same item key superseded, and a few of these item keys."""
    keyed = rows.where("_keyed")
    sources = F.count_distinct(F.when(F.col("_collides"), F.col("_source")))
    ranked = classified(keyed.select(*RANKED), count)
    keys = ranked.groupBy(*_KEY).agg(sources.alias("sources")).where("sources > 0")
    chosen = {(row["_hash"], row["_hash2"]): row for row in keys.orderBy(*_KEY).limit(_SAMPLES).collect()}
    texts = [F.min("_key_text").alias("key")]
    texts += [F.min("_source_text").alias("first"), F.max("_source_text").alias("last")]
    by_key = _only(keyed, list(chosen.values())).groupBy(*_KEY).agg(*texts)
    samples = []
    for row in by_key.orderBy("key").collect():
        count_of_key = chosen[row["_hash"], row["_hash2"]]["sources"] + 1
        values = f"{row['key']} has {count_of_key} source keys, among them {row['first']} and {row['last']}"
        samples.append(Sample(values, f"{key_hash(row['key'])} has {count_of_key} source keys"))
    return int(keys.agg(F.sum("sources")).collect()[0][0] or 0), samples


def _only(rows: DataFrame, keys: list[Row]) -> DataFrame:
    """Return the rows of a few keys."""
    wanted = F.lit(False)
    for key in keys:
        wanted = wanted | ((F.col("_hash") == key["_hash"]) & (F.col("_hash2") == key["_hash2"]))
    return rows.where(wanted)
