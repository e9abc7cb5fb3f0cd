"""Write one table's items: one shuffle by key finds keys that are there twice, and sizes the files."""

from __future__ import annotations

import hashlib
import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyspark.sql import Observation, Window
from pyspark.sql import functions as F

from migration_spark import functions
from migration_spark.conservation import Traces, trace
from migration_spark.expiry import can_expire
from migration_spark.redaction import Sample, key_hash
from migration_spark.rules import (
    SOURCE_KEY,
    SOURCE_ROW,
    attribute_names,
    by_rank,
    check_result,
    expires,
    quoted,
    unmatched_names,
)

if TYPE_CHECKING:
    from pyspark.sql import Column as Expression
    from pyspark.sql import DataFrame

    from migration_spark.spec import Table
    from migration_spark.storage import Storage

# ImportTable reads objects of a few hundred MB, uncompressed, best; smaller ones only where a table has no more.
_FILE_BYTES = 256 * 1024 * 1024
_LEAST_FILE_BYTES = 128 * 1024 * 1024
_SMALL_FILE_ROWS = 5_000
_ATTRIBUTE_BYTES = 14  # what stands around a name and a value
_EMPTY_GZIP_BYTES = 20
_SAMPLES = 5
# Into how many parts rows are dealt for one file, and for all.
_PARTS_A_FILE, _MOST_PARTS = 32, 2_000
_CLASSES = ("item", "rejected", "superseded", "duplicate")


@dataclass(frozen=True)
class Written:
    """What became of a table's rows, in all and per cluster, the sum of their identities, and that of items' keys."""

    totals: dict[str, int]
    clusters: dict[str, dict[str, int]]
    traces: Traces
    key_sum: int = 0  # of the first halves of their hashes; it wraps around


def prepared(table: Table, result: DataFrame) -> DataFrame:
    """Return what is written or counted of each row of the select; what is not asked for is not computed."""
    check_result(table, result)
    is_unmatched = [F.coalesce(F.col(quoted(name)).cast("int"), F.lit(1)) for name in unmatched_names(result)]
    key_text = [F.coalesce(F.col(quoted(part.name)).cast("string"), F.lit("null")) for part in table.key]
    rows = result.select(
        "_cluster",
        functions.rejection(table, result).alias("_reason"),
        F.greatest(F.lit(0), *is_unmatched).alias("_orphan") if is_unmatched else F.lit(0).alias("_orphan"),
        expires(table).alias("_expires"),
        functions.item_text(table, result).alias("_item"),
        functions.key_hash(table, result).alias("_key"),
        F.concat_ws(" / ", *key_text).alias("_key_text"),
        (trace() if SOURCE_ROW in result.columns else F.lit(0).cast("bigint")).alias("_trace"),
        *_ranked(table, result),
    )
    return rows.select("*", F.col("_reason").isNotNull().alias("_rejected"), F.col("_key")["h1"].alias("_hash"))


def _ranked(table: Table, result: DataFrame) -> list[Expression]:
    """Return what chooses one of several rows of a key, and the key that each has in the source."""
    if not table.latest:
        return []
    source, text = F.lit(None).cast("bigint"), F.lit(None).cast("string")
    if SOURCE_KEY in result.columns:
        source = functions.source_key_hash(table, result)
        text = F.to_json(SOURCE_KEY, {"ignoreNullFields": "false"})
    return [
        F.col(quoted(table.latest)).alias("_latest"),
        functions.row_hash(table, result).alias("_tie"),
        source.alias("_source"),
        text.alias("_source_text"),
    ]


def file_count(result: DataFrame, expected_rows: int, text_bytes: int) -> int:
    """Return how many files the rows of the select make, by the bytes of the texts that they come from."""
    names = attribute_names(result)
    size = text_bytes + expected_rows * sum(len(name.encode()) + _ATTRIBUTE_BYTES for name in names)
    return files(size, expected_rows, result.sparkSession.sparkContext.defaultParallelism)


def classified(table: Table, rows: DataFrame, count: int) -> DataFrame:
    """Return prepared rows with `_class`: what becomes of each, seen among all rows of its key.

    With `latest`, `_keyless` marks the newest row of a key if it is rejected, and `_collides` a row that gives way to
    one of another source key.
    """
    key = ["_hash", "_hash2"]
    rows = rows.withColumn("_hash2", F.col("_key")["h2"]).repartition(count, "_hash")
    kind = F.when(F.col("_rejected"), "rejected")
    if not table.latest:
        # A rejected row counts too: it may be the newer one.
        rows = rows.withColumn("_same", F.count(F.lit(1)).over(Window.partitionBy(*key)))
        return rows.withColumn("_class", kind.when(F.col("_same") > 1, "duplicate").otherwise("item"))
    ranked = by_rank(key, "_latest", "_tie")
    rows = rows.withColumn("_rank", F.row_number().over(ranked)).withColumn("_winner", F.first("_source").over(ranked))
    rows = rows.withColumn("_class", kind.when(F.col("_rank") > 1, "superseded").otherwise("item"))
    return rows.withColumn("_keyless", F.col("_rejected") & (F.col("_rank") == 1)).withColumn(
        "_collides", (F.col("_class") == "superseded") & (F.col("_source") != F.col("_winner"))
    )


def write_items(table: Table, rows: DataFrame, count: int, place: str, clusters: list[str]) -> Written:
    """Write the items of prepared rows as `count` files below `place`; return the counts of all, and per cluster.

    Keys are looked for twice only if there may be any: each task remembers the hashes that it met, and the rows are
    sorted by key, and written anew, if it met one again.
    """
    if table.latest:
        more = [F.count(F.when(F.col(f"_{name}"), 1)).alias(name) for name in ("keyless", "collides")]
        return _written(_write(classified(table, rows, count), place, clusters, *more), clusters)
    again = functions.again(F.col("_hash"))
    kind = F.when(F.col("_rejected"), "rejected").otherwise("item")
    unique = _dealt(rows, count).withColumn("_again", again).withColumn("_class", kind)
    seen = _write(unique, place, clusters, F.count(F.when(F.col("_again"), 1)).alias("again"))
    if seen["again"]:
        seen = _write(classified(table, rows, count), place, clusters)
    return _written(seen, clusters)


def _dealt(rows: DataFrame, count: int) -> DataFrame:
    """Return rows for `count` files, all of a key in one, and no file in the order of keys.

    A file is made of many parts by hash: rows in the database's order are in their key's, and an import of such would
    write to one partition at a time. Never round robin: a retried task would send rows elsewhere.
    """
    parts = max(1, min(_PARTS_A_FILE, _MOST_PARTS // count))
    return rows.repartition(count * parts, "_hash").coalesce(count)


def _write(rows: DataFrame, place: str, clusters: list[str], *more: Expression) -> dict[str, int]:
    observation = Observation()
    counted = {kind: F.col("_class") == kind for kind in _CLASSES}
    counted["unmatched"] = F.col("_orphan") > 0
    figures = [
        F.count(F.when(is_kind & (F.col("_cluster") == cluster), 1)).alias(f"{kind}:{cluster}")
        for kind, is_kind in counted.items()
        for cluster in clusters
    ]
    expirable = (F.col("_class") == "item") & can_expire(F.col("_expires"), int(time.time()))
    figures += [
        F.count(F.when(expirable, 1)).alias("expirable"),
        F.count(F.lit(1)).alias("rows"),
        F.sum("_trace").alias("traces"),
        F.sum(F.when(F.col("_class") == "item", F.col("_hash"))).alias("keySum"),
    ]
    items = rows.observe(observation, *figures, *more).where(F.col("_class").isin("item", "duplicate"))
    items.select("_item").write.mode("overwrite").option("compression", "migration.ItemCodec").text(place)
    return dict(observation.get)


def _written(seen: dict[str, int], clusters: list[str]) -> Written:
    names = (*_CLASSES, "unmatched")
    per_cluster = {cluster: {name: int(seen[f"{name}:{cluster}"]) for name in names} for cluster in clusters}
    totals = {name: sum(counts[name] for counts in per_cluster.values()) for name in names}
    totals.update({name: int(seen.get(name, 0)) for name in ("expirable", "keyless", "collides")})
    return Written(totals, per_cluster, Traces(int(seen["rows"]), int(seen["traces"] or 0)), int(seen["keySum"] or 0))


def list_files(storage: Storage, place: str) -> list[dict[str, Any]]:
    """Return the objects of a table with their sizes; an empty one is deleted first.

    ImportTable reads whatever it finds, and an object without a line counts as an error.
    """
    files = []
    for stored in storage.list(place):
        if stored.bytes <= _EMPTY_GZIP_BYTES:
            storage.delete(stored.uri)
        else:
            files.append({"name": stored.uri.rsplit("/", 1)[1], "bytes": stored.bytes})
    return files


def listing(files: list[dict[str, Any]]) -> str:
    """Return a digest of names and sizes in S3's order; the state machine folds its own listing the same way."""
    digest = ""
    for file in sorted(files, key=lambda file: file["name"].encode()):
        digest = hashlib.sha256(f"{digest}|{file['name']} {file['bytes']}".encode()).hexdigest()
    return digest


def duplicate_samples(table: Table, rows: DataFrame, count: int) -> list[Sample]:
    """Return a few keys that several rows share, in every writing that they have, with their clusters."""
    texts, clusters = F.sort_array(F.collect_set("_key_text")), F.sort_array(F.collect_set("_cluster"))
    is_duplicate = F.max(F.col("_class") == "duplicate").alias("is_duplicate")
    by_key = classified(table, rows, count).groupBy("_hash", "_hash2")
    keys = by_key.agg(is_duplicate, texts.alias("texts"), clusters.alias("clusters")).where("is_duplicate")
    return [
        Sample(
            f"{' = '.join(row['texts'][:_SAMPLES])} in {', '.join(row['clusters'])}",
            f"{key_hash(row['texts'][0])} in {', '.join(row['clusters'])}",
        )
        for row in keys.orderBy("texts").limit(_SAMPLES).collect()
    ]


def superseded_keys(table: Table, rows: DataFrame, count: int) -> tuple[int, list[Sample]]:
    """Return how many source keys gave way to another one of the same item key, and a few of these item keys."""
    sources = F.count_distinct(F.when(F.col("_collides"), F.col("_source")))
    texts = [F.min("_key_text").alias("key"), F.min("_source_text").alias("one"), F.max("_source_text").alias("other")]
    keys = classified(table, rows, count).groupBy("_hash", "_hash2").agg(sources.alias("sources"), *texts)
    keys = keys.where(F.col("sources") > 0)
    samples = [
        Sample(
            f"{row['key']} stands for {row['sources'] + 1} source keys, {row['one']} and {row['other']} among them",
            f"{key_hash(row['key'])} stands for {row['sources'] + 1} source keys",
        )
        for row in keys.orderBy("key").limit(_SAMPLES).collect()
    ]
    return int(keys.agg(F.sum("sources")).collect()[0][0] or 0), samples


def files(size: int, rows: int, cores: int) -> int:
    """Return how many files a table of so many bytes makes: as many as there are cores, if it has enough for them."""
    if size < _LEAST_FILE_BYTES:
        return max(1, min(cores, rows // _SMALL_FILE_ROWS))
    return max(math.ceil(size / _FILE_BYTES), min(cores, size // _LEAST_FILE_BYTES))
