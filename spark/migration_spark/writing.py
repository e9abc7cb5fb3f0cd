"""Writes of a table's items: each task writes the rows that it reads, unless the select itself shuffles rows.

The same landed files make files with the same names and bytes, whatever the number of executors, the order in which
tasks end, and the number of retries: docs/adr/0025-items-are-written-where-they-are-read.md.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyspark.sql import Observation
from pyspark.sql import functions as F

from migration_spark import jvm_functions, keys
from migration_spark.attribute_kinds import SOURCE_KEY, SOURCE_ROW, check_result, expires, quoted, unmatched_names
from migration_spark.conservation import Traces, is_superseded, trace
from migration_spark.errors import RowsNotConserved
from migration_spark.expiry import can_expire
from migration_spark.item_tasks import Volume, in_session, is_shuffled, own_session

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import Column as Expression
    from pyspark.sql import DataFrame

    from migration_spark.spec import Table
    from migration_spark.storage import Storage

# Spark's setting of the commit protocol, and ItemFiles' setting of the session's own protocol.
_PROTOCOL, _OWN_PROTOCOL = "spark.sql.sources.commitProtocolClass", "spark.migration.commitProtocolClass"
_EMPTY_GZIP_BYTES = 20
_CLASSES = ("item", "rejected", "superseded", "duplicate")


@dataclass(frozen=True)
class Newest:
    """Way to mark superseded rows: a first pass writes their list to a folder, and the second pass reads it."""

    folder: str
    marked: Callable[[], DataFrame]


@dataclass(frozen=True)
class Written:
    """Counts of a table's rows by class, in total and per cluster, and the sums of their identities and keys."""

    totals: dict[str, int]
    clusters: dict[str, dict[str, int]]
    traces: Traces
    key_sum: int = 0  # of the first halves of their hashes; it wraps around


def prepared(table: Table, result: DataFrame) -> DataFrame:
    """Return the columns to write or count of each row of the select; Spark computes only the columns used."""
    check_result(table, result)
    is_unmatched = [F.coalesce(F.col(quoted(name)).cast("int"), F.lit(1)) for name in unmatched_names(result)]
    key_text = [F.coalesce(F.col(quoted(part.name)).cast("string"), F.lit("null")) for part in table.key]
    rows = result.select(
        "_cluster",
        jvm_functions.rejection(table, result).alias("_reason"),
        F.greatest(F.lit(0), *is_unmatched).alias("_orphan") if is_unmatched else F.lit(0).alias("_orphan"),
        expires(table).alias("_expires"),
        jvm_functions.item_text(table, result).alias("_item"),
        jvm_functions.key_hash(table, result).alias("_key"),
        jvm_functions.has_key(table, result).alias("_keyed"),
        F.concat_ws(" / ", *key_text).alias("_key_text"),
        (trace() if SOURCE_ROW in result.columns else F.lit(0).cast("bigint")).alias("_trace"),
        *_ranked(table, result),
    )
    hashes = [F.col("_key")["h1"].alias("_hash"), F.col("_key")["h2"].alias("_hash2")]
    if table.latest:
        hashes.append(F.xxhash64("_item").alias("_text_hash"))
    return rows.select("*", F.col("_reason").isNotNull().alias("_rejected"), *hashes)


def _ranked(table: Table, result: DataFrame) -> list[Expression]:
    """Return the columns that rank the rows of a key, and each row's key in the source."""
    if not table.latest:
        return []
    source, text = F.lit(None).cast("bigint"), F.lit(None).cast("string")
    if SOURCE_KEY in result.columns:
        source = jvm_functions.source_key_hash(table, result)
        text = F.to_json(SOURCE_KEY, {"ignoreNullFields": "false"})
    marks = []
    if SOURCE_ROW in result.columns:
        marks = [F.col(SOURCE_ROW).alias("_place"), is_superseded().alias("_superseded")]
    return [
        *marks,
        F.col(quoted(table.latest)).alias("_latest"),
        jvm_functions.row_hash(table, result).alias("_tie"),
        source.alias("_source"),
        text.alias("_source_text"),
    ]


def write_items(
    table: Table,
    rows: DataFrame,
    count: int,
    folder: str,
    clusters: list[str],
    *,
    volume: Volume | None = None,
    newest: Newest | None = None,
) -> Written:
    """Write the items of prepared rows below `folder`; return the counts in total and per cluster.

    Shuffled rows make `count` files; otherwise the tasks that read rows also write them. The `volume` of a table sizes
    its shuffles, and `newest` marks superseded rows if the rows can be traced.
    """
    of = volume or Volume(0, 0)
    if table.latest:
        return _write_latest(rows, count, (folder, clusters, of), newest)
    kind = F.when(F.col("_rejected"), "rejected").otherwise("item")
    if is_shuffled(rows):
        again = F.when(F.col("_keyed"), jvm_functions.again(F.col("_hash")))
        dealt = _dealt(rows, count).withColumn("_again", again).withColumn("_class", kind)
        seen = _write(dealt, folder, clusters, of, F.count(F.when(F.col("_again"), 1)).alias("again"))
        repeats = bool(seen["again"])
    else:
        repeats = keys.may_repeat(rows, of.hash_tasks)
        seen = _write(rows.withColumn("_class", kind), folder, clusters, of)
    return _written(seen, clusters, keys.duplicates(rows) if repeats else {})


def _write_latest(
    rows: DataFrame, count: int, written: tuple[str, list[str], Volume], newest: Newest | None
) -> Written:
    """Write the newest row of each key; shuffle no items if the select shuffles none and the rows can be traced.

    Raises:
        RowsNotConserved: The rows left out are not the rows found older in the first pass.
    """
    _, clusters, of = written
    kind = F.when(F.col("_rejected"), "rejected")
    more = [F.count(F.when(F.col(f"_{name}"), 1)).alias(name) for name in ("keyless", "collides")]
    if is_shuffled(rows):
        return _written(_write(keys.classified(_spread(rows), count), *written, *more), clusters)
    if not keys.may_repeat(rows, of.hash_tasks):
        keyless = F.col("_rejected") & F.col("_keyed")
        alone = rows.select("*", kind.otherwise("item").alias("_class"), keyless.alias("_keyless"))
        return _written(_write(alone, *written, more[0]), clusters)
    if newest is None:
        return _written(_write(keys.classified(_spread(rows), count), *written, *more), clusters)
    superseded = keys.write_superseded(rows, max(of.hash_tasks, 2), newest.folder)
    marked = kind.when(F.col("_superseded"), "superseded").otherwise("item")
    seen = _write(newest.marked().withColumn("_class", marked), *written)
    total = _written({**seen, **superseded}, clusters)
    if total.totals["superseded"] != superseded["superseded"]:
        raise RowsNotConserved(
            f"{superseded['superseded']} rows are older than others of their key, but {total.totals['superseded']} "
            "were left out: the select returns other rows each time it runs; check its functions and windows"
        )
    return total


def _spread(rows: DataFrame) -> DataFrame:
    """Return rows with the hashes that distribute them: the key's hash, or a keyless row's own."""
    own = F.xxhash64("_item", "_key_text", "_cluster", "_trace")
    deal = F.when(F.col("_keyed"), F.col("_hash")).otherwise(own)
    rows = rows.withColumn("_deal", deal).withColumn("_hash", F.col("_deal"))
    return rows.withColumn("_item", F.when(~F.col("_rejected"), F.col("_item")))


def _dealt(rows: DataFrame, count: int) -> DataFrame:
    """Return rows partitioned by key for `count` files, in an order that does not depend on the shuffle.

    Never round robin: a retried task would send rows to other files.
    """
    return _spread(rows).repartition(count, "_deal").sortWithinPartitions("_deal", "_item")


def _write(rows: DataFrame, folder: str, clusters: list[str], of: Volume, *more: Expression) -> dict[str, int]:
    observation = Observation()
    expirable = (F.col("_class") == "item") & can_expire(F.col("_expires"), int(time.time()))
    figures = [
        F.count(F.when(expirable, 1)).alias("expirable"),
        F.count(F.lit(1)).alias("rows"),
        F.sum("_trace").alias("traces"),
        F.sum(F.when(F.col("_class") == "item", F.col("_hash"))).alias("keySum"),
    ]
    context = rows.sparkSession.sparkContext
    counts: Any = context._jvm.migration.RowCounts  # type: ignore[union-attr] # a driver has one
    number = int(counts.begin(context._jsc.sc()))
    is_item = jvm_functions.counted(number, F.col("_class"), F.col("_cluster"), F.col("_orphan") > 0)
    # Counted in the writing task: Spark counts each task once there, but counts retried tasks twice before a shuffle.
    items = with_item_file_names(rows).observe(observation, *figures, *more).where(is_item).select("_item")
    writer = items.write.mode("overwrite").option("compression", "migration.ItemCodec")
    writer.option("maxRecordsPerFile", of.rows_per_file).text(folder)
    return {**_by_class_and_cluster(str(counts.take(number)), clusters), **observation.get}


def _by_class_and_cluster(lines: str, clusters: list[str]) -> dict[str, int]:
    """Return rows by `class:cluster`, for every class and cluster, from lines like `12 item east`."""
    counted = {
        (kind, cluster): int(rows) for rows, kind, cluster in (line.split(" ", 2) for line in lines.splitlines())
    }
    kinds = (*_CLASSES, "unmatched")
    return {f"{kind}:{cluster}": counted.get((kind, cluster), 0) for kind in kinds for cluster in clusters}


def with_item_file_names(rows: DataFrame) -> DataFrame:
    """Return the rows in a session whose commit protocol names files by their task."""
    spark = rows.sparkSession
    own = spark.conf.get(_PROTOCOL) or ""
    return in_session(rows, own_session(spark, {_PROTOCOL: "migration.ItemFiles", _OWN_PROTOCOL: own}))


def _written(seen: dict[str, int], clusters: list[str], duplicates: dict[str, int] | None = None) -> Written:
    names = (*_CLASSES, "unmatched")
    per_cluster = {cluster: {name: int(seen[f"{name}:{cluster}"]) for name in names} for cluster in clusters}
    for cluster, rows in (duplicates or {}).items():
        # They were written as items, but a table with duplicate keys is not imported.
        per_cluster[cluster]["item"] -= rows
        per_cluster[cluster]["duplicate"] = rows
    totals = {name: sum(counts[name] for counts in per_cluster.values()) for name in names}
    totals.update({name: int(seen.get(name, 0)) for name in ("expirable", "keyless", "collides")})
    return Written(totals, per_cluster, Traces(int(seen["rows"]), int(seen["traces"] or 0)), int(seen["keySum"] or 0))


def list_files(storage: Storage, folder: str) -> list[dict[str, Any]]:
    """Delete empty objects of a table; return the others with their sizes.

    ImportTable reads every object, and counts an object without a line as an error.
    """
    files = []
    for stored in storage.list(folder):
        if stored.bytes <= _EMPTY_GZIP_BYTES:
            storage.delete(stored.uri)
        else:
            files.append({"name": stored.uri.rsplit("/", 1)[1], "bytes": stored.bytes})
    return files


def listing(files: list[dict[str, Any]]) -> str:
    """Return a digest of names and sizes in S3's order; the state machine computes it the same way from its listing."""
    digest = ""
    for file in sorted(files, key=lambda file: file["name"].encode()):
        digest = hashlib.sha256(f"{digest}|{file['name']} {file['bytes']}".encode()).hexdigest()
    return digest
