"""Two sides of a table: the source's rows and the export's lines, each as what it is and what stands for it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from migration_spark import functions
from migration_spark.rules import excluded, expires, kinds_of, loose, rank, tie

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
    rows = sides.result.withColumn("_rejected", rejected)
    kind = F.when(F.col("_rejected"), REJECTED)
    if table.latest:
        key = [*[part.name for part in table.key], "_rejected"]
        rows = rows.withColumn("_rank", rank(table, tie(list(sides.kinds)), key))
        kind = kind.when(F.col("_rank") > 1, SUPERSEDED)
    rows = rows.withColumn("_kind", kind.otherwise(SOURCE_ITEM))
    marks = functions.source_marks(table, sides.result)
    if sides.rejects or table.latest:
        marks = F.when(F.col("_kind") == SOURCE_ITEM, marks)
    return rows.select("_kind", expires(table).alias("_expires"), marks.alias("_marks"), *more)


def target_rows(sides: Sides, *more: Expression) -> DataFrame:
    """Return the same of every line of the export."""
    marks = functions.export_marks(sides.table, sides.result, F.col(LINE), sides.sampled).alias("_marks")
    # In two steps, so that a line is read once.
    rows = sides.export.lines.select(marks, *more)
    kind = F.when(F.col("_marks").isNull(), UNDECODABLE).otherwise(TARGET_ITEM).alias("_kind")
    expiry = F.lit(None).cast("bigint").alias("_expires")
    return rows.select(kind, expiry, *[F.col(f"`{name}`") for name in rows.columns])
