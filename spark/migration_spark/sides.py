"""Two sides of a table: the source's rows and the export's lines, each as what it is and what stands for it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Callable

from pyspark.sql import functions as F

from migration_spark import functions
from migration_spark.rules import by_rank, excluded, expires, kinds_of, loose, quoted

if TYPE_CHECKING:
    from pyspark.sql import Column as Expression
    from pyspark.sql import DataFrame

    from migration_spark.export import Export
    from migration_spark.spec import Table

UNKNOWN = "(unknown attributes)"
LINE = "value"
# What becomes of a row of one side; only items meet the other side.
SOURCE_ITEM, TARGET_ITEM, REJECTED, SUPERSEDED, UNDECODABLE = range(5)


# What a row is where rows are dealt out by key, and how much of that a task is given.
_ROW_BYTES, _ATTRIBUTE_BYTES = 64, 5
_PARTITION_BYTES = 24 * 1024**2


@dataclass(frozen=True)
class Bootstrapped:
    """What Bootstrap counted of a table: it decides how the sides are compared, and what they must add up to."""

    items: int
    repeated: int  # rows that share their key with another one
    key_sum: int  # the first 64 bits of every item's key, added up
    tasks: int  # about how many tasks read both sides


@dataclass(frozen=True)
class Sides:
    """A table's source and export, ready to be compared."""

    table: Table
    result: DataFrame
    export: Export
    # Bootstrap rejected no row of a clone that has not changed since, by the very rules that would be asked again. Were
    # it otherwise, the rows would be missing in the export, which is found.
    rejects: bool = True
    # What SampledLines calls the keys whose lines it keeps while the export is read.
    sampled: int | None = None
    # What Bootstrap counted, or None where nobody did.
    bootstrapped: Bootstrapped | None = None
    # Which rows are looked at, by the struct of their key and expiry; all of them without it.
    kept: Callable[[Expression], Expression] | None = None
    share: float = 1.0  # about how much of the rows that is

    @property
    def has_ranks(self) -> bool:
        """Tell whether several rows may have one key, of which the latest is the item."""
        unique = self.bootstrapped is not None and not self.bootstrapped.repeated
        return bool(self.table.latest) and not unique

    def say(self, step: str) -> None:
        """Tell Spark what the jobs of this thread do from now on, so that its history says so."""
        self.result.sparkSession.sparkContext.setJobDescription(f"compare {self.table.name}: {step}")

    @cached_property
    def kinds(self) -> dict[str, str]:
        """Return every attribute's kind."""
        return kinds_of(self.table, self.result)

    @property
    def partitions(self) -> int | None:
        """Return among how many tasks rows of both sides are dealt out by key; Spark decides of an unknown number."""
        if self.bootstrapped is None:
            return None
        bytes_ = self.share * 2 * self.bootstrapped.items * (_ROW_BYTES + len(self.kinds) * _ATTRIBUTE_BYTES)
        return max(1, math.ceil(bytes_ / _PARTITION_BYTES))

    @cached_property
    def excluded(self) -> list[str]:
        """Return the attributes that do not count, as the catalog says."""
        return excluded(self.table, self.kinds)

    @cached_property
    def loose(self) -> list[str]:
        """Return the compared attributes that may differ by a tolerance."""
        return loose(self.table, self.kinds)

    @cached_property
    def exact(self) -> list[str]:
        """Return what must be equal: the other attributes, and that there are no more of them."""
        others = {*self.excluded, *self.loose}
        return [*[name for name in self.kinds if name not in others], UNKNOWN]

    @property
    def order(self) -> list[str]:
        """Return what has a fingerprint, in the order of fingerprints."""
        return [*self.exact, *self.loose, *self.excluded]


def source_rows(sides: Sides, *more: Expression) -> DataFrame:
    """Return of every row of the source `_kind`, `_expires`, `_marks` where it is an item, and whatever `more` says.

    `_lone` stands for a row that is no item: such rows must not all meet for want of a key.
    """
    table = sides.table
    rejected = functions.rejection(table, sides.result).isNotNull() if sides.rejects else F.lit(False)
    marks = functions.source_marks(table, sides.result).alias("_marks")
    lone = functions.row_hash(table, sides.result)["h1"]
    rows = kept_rows(sides, sides.result, functions.source_key(table, sides.result))
    if sides.has_ranks:
        return _ranked_rows(sides, rows, rejected.alias("_rejected"), expires(table).alias("_expires"), marks, *more)
    kind = F.when(F.col("_rejected"), REJECTED).otherwise(SOURCE_ITEM).alias("_kind")
    if sides.rejects:
        marks = F.when(~F.col("_rejected"), marks).alias("_marks")
    lone = F.when(F.col("_rejected"), lone).alias("_lone")
    return rows.withColumn("_rejected", rejected).select(kind, expires(table).alias("_expires"), marks, lone, *more)


def kept_rows(sides: Sides, rows: DataFrame, key: Expression) -> DataFrame:
    """Return the rows that are looked at."""
    if sides.kept is None:
        return rows
    return rows.withColumn("_located", key).where(sides.kept(F.col("_located")))


def _ranked_rows(sides: Sides, rows: DataFrame, *values: Expression) -> DataFrame:
    """Return the values of every row, and `_kind` by its rank among all rows of its key, rejected ones too."""
    table = sides.table
    latest = F.col(quoted(str(table.latest))).alias("_latest")
    tie = functions.row_hash(table, sides.result).alias("_tie")
    # Rows whose key has no value are not of one key, and all of them are rejected.
    texts = [F.octet_length(F.col(quoted(part.name)).cast("string")) for part in table.key]
    keyless = F.least(F.lit(1), *[F.coalesce(text, F.lit(0)) for text in texts]) == 0
    rows = rows.select(*values, "_cluster", latest, tie, keyless.alias("_keyless"))
    apart = ("_rejected", "_cluster", "_latest", "_tie", "_marks", "_keyless")
    names = [name for name in rows.columns if name not in apart]
    # In two steps, so that a row is read once.
    rows = rows.withColumn("_k1", F.col("_marks")["k1"]).withColumn("_k2", F.col("_marks")["k2"])
    rows = rows.withColumn("_lone", F.col("_tie")["h1"])
    rows = rows.withColumn("_apart", F.when(F.col("_keyless") & F.col("_rejected"), F.col("_lone")))
    key = ["_k1", "_k2", "_apart"]
    if sides.partitions:
        rows = rows.repartition(sides.partitions, *key)
    rank = F.row_number().over(by_rank(key, "_latest", "_tie"))
    kind = F.when(F.col("_rejected"), REJECTED).when(rank > 1, SUPERSEDED).otherwise(SOURCE_ITEM)
    rows = rows.withColumn("_kind", kind)
    is_item = F.col("_kind") == SOURCE_ITEM
    marks, lone = F.when(is_item, F.col("_marks")).alias("_marks"), F.when(~is_item, F.col("_lone")).alias("_lone")
    return rows.select("_kind", marks, lone, *[F.col(quoted(name)) for name in names])


def target_rows(sides: Sides, *more: Expression) -> DataFrame:
    """Return the same of every line of the export."""
    lines, line = sides.export.lines, F.col(LINE)
    marks = functions.export_marks(sides.table, sides.result, line, sides.sampled).alias("_marks")
    # In two steps, so that a line is read once.
    hashed = F.xxhash64(line).alias("_hash")
    rows = kept_rows(sides, lines, functions.export_key(sides.table, sides.result, line)).select(marks, hashed, *more)
    is_item = F.col("_marks").isNotNull()
    kind = F.when(is_item, TARGET_ITEM).otherwise(UNDECODABLE).alias("_kind")
    lone = F.when(~is_item, F.col("_hash")).alias("_lone")
    expiry = F.lit(None).cast("bigint").alias("_expires")
    return rows.select(kind, expiry, lone, *[F.col(f"`{name}`") for name in rows.columns if name != "_hash"])
