"""Write one table's items: one shuffle by key finds duplicates and sizes the files."""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING, Any

from pyspark.sql import Observation, Window
from pyspark.sql import functions as F

from migration_spark.encode import item_text
from migration_spark.rules import attribute_names, check_keys, expires, rank, rejection

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from migration_spark.spec import Table
    from migration_spark.storage import Storage

_FILE_BYTES = 256 * 1024 * 1024  # uncompressed: ImportTable reads objects of a few hundred MB best
_SMALL_FILE_ROWS = 5_000
_EMPTY_GZIP_BYTES = 20
_SAMPLES = 5


def classified(table: Table, result: DataFrame, expected_rows: int, expected_bytes: int) -> DataFrame:
    """Return `_cluster, _class, _reason, _item, _expires` and the key, shuffled once by key."""
    check_keys(table, result)
    key = [attribute.name for attribute in table.key]
    unmatched = [name for name in result.columns if name.startswith("_unmatched_")]
    orphan = F.greatest(F.lit(0), *[F.col(name).cast("int") for name in unmatched]) if unmatched else F.lit(0)
    rows = result.select(
        "*",
        rejection(table, result).alias("_reason"),
        orphan.alias("_orphan"),
        expires(table).alias("_expires"),
        # Never round robin: a retried task would send rows elsewhere.
        F.xxhash64(*key).alias("_hash"),
    ).repartition(_files(result, expected_rows, expected_bytes), "_hash")
    same_key = ["_hash", *key, "_rejected"]
    rows = rows.withColumn("_rejected", F.col("_reason").isNotNull())
    names = attribute_names(result)
    place = rank(table, names, same_key) if table.latest else F.lit(1)
    rows = rows.select("*", place.alias("_rank"), F.count(F.lit(1)).over(Window.partitionBy(*same_key)).alias("_same"))
    kind = (
        F.when(F.col("_rejected"), "rejected")
        .when(F.col("_rank") > 1, "superseded")
        .when(F.lit(table.latest is None) & (F.col("_same") > 1), "duplicate")
        .otherwise("item")
    )
    keep = [F.col(name) for name in ("_cluster", "_reason", "_expires", "_orphan")]
    keep += [F.col(name).cast("string").alias(name) for name in key]
    return rows.select(*keep, kind.alias("_class"), item_text(table, result).alias("_item"))


def write_items(
    table: Table, rows: DataFrame, place: str, clusters: list[str]
) -> tuple[dict[str, int], dict[str, Any]]:
    """Write the items below `place`; return the counts over all classes, and per cluster."""
    observation = Observation(table.name)
    figures = [
        F.count(F.when((F.col("_class") == kind) & (F.col("_cluster") == cluster), 1)).alias(f"{kind}:{cluster}")
        for kind in ("item", "rejected", "superseded", "duplicate")
        for cluster in clusters
    ]
    figures += [
        F.count(F.when((F.col("_orphan") > 0) & (F.col("_cluster") == c), 1)).alias(f"unmatched:{c}") for c in clusters
    ]
    figures.append(F.count(F.when((F.col("_class") == "item") & F.col("_expires").isNotNull(), 1)).alias("expirable"))
    items = rows.observe(observation, *figures).where(F.col("_class").isin("item", "duplicate"))
    items.select("_item").write.mode("overwrite").option("compression", "gzip").text(place)
    found: dict[str, int] = observation.get
    per_cluster: dict[str, Any] = {cluster: {} for cluster in clusters}
    totals: dict[str, int] = {"expirable": int(found.pop("expirable"))}
    for name, value in found.items():
        kind, cluster = name.split(":", 1)
        per_cluster[cluster][kind] = int(value)
        totals[kind] = totals.get(kind, 0) + int(value)
    return totals, per_cluster


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


def duplicate_samples(table: Table, rows: DataFrame) -> list[str]:
    """Return a few keys that several rows share, with their clusters."""
    key = [attribute.name for attribute in table.key]
    found = rows.where(F.col("_class") == "duplicate").groupBy(*key).agg(F.sort_array(F.collect_set("_cluster")))
    return [
        f"{' / '.join(str(row[name]) for name in key)} in {', '.join(row[-1])}"
        for row in found.orderBy(*key).limit(_SAMPLES).collect()
    ]


def _files(result: DataFrame, rows: int, size: int) -> int:
    cores = result.sparkSession.sparkContext.defaultParallelism
    return max(1, math.ceil(size * 2.5 / _FILE_BYTES), min(cores, rows // _SMALL_FILE_ROWS))
