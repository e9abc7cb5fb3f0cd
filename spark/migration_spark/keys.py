"""Keys that several rows have: looked for by narrow rows, which hold hashes in the place of items.

A row whose key DynamoDB refuses has no key. It is rejected whatever the others are, takes part in no shuffle here, and
so rows without a key never meet in one task.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Observation, Window
from pyspark.sql import functions as F

from migration_spark import functions
from migration_spark.redaction import Sample, key_hash
from migration_spark.rules import by_rank

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, Row


_SAMPLES = 5
_KEY = ("_hash", "_hash2")
# What a rank is made of: no text of an item or a key.
RANKED = ("_cluster", "_rejected", "_keyed", *_KEY, "_latest", "_tie", "_text_hash", "_source")


def may_repeat(rows: DataFrame, tasks: int) -> bool:
    """Return whether two rows may have one key: 8 bytes of each are shuffled, and a task remembers those it met."""
    hashes = rows.where("_keyed").select("_hash").repartition(tasks, "_hash")
    again = hashes.select(functions.again(F.col("_hash")).alias("_again"))
    return bool(again.agg(F.max("_again")).collect()[0][0])


def duplicates(rows: DataFrame) -> dict[str, int]:
    """Return per cluster how many rows share their key with another one, a rejected one too, and are items."""
    is_item = F.count(F.when(~F.col("_rejected"), 1))
    keyed = rows.where("_keyed").select("_cluster", "_rejected", *_KEY)
    counts = keyed.groupBy(*_KEY, "_cluster").agg(F.count(F.lit(1)).alias("rows"), is_item.alias("items"))
    counts = counts.withColumn("all", F.sum("rows").over(Window.partitionBy(*_KEY)))
    sums = counts.where("all > 1").groupBy("_cluster").agg(F.sum("items").alias("items"))
    return {row["_cluster"]: int(row["items"]) for row in sums.collect()}


def classified(rows: DataFrame, count: int) -> DataFrame:
    """Return prepared rows with `_class`, their rank among all rows of their key seen: the newest is the item.

    `_keyless` marks the newest row of a key if it is rejected, and `_collides` a row that gives way to one of another
    source key.
    """
    # Of rows that are one in everything, the file that has it is always the same.
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
    """Write which landed rows give way to newer ones of their key, file by file; return what was counted on the way.

    Only what a rank is made of is shuffled, and the place of each row.
    """
    seen = Observation()
    ranked = classified(rows.where("_keyed").select(*RANKED, "_place"), count)
    kept = ranked.select("_place.*", "_class", "_keyless", "_collides").where("_class = 'superseded' OR _keyless")
    counted = {"superseded": "_class = 'superseded'", "keyless": "_keyless", "collides": "_collides"}
    figures = [F.count(F.when(F.expr(of), 1)).alias(name) for name, of in counted.items()]
    # Counted behind the last shuffle: before one, Spark counts a task again that is tried again.
    kept = kept.repartition(count, "file").observe(seen, *figures).where("_class = 'superseded'")
    lines = kept.select("file", F.col("row").cast("string").alias("value"))
    lines.write.mode("overwrite").partitionBy("file").option("compression", "gzip").text(folder)
    return {name: int(count) for name, count in seen.get.items()}


def duplicate_samples(rows: DataFrame) -> list[Sample]:
    """Return a few keys that several rows share, in every writing that they have, with their clusters."""
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
    """Return how many source keys gave way to another one of the same item key, and a few of these item keys."""
    keyed = rows.where("_keyed")
    sources = F.count_distinct(F.when(F.col("_collides"), F.col("_source")))
    ranked = classified(keyed.select(*RANKED), count)
    keys = ranked.groupBy(*_KEY).agg(sources.alias("sources")).where("sources > 0")
    chosen = {(row["_hash"], row["_hash2"]): row for row in keys.orderBy(*_KEY).limit(_SAMPLES).collect()}
    texts = [F.min("_key_text").alias("key"), F.min("_source_text").alias("one"), F.max("_source_text").alias("other")]
    by_key = _only(keyed, list(chosen.values())).groupBy(*_KEY).agg(*texts)
    samples = []
    for row in by_key.orderBy("key").collect():
        count_of_key = chosen[row["_hash"], row["_hash2"]]["sources"] + 1
        values = f"{row['key']} stands for {count_of_key} source keys, {row['one']} and {row['other']} among them"
        samples.append(Sample(values, f"{key_hash(row['key'])} stands for {count_of_key} source keys"))
    return int(keys.agg(F.sum("sources")).collect()[0][0] or 0), samples


def _only(rows: DataFrame, keys: list[Row]) -> DataFrame:
    """Return the rows of a few keys."""
    wanted = F.lit(False)
    for key in keys:
        wanted = wanted | ((F.col("_hash") == key["_hash"]) & (F.col("_hash2") == key["_hash2"]))
    return rows.where(wanted)
