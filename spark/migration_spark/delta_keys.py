"""Delta's first pass: shuffles every key of both sides once, as 192 bits, and counts the keys by class.

On the way it marks the buckets of differing keys, a bit each. The second pass reads only the lines of these whole.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyspark import StorageLevel
from pyspark.sql import functions as F

from migration_spark.delta_checks import CHANGES, CLASSES
from migration_spark.fingerprint_rows import LINE

if TYPE_CHECKING:
    from pyspark.sql import Column as Expression
    from pyspark.sql import DataFrame

    from migration_spark.delta_sides import DeltaSides

# A number's halves count a key's lines of each side.
_OF_BASE, _OF_ITEMS = 1, 1 << 32
_LOW_HALF = 0xFFFFFFFF
_ROW_BYTES = 48  # of a key in the shuffle
_PARTITION_BYTES = 24 * 1024**2
_WORD_BITS = 64
_BUCKETS_PER_ITEM = 4
_MOST_BUCKETS = 1 << 26  # their words take 16 MB on every worker


@dataclass(frozen=True)
class CountedKeys:
    """Counts of both sides' keys, and the buckets of the differing keys.

    Attributes:
        counts: Keys per class of CLASSES; `base` and `items`: the lines of each side that are items.
        unreadable: Lines of base and items that are not items.
        repeated: Keys that a side has more than once.
        words: `word` and `bits` of 64 buckets each, only those with a differing key.
        cached: The frame that caches the words; the caller unpersists it.
    """

    counts: dict[str, int]
    unreadable: tuple[int, int]
    repeated: int
    buckets: int
    words: DataFrame
    cached: DataFrame

    @property
    def changed(self) -> int:
        """Return the number of differing keys."""
        return sum(self.counts[name] for name in CHANGES)


def bucket_count(items: int) -> int:
    """Return the number of buckets for this many items of both sides, a power of two."""
    wanted = min(max(items * _BUCKETS_PER_ITEM, _WORD_BITS), _MOST_BUCKETS)
    return 1 << (wanted - 1).bit_length()


def word_and_bit(key: Expression, buckets: int) -> tuple[Expression, Expression]:
    """Return expressions: the word of a key's bucket, and its bit there."""
    bucket = key.bitwiseAND(F.lit(buckets - 1))
    bit = F.call_function("shiftleft", F.lit(1).cast("bigint"), bucket.bitwiseAND(F.lit(_WORD_BITS - 1)).cast("int"))
    return F.shiftrightunsigned(bucket, _WORD_BITS.bit_length() - 1).cast("int"), bit


def count(sides: DeltaSides) -> CountedKeys:
    """Count every key in its class; Spark reads both sides once, and shuffles 28 bytes of each line."""
    buckets = bucket_count(sides.base_count + sides.item_count)
    word, bit = word_and_bit(F.col("k1"), buckets)
    lines = _narrow(sides, sides.base, _OF_BASE).unionAll(_narrow(sides, sides.items, _OF_ITEMS))
    tasks = math.ceil((sides.base_count + sides.item_count) * _ROW_BYTES / _PARTITION_BYTES)
    # Partitioned by word, so that neither the keys nor the words need another shuffle.
    dealt = lines.withColumn("word", word).repartition(max(1, tasks), "word")
    keys = dealt.groupBy("word", "k1", "k2").agg(F.sum("side").alias("sides"), F.bit_xor("h").alias("h"))
    base, items = F.col("sides").bitwiseAND(F.lit(_LOW_HALF)), F.shiftright("sides", 32)
    is_item = F.col("k1").isNotNull()
    kind = (
        F.when((base > 1) | (items > 1), "repeated")
        .when(items == 0, "deleted")
        .when(base == 0, "inserted")
        .otherwise(F.when(F.col("h") == 0, "unchanged").otherwise("updated"))
    )
    keys = keys.select("word", "k1", base.alias("base"), items.alias("items"), kind.alias("kind"))
    differs = is_item & F.col("kind").isin(*CHANGES)
    sums = [F.count(F.when(is_item & (F.col("kind") == name), 1)).alias(name) for name in (*CLASSES, "repeated")]
    sums += [F.sum(F.when(is_item, F.col(name)).otherwise(0)).alias(name) for name in ("base", "items")]
    sums += [F.sum(F.when(~is_item, F.col(name)).otherwise(0)).alias(f"{name}Unread") for name in ("base", "items")]
    cached = keys.groupBy("word").agg(*sums, F.coalesce(F.bit_or(F.when(differs, bit)), F.lit(0)).alias("bits"))
    cached = cached.persist(StorageLevel.MEMORY_AND_DISK)
    names = [name for name in cached.columns if name not in ("word", "bits")]
    (totals,) = cached.agg(*[F.coalesce(F.sum(name), F.lit(0)).alias(name) for name in names]).collect()
    return CountedKeys(
        counts={name: int(totals[name]) for name in (*CLASSES, "base", "items")},
        unreadable=(int(totals["baseUnread"]), int(totals["itemsUnread"])),
        repeated=int(totals["repeated"]),
        buckets=buckets,
        words=cached.where("bits <> 0").select("word", "bits"),
        cached=cached,
    )


def _narrow(sides: DeltaSides, lines: DataFrame, side: int) -> DataFrame:
    # Two steps, so that Spark parses a line once.
    read = lines.select(sides.bits(F.col(LINE)).alias("_bits"))
    bits = [F.col("_bits")[name].alias(name) for name in ("k1", "k2", "h")]
    return read.select(*bits, F.lit(side).cast("bigint").alias("side"))
