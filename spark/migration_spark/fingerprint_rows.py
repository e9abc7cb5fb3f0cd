"""Two sides of a table: the source's rows and the export's lines, each with its kind and its fingerprint."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Callable

from pyspark.sql import functions as F

from migration_spark import jvm_functions
from migration_spark.attribute_kinds import by_rank, excluded, expires, kinds_of, loose, quoted

if TYPE_CHECKING:
    from pyspark.sql import Column as Expression
    from pyspark.sql import DataFrame

    from migration_spark.export import Export
    from migration_spark.spec import Table

UNKNOWN = "(unknown attributes)"
LINE = "value"
# Kinds of rows; only items are compared with the other side.
SOURCE_ITEM, TARGET_ITEM, REJECTED, SUPERSEDED, UNDECODABLE = range(5)


# Bytes of a row in the shuffle by key, and of a task of it.
_ROW_BYTES, _ATTRIBUTE_BYTES = 64, 5
_PARTITION_BYTES = 24 * 1024**2


@dataclass(frozen=True)
class Bootstrapped:
    """Bootstrap's counts of a table, which decide the way of comparing, and which the sides must add up to."""

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
    # False if Bootstrap rejected no row: the clone has not changed and the same rules would apply. A wrong False would
    # still be detected, since the export would lack the rows.
    rejects: bool = True
    # Number of the SampledLines that keep lines while the export is read.
    sampled: int | None = None
    bootstrapped: Bootstrapped | None = None
    # Condition of the rows to compare, over the struct of their key and expiry; None compares all rows.
    kept: Callable[[Expression], Expression] | None = None
    share: float = 1.0  # about the share of rows that `kept` keeps

    @property
    def has_ranks(self) -> bool:
        """Return whether several rows may share a key, of which the latest is the item."""
        unique = self.bootstrapped is not None and not self.bootstrapped.repeated
        return bool(self.table.latest) and not unique

    def say(self, step: str) -> None:
        """Describe this thread's Spark jobs from now on, for Spark's history."""
        self.result.sparkSession.sparkContext.setJobDescription(f"compare {self.table.name}: {step}")

    @cached_property
    def kinds(self) -> dict[str, str]:
        """Return every attribute's kind."""
        return kinds_of(self.table, self.result)

    @property
    def partitions(self) -> int | None:
        """Return the number of tasks of the shuffle by key, or None to let Spark decide."""
        if self.bootstrapped is None:
            return None
        bytes_ = self.share * 2 * self.bootstrapped.items * (_ROW_BYTES + len(self.kinds) * _ATTRIBUTE_BYTES)
        return max(1, math.ceil(bytes_ / _PARTITION_BYTES))

    @cached_property
    def excluded(self) -> list[str]:
        """Return the attributes that the catalog excludes from the comparison."""
        return excluded(self.table, self.kinds)

    @cached_property
    def loose(self) -> list[str]:
        """Return the compared attributes that may differ by a tolerance."""
        return loose(self.table, self.kinds)

    @cached_property
    def exact(self) -> list[str]:
        """Return the attributes that must be equal, and UNKNOWN for attributes that no row has."""
        others = {*self.excluded, *self.loose}
        return [*[name for name in self.kinds if name not in others], UNKNOWN]

    @property
    def order(self) -> list[str]:
        """Return all attributes in the order of their fingerprints."""
        return [*self.exact, *self.loose, *self.excluded]


def source_rows(sides: Sides, *more: Expression) -> DataFrame:
    """Return of every source row `_kind`, `_expires`, `_marks` if it is an item, and the columns of `more`.

    `_lone` replaces the key of a row that is not an item, so that such rows do not all meet in a single task.
    """
    table = sides.table
    rejected = jvm_functions.rejection(table, sides.result).isNotNull() if sides.rejects else F.lit(False)
    marks = jvm_functions.source_marks(table, sides.result).alias("_marks")
    lone = jvm_functions.row_hash(table, sides.result)["h1"]
    rows = kept_rows(sides, sides.result, jvm_functions.source_key(table, sides.result))
    if sides.has_ranks:
        return _ranked_rows(sides, rows, rejected.alias("_rejected"), expires(table).alias("_expires"), marks, *more)
    kind = F.when(F.col("_rejected"), REJECTED).otherwise(SOURCE_ITEM).alias("_kind")
    if sides.rejects:
        marks = F.when(~F.col("_rejected"), marks).alias("_marks")
    lone = F.when(F.col("_rejected"), lone).alias("_lone")
    return rows.withColumn("_rejected", rejected).select(kind, expires(table).alias("_expires"), marks, lone, *more)


def kept_rows(sides: Sides, rows: DataFrame, key: Expression) -> DataFrame:
    """Return the rows that `kept` keeps."""
    if sides.kept is None:
        return rows
    return rows.withColumn("_located", key).where(sides.kept(F.col("_located")))


def _ranked_rows(sides: Sides, rows: DataFrame, *values: Expression) -> DataFrame:
    """Return the values of every row, and `_kind` by its rank among all rows of its key, rejected rows included."""
    table = sides.table
    latest = F.col(quoted(str(table.latest))).alias("_latest")
    tie = jvm_functions.row_hash(table, sides.result).alias("_tie")
    # Rows without a key value do not share a key, and all of them are rejected.
    texts = [F.octet_length(F.col(quoted(part.name)).cast("string")) for part in table.key]
    keyless = F.least(F.lit(1), *[F.coalesce(text, F.lit(0)) for text in texts]) == 0
    rows = rows.select(*values, "_cluster", latest, tie, keyless.alias("_keyless"))
    apart = ("_rejected", "_cluster", "_latest", "_tie", "_marks", "_keyless")
    names = [name for name in rows.columns if name not in apart]
    # Two steps, so that Spark computes a row's marks once.
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
    marks = jvm_functions.export_marks(sides.table, sides.result, line, sides.sampled).alias("_marks")
    # Two steps, so that Spark parses a line once.
    hashed = F.xxhash64(line).alias("_hash")
    rows = kept_rows(sides, lines, jvm_functions.export_key(sides.table, sides.result, line)).select(
        marks, hashed, *more
    )
    is_item = F.col("_marks").isNotNull()
    kind = F.when(is_item, TARGET_ITEM).otherwise(UNDECODABLE).alias("_kind")
    lone = F.when(~is_item, F.col("_hash")).alias("_lone")
    expiry = F.lit(None).cast("bigint").alias("_expires")
    return rows.select(kind, expiry, lone, *[F.col(f"`{name}`") for name in rows.columns if name != "_hash"])
