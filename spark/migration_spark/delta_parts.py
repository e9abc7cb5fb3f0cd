"""Delta's second pass: writes the lines of differing keys as changes, in parts for the table writer.

The same lines make parts with the same bytes and names, whatever the number of workers and retries. Changes are in
the order of their keys' hashes, so that no part overloads a single partition of the table.
"""

from __future__ import annotations

import json
import math
import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from pyspark.sql import Window
from pyspark.sql import functions as F

from migration_spark.delta_keys import word_and_bit
from migration_spark.errors import RowsNotConserved
from migration_spark.fingerprint_rows import LINE
from migration_spark.writing import with_item_file_names

if TYPE_CHECKING:
    from pyspark.sql import Column as Expression
    from pyspark.sql import DataFrame

    from migration_spark.delta_keys import CountedKeys
    from migration_spark.delta_sides import DeltaSides
    from migration_spark.storage import Storage, Stored

KINDS = ("puts", "deletes")
MOST_CHANGES = 5_000  # of a part
# A part ends with the change that reaches this size; the largest change is about 5 MB: two escaped items of 400 KB.
_MOST_BYTES = 8 * 1024**2
_DEALT_CHANGES = 4_500  # per deal on average, so that nearly every deal is a single part
_TASK_LINES = 50_000
_CHUNKS = 1 << 20  # more than the parts of a deal
_COPIES_AT_ONCE = 16
_PART = re.compile(r"/part=(\d+)/[^/]+$")


def changes(sides: DeltaSides, counted: CountedKeys) -> DataFrame:
    """Return `k1`, `k2`, `is_put` and `value` (the writer's line) of every differing key."""
    spurious = min(1.0, counted.changed / counted.buckets) * (sides.base_count + sides.item_count)
    tasks = max(1, math.ceil((2 * counted.changed + spurious) / _TASK_LINES))
    base, items = (_kept(sides, lines, counted).repartition(tasks, "k1", "k2") for lines in (sides.base, sides.items))
    base = base.select("k1", "k2", F.col("h").alias("before"), F.col(LINE).alias("was"))
    items = items.select("k1", "k2", F.col("h").alias("after"), F.col(LINE).alias("put"))
    # A differing bucket may also hold equal keys.
    both = base.join(items, ["k1", "k2"], "full_outer").where(~F.col("before").eqNullSafe(F.col("after")))
    names = F.lit(json.dumps([part.name for part in sides.table.key]))
    line = F.call_function("migration.change", F.col("was"), F.col("put"), names)
    return both.select("k1", "k2", F.col("put").isNotNull().alias("is_put"), line.alias(LINE))


def _kept(sides: DeltaSides, lines: DataFrame, counted: CountedKeys) -> DataFrame:
    """Return the lines of differing buckets with their bits; Spark reads only the keys of all other lines."""
    word, bit = word_and_bit(F.col("_key"), counted.buckets)
    # Every line has a key, but without this Spark would filter lines without one, and parse each line twice.
    key = F.coalesce(sides.key(F.col(LINE)), F.lit(0))
    located = lines.withColumn("_key", key).withColumn("word", word)
    kept = located.join(F.broadcast(counted.words), "word").where(F.col("bits").bitwiseAND(bit) != 0)
    read = kept.select(LINE, sides.bits(F.col(LINE)).alias("_bits"))
    return read.select(LINE, *[F.col("_bits")[name].alias(name) for name in ("k1", "k2", "h")])


def in_parts(rows: DataFrame, puts: int, deletes: int) -> DataFrame:
    """Return the changes with the number of their `part`, in their order of writing."""
    deals = [math.ceil(number / _DEALT_CHANGES) for number in (puts, deletes)]
    deal = F.when(F.col("is_put"), _dealt(deals[0])).otherwise(_dealt(deals[1]) + deals[0])
    rows = rows.withColumn("deal", deal).repartition(max(1, sum(deals)), "deal")
    order = Window.partitionBy("deal").orderBy("k1", "k2")
    before = F.coalesce(
        F.sum(F.octet_length(LINE) + 1).over(order.rowsBetween(Window.unboundedPreceding, -1)), F.lit(0)
    )
    # Both numbers only grow, so that their sum changes whenever either does.
    chunk = F.floor((F.row_number().over(order) - 1) / MOST_CHANGES) + F.floor(before / _MOST_BYTES)
    rows = rows.withColumn("part", F.col("deal") * _CHUNKS + chunk)
    return rows.sortWithinPartitions("part", "k1", "k2").select("part", LINE)


def _dealt(deals: int) -> Expression:
    return F.pmod(F.col("k1"), F.lit(max(1, deals))).cast("bigint")


def write(storage: Storage, rows: DataFrame, puts: int, deletes: int, folders: tuple[str, str]) -> dict[str, Any]:
    """Write changes as parts below the second folder, with the first as scratch; return the entries of parts.json.

    Raises:
        RowsNotConserved: The written changes are not the counted ones.
    """
    scratch, folder = folders
    for old in folders:
        storage.delete(old)
    writer = with_item_file_names(in_parts(rows, puts, deletes)).write.mode("overwrite").partitionBy("part")
    writer.option("compression", "gzip").text(scratch)
    lines = rows.sparkSession.read.option("lineSep", "\n").schema("value string, part bigint").text(scratch)
    sizes = {row["part"]: row["n"] for row in lines.groupBy("part").agg(F.count(F.lit(1)).alias("n")).collect()}
    files = _files(storage, scratch)
    first_delete = math.ceil(puts / _DEALT_CHANGES) * _CHUNKS
    with ThreadPoolExecutor(_COPIES_AT_ONCE) as pool:
        sums = list(pool.map(lambda file: storage.md5(file[1].uri), files))
        parts: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
        copies = []
        for (number, stored), md5 in zip(files, sums):
            kind = KINDS[number >= first_delete]
            name = f"{kind}-{md5}.jsonl.gz"
            parts[kind].append({"name": name, "changes": sizes[number], "bytes": stored.bytes, "md5": md5})
            copies.append(pool.submit(storage.copy, stored.uri, f"{folder}/{name}"))
        for copy in copies:
            copy.result()
    for kind, wanted in zip(KINDS, (puts, deletes)):
        written = sum(part["changes"] for part in parts[kind])
        if written != wanted:
            raise RowsNotConserved(f"{folder}: {wanted} {kind} were counted, and {written} written; resume the run")
    storage.delete(scratch)
    return parts


def _files(storage: Storage, scratch: str) -> list[tuple[int, Stored]]:
    """Return the written files with their part numbers, in order; leave out the committers' own files."""
    matches = [(_PART.search(stored.uri), stored) for stored in storage.list_below(scratch)]
    return sorted(((int(match.group(1)), stored) for match, stored in matches if match), key=lambda file: file[0])
