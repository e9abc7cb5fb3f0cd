"""Write one table's items: one shuffle by key finds keys that are there twice, and sizes the files."""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING, Any

from pyspark.sql import Observation, Window
from pyspark.sql import functions as F

from migration_spark import functions
from migration_spark.rules import attribute_names, check_keys, expires, rank, tie

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


def prepared(table: Table, result: DataFrame) -> DataFrame:
    """Return `_cluster, _rejected, _reason, _item, _expires, _orphan, _hash` and the key of each row of the select.

    Only what is written or counted goes on from here.
    """
    check_keys(table, result)
    key = [attribute.name for attribute in table.key]
    unmatched = [name for name in result.columns if name.startswith("_unmatched_")]
    orphan = F.greatest(F.lit(0), *[F.col(name).cast("int") for name in unmatched]) if unmatched else F.lit(0)
    order = [table.latest] if table.latest and table.latest not in key else []
    rows = result.select(
        "_cluster",
        functions.rejection(table, result).alias("_reason"),
        orphan.alias("_orphan"),
        expires(table).alias("_expires"),
        functions.item_text(table, result).alias("_item"),
        F.xxhash64(*key).alias("_hash"),
        *key,
        *order,
        *([tie(attribute_names(result)).alias("_tie")] if table.latest else []),
    )
    return rows.withColumn("_rejected", F.col("_reason").isNotNull())


def file_count(result: DataFrame, expected_rows: int, text_bytes: int) -> int:
    """Return how many files the rows of the select make, by the bytes of the texts that they come from."""
    names = attribute_names(result)
    size = text_bytes + expected_rows * sum(len(name.encode()) + _ATTRIBUTE_BYTES for name in names)
    return files(size, expected_rows, result.sparkSession.sparkContext.defaultParallelism)


def classified(table: Table, rows: DataFrame, count: int) -> DataFrame:
    """Return prepared rows with `_class`: what becomes of each, seen among all rows of its key."""
    same_key = ["_hash", *[attribute.name for attribute in table.key], "_rejected"]
    rows = rows.repartition(count, "_hash")
    kind = F.when(F.col("_rejected"), "rejected")
    if table.latest:
        rows = rows.withColumn("_rank", rank(table, F.col("_tie"), same_key))
        kind = kind.when(F.col("_rank") > 1, "superseded")
    else:
        rows = rows.withColumn("_same", F.count(F.lit(1)).over(Window.partitionBy(*same_key)))
        kind = kind.when(F.col("_same") > 1, "duplicate")
    return rows.withColumn("_class", kind.otherwise("item"))


def write_items(
    table: Table, rows: DataFrame, count: int, place: str, clusters: list[str]
) -> tuple[dict[str, int], dict[str, Any]]:
    """Write the items of prepared rows as `count` files below `place`; return the counts of all, and per cluster.

    Keys are looked for twice only if there may be any: each task remembers the hashes that it met, and the rows are
    sorted by key, and written anew, if it met one again.
    """
    if not table.latest:
        again = functions.again(F.when(~F.col("_rejected"), F.col("_hash")))
        kind = F.when(F.col("_rejected"), "rejected").otherwise("item")
        unique = _dealt(rows, count).withColumn("_again", again).withColumn("_class", kind)
        seen = _write(unique, place, clusters, F.count(F.when(F.col("_again"), 1)).alias("again"))
        if not seen["again"]:
            return _counts(seen, clusters)
    return _counts(_write(classified(table, rows, count), place, clusters), clusters)


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
    figures.append(F.count(F.when((F.col("_class") == "item") & F.col("_expires").isNotNull(), 1)).alias("expirable"))
    items = rows.observe(observation, *figures, *more).where(F.col("_class").isin("item", "duplicate"))
    items.select("_item").write.mode("overwrite").option("compression", "migration.ItemCodec").text(place)
    return dict(observation.get)


def _counts(seen: dict[str, int], clusters: list[str]) -> tuple[dict[str, int], dict[str, Any]]:
    names = (*_CLASSES, "unmatched")
    per_cluster = {cluster: {name: int(seen[f"{name}:{cluster}"]) for name in names} for cluster in clusters}
    totals = {name: sum(counts[name] for counts in per_cluster.values()) for name in names}
    return {**totals, "expirable": int(seen["expirable"])}, per_cluster


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


def duplicate_samples(table: Table, rows: DataFrame, count: int) -> list[str]:
    """Return a few keys that several rows share, with their clusters."""
    key = [attribute.name for attribute in table.key]
    found = (
        classified(table, rows, count)
        .where(F.col("_class") == "duplicate")
        .groupBy(*key)
        .agg(F.sort_array(F.collect_set("_cluster")))
    )
    return [
        f"{' / '.join(str(row[name]) for name in key)} in {', '.join(row[-1])}"
        for row in found.orderBy(*key).limit(_SAMPLES).collect()
    ]


def files(size: int, rows: int, cores: int) -> int:
    """Return how many files a table of so many bytes makes: as many as there are cores, if it has enough for them."""
    if size < _LEAST_FILE_BYTES:
        return max(1, min(cores, rows // _SMALL_FILE_ROWS))
    return max(math.ceil(size / _FILE_BYTES), min(cores, size // _LEAST_FILE_BYTES))
