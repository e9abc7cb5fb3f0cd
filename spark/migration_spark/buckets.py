"""First pass of a comparison: sums of both sides per bucket of keys, so that Spark shuffles no equal items.

A bucket holds all items whose key hashes end alike. A task adds up the items of each bucket, and only these sums
leave it. docs/adr/0026-equal-buckets.md explains why equal sums mean equal items.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable

from pyspark.sql import functions as F

from migration_spark import jvm_functions
from migration_spark.expiry import has_expired
from migration_spark.fingerprint_rows import LINE

if TYPE_CHECKING:
    from pyspark.sql import Column as Expression
    from pyspark.sql import DataFrame

    from migration_spark.fingerprint_rows import Sides

_SEEDS = 2**31
# Numbers of special buckets; the buckets of keys are numbered from 0.
_NO_ITEMS, _MAY_BE_GONE = -1, -2
_MOST = 1 << 22
_LEAST_ROWS = 64  # of a bucket
_SUM_BYTES = 32  # of a task's compressed sums of one bucket
_OF_SOURCE, _OF_TARGET = 1, 1 << 32
_LOW_HALF = 0xFFFFFFFF


@dataclass(frozen=True)
class Agreement:
    """Counts of the agreeing buckets of two sides, and the numbers of the differing buckets."""

    buckets: int
    matched: int  # items of each side in the buckets that agree
    rejected: int
    undecodable: int
    key_sum: int
    differing: list[int]

    @property
    def differing_share(self) -> float:
        """Return the share of buckets that differ."""
        return sum(number >= 0 for number in self.differing) / self.buckets

    @property
    def may_be_gone(self) -> bool:
        """Return whether items that may have expired differ."""
        return _MAY_BE_GONE in self.differing

    def kept(self, sides: Sides) -> Callable[[Expression], Expression]:
        """Return the condition for rows of differing buckets, over the struct of their key and expiry."""
        bits = bytearray((self.buckets + 7) // 8)
        for number in self.differing:
            if number >= 0:
                bits[number >> 3] |= 1 << (number & 7)

        def differs(key: Expression) -> Expression:
            is_marked = jvm_functions.marked(bytes(bits), key["k1"].bitwiseAND(F.lit(self.buckets - 1)))
            return is_marked | _may_be_gone(sides, key) if self.may_be_gone else is_marked

        return differs


def count(rows: int, tasks: int) -> int:
    """Return the number of buckets for this many rows; the sums of all tasks take less than a byte per row."""
    wanted = min(rows // (max(1, tasks) * _SUM_BYTES), rows // _LEAST_ROWS, _MOST)
    return 1 << (max(1, wanted).bit_length() - 1)


def agreement(sides: Sides, buckets: int, ready: Callable[[], None]) -> Agreement:
    """Return the agreement of both sides' sums. Spark plans before `ready` is called, and reads after it."""
    seed = random.SystemRandom().randrange(_SEEDS)
    both = _source(sides, buckets, seed).unionAll(_target(sides, buckets, seed))
    sums = both.groupBy("_bucket").agg(*[F.sum(name).alias(name) for name in ("n", "x", "y", "k")])
    source, target = F.col("n").bitwiseAND(F.lit(_LOW_HALF)), F.shiftright("n", 32)
    differs = (source != target) | (F.col("x") != 0) | (F.col("y") != 0)
    no_items = F.col("_bucket") == _NO_ITEMS
    totals = sums.agg(
        F.sum(F.when(~no_items & ~differs, source)).alias("matched"),
        F.sum(F.when(no_items, source)).alias("rejected"),
        F.sum(F.when(no_items, target)).alias("undecodable"),
        F.sum("k").alias("keys"),
        F.collect_list(F.when(~no_items & differs, F.col("_bucket"))).alias("differing"),
    )
    totals._jdf.queryExecution().executedPlan()
    ready()
    sides.say(f"sums of {buckets:,} buckets")
    (row,) = totals.collect()
    figures: dict[str, Any] = {name: int(row[name] or 0) for name in ("matched", "rejected", "undecodable")}
    return Agreement(buckets, **figures, key_sum=int(row["keys"] or 0), differing=list(row["differing"]))


def _source(sides: Sides, buckets: int, seed: int) -> DataFrame:
    table, result = sides.table, sides.result
    rejected = jvm_functions.rejection(table, result).isNotNull() if sides.rejects else F.lit(False)
    # In two steps, so that a row is read once.
    rows = result.select(rejected.alias("_rejected"), jvm_functions.source_term(table, result, seed).alias("_term"))
    is_item = ~F.col("_rejected")
    term = F.col("_term")
    if sides.has_ranks:
        # A rejected row still ranks: inverted bits, which no item has, make its bucket differ.
        x = F.when(is_item, term["x"]).otherwise(F.bitwise_not(term["x"]))
        return rows.select(*_added(_bucket(sides, buckets), _OF_SOURCE, x, term["y"], term["k1"]))
    bucket = F.when(is_item, _bucket(sides, buckets)).otherwise(_NO_ITEMS)
    x, y, key = (F.when(is_item, term[name]).otherwise(0) for name in ("x", "y", "k1"))
    return rows.select(*_added(bucket, _OF_SOURCE, x, y, key))


def _target(sides: Sides, buckets: int, seed: int) -> DataFrame:
    term = jvm_functions.export_term(sides.table, sides.result, F.col(LINE), seed, sides.sampled)
    rows = sides.export.lines.select(term.alias("_term"))
    term = F.col("_term")
    bucket = F.when(term.isNotNull(), _bucket(sides, buckets)).otherwise(_NO_ITEMS)
    x, y = (F.coalesce(-term[name], F.lit(0)) for name in ("x", "y"))
    return rows.select(*_added(bucket, _OF_TARGET, x, y, F.lit(0)))


def _added(bucket: Expression, unit: int, x: Expression, y: Expression, key: Expression) -> list[Expression]:
    values = {"n": F.lit(unit), "x": x, "y": y, "k": key}
    return [bucket.cast("int").alias("_bucket"), *[value.cast("bigint").alias(name) for name, value in values.items()]]


def _bucket(sides: Sides, buckets: int) -> Expression:
    term = F.col("_term")
    bucket = term["k1"].bitwiseAND(F.lit(buckets - 1))
    return F.when(_may_be_gone(sides, term), _MAY_BE_GONE).otherwise(bucket) if sides.table.ttl else bucket


def _may_be_gone(sides: Sides, key: Expression) -> Expression:
    """Return whether DynamoDB may have deleted an item; such items share a bucket, or they would make all differ."""
    return F.coalesce(has_expired(key["expires"], sides.export.exported_at_seconds), F.lit(False))
