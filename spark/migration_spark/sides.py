"""Two sides of a table: the source's rows and the export's lines, each as what it is and what stands for it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

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

    @cached_property
    def kinds(self) -> dict[str, str]:
        """Return every attribute's kind."""
        return kinds_of(self.table, self.result)

    @property
    def excluded(self) -> list[str]:
        """Return the attributes that do not count, as the catalog says."""
        return excluded(self.table, self.kinds)

    @property
    def loose(self) -> list[str]:
        """Return the compared attributes that may differ by a tolerance."""
        return loose(self.table, self.kinds)

    @property
    def exact(self) -> list[str]:
        """Return what must be equal: the other attributes, and that there are no more of them."""
        return [*[name for name in self.kinds if name not in (*self.excluded, *self.loose)], UNKNOWN]

    @property
    def order(self) -> list[str]:
        """Return what has a fingerprint, in the order of fingerprints."""
        return [*self.exact, *self.loose, *self.excluded]


def source_rows(sides: Sides, *more: Expression) -> DataFrame:
    """Return of every row of the source `_kind`, `_expires`, `_marks` where it is an item, and whatever `more` says."""
    table = sides.table
    rejected = functions.rejection(table, sides.result).isNotNull() if sides.rejects else F.lit(False)
    marks = functions.source_marks(table, sides.result)
    expiry = expires(table).alias("_expires")
    if table.latest:
        return _ranked_rows(sides, rejected.alias("_rejected"), expiry, marks.alias("_marks"), *more)
    kind = F.when(F.col("_rejected"), REJECTED).otherwise(SOURCE_ITEM).alias("_kind")
    if sides.rejects:
        marks = F.when(~F.col("_rejected"), marks)
    rows = sides.result.withColumn("_rejected", rejected)
    return rows.select(kind, expiry, marks.alias("_marks"), *more)


def _ranked_rows(sides: Sides, *values: Expression) -> DataFrame:
    """Return the values of every row, and `_kind` by its rank among all rows of its key, rejected ones too."""
    table = sides.table
    latest = F.col(quoted(str(table.latest))).alias("_latest")
    tie = functions.row_hash(table, sides.result).alias("_tie")
    rows = sides.result.select(*values, "_cluster", latest, tie)
    names = [name for name in rows.columns if name not in ("_rejected", "_cluster", "_latest", "_tie", "_marks")]
    # In two steps, so that a row is read once.
    rows = rows.withColumn("_k1", F.col("_marks")["k1"]).withColumn("_k2", F.col("_marks")["k2"])
    rank = F.row_number().over(by_rank(["_k1", "_k2"], "_latest", "_tie"))
    kind = F.when(F.col("_rejected"), REJECTED).when(rank > 1, SUPERSEDED).otherwise(SOURCE_ITEM)
    rows = rows.withColumn("_kind", kind)
    marks = F.when(F.col("_kind") == SOURCE_ITEM, F.col("_marks")).alias("_marks")
    return rows.select("_kind", marks, *[F.col(quoted(name)) for name in names])


def target_rows(sides: Sides, *more: Expression) -> DataFrame:
    """Return the same of every line of the export."""
    marks = functions.export_marks(sides.table, sides.result, F.col(LINE), sides.sampled).alias("_marks")
    # In two steps, so that a line is read once.
    rows = sides.export.lines.select(marks, *more)
    kind = F.when(F.col("_marks").isNull(), UNDECODABLE).otherwise(TARGET_ITEM).alias("_kind")
    expiry = F.lit(None).cast("bigint").alias("_expires")
    return rows.select(kind, expiry, *[F.col(f"`{name}`") for name in rows.columns])
