"""Two sides of a table, attribute by attribute: the source's rows and the export's lines as values to compare."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, reduce
from operator import and_
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from migration_spark import canonical
from migration_spark.limits import rejection
from migration_spark.rules import STORED, attribute_names, expires, kind_of, rank, tie

if TYPE_CHECKING:
    from pyspark.sql import Column as Expression
    from pyspark.sql import DataFrame

    from migration_spark.export import Export
    from migration_spark.spec import Table

UNKNOWN = "(unknown attributes)"
# What becomes of a row of one side; only items meet the other side.
SOURCE_ITEM, TARGET_ITEM, REJECTED, SUPERSEDED, UNDECODABLE = range(5)
ABSENT, PRESENT, ODD = 0, 1, 2


@dataclass(frozen=True)
class Sides:
    """A table's source and export, ready to be compared."""

    table: Table
    result: DataFrame
    export: Export
    # Bootstrap rejected no row of a clone that has not changed since, by the very rules that would be asked again. Were
    # it otherwise, the rows would be missing in the export, which is found.
    rejects: bool = True

    @cached_property
    def kinds(self) -> dict[str, str]:
        """Return every attribute's kind."""
        schema = self.result.schema
        return {name: kind_of(self.table, name, schema[name].dataType) for name in attribute_names(self.result)}

    @property
    def excluded(self) -> list[str]:
        """Return the attributes that do not count, as the catalog says."""
        return [name for name in self.kinds if name in self.table.exclude]

    @property
    def loose(self) -> list[str]:
        """Return the compared attributes that may differ by a tolerance."""
        return [name for name in self.kinds if name in self.table.tolerances and name not in self.table.exclude]

    @property
    def exact(self) -> list[str]:
        """Return what must be equal: the other attributes, and that there are no more of them."""
        return [*[name for name in self.kinds if name not in (*self.excluded, *self.loose)], UNKNOWN]

    @property
    def order(self) -> list[str]:
        """Return what has a fingerprint, in the order of fingerprints."""
        return [*self.exact, *self.loose, *self.excluded]


def source_values(sides: Sides) -> DataFrame:
    """Return `_kind`, `_expires`, and per attribute its value, and whether it is there as `<name>/state`."""
    table, names = sides.table, list(sides.kinds)
    rejected = rejection(table, sides.result).isNotNull() if sides.rejects else F.lit(False)
    rows = sides.result.withColumn("_rejected", rejected)
    kind = F.when(F.col("_rejected"), REJECTED)
    if table.latest:
        rows = rows.withColumn("_rank", rank(table, tie(names), [*[part.name for part in table.key], "_rejected"]))
        kind = kind.when(F.col("_rank") > 1, SUPERSEDED)
    schema = sides.result.schema
    values = [
        canonical.source_value(column(name), kind_of_it, schema[name].dataType).alias(name)
        for name, kind_of_it in sides.kinds.items()
    ]
    states = [F.when(column(name).isNull(), ABSENT).otherwise(PRESENT).alias(f"{name}/state") for name in names]
    rows = rows.select(kind.otherwise(SOURCE_ITEM).alias("_kind"), expires(table).alias("_expires"), *values)
    return rows.select("*", *states, F.lit(0).alias(UNKNOWN), F.lit(PRESENT).alias(f"{UNKNOWN}/state"))


def target_values(sides: Sides, keep: tuple[str, ...] = ()) -> DataFrame:
    """Return the same of the export's lines, and of each line also what `keep` names."""
    kinds, schema = sides.kinds, sides.result.schema
    # element_at, since Spark would look up a getItem again wherever it is used.
    found = [F.element_at("Item", F.lit(name)).alias(f"{name}/found") for name in kinds]
    texts = [
        F.element_at(column(f"{name}/found"), F.lit(STORED.get(kind, kind))).alias(f"{name}/text")
        for name, kind in kinds.items()
    ]
    single = [column(f"{name}/found").isNull() | (F.size(column(f"{name}/found")) == 1) for name in kinds]
    values = [
        canonical.target_value(column(f"{name}/text"), kind, schema[name].dataType).alias(name)
        for name, kind in kinds.items()
    ]
    states = [
        F.when(column(name).isNotNull(), PRESENT)
        .when(~column(f"{name}/there"), ABSENT)
        .otherwise(ODD)
        .alias(f"{name}/state")
        for name in kinds
    ]
    there = [column(f"{name}/found").isNotNull() for name in kinds]
    rows = sides.export.lines.select("Item", "_corrupt", *found)
    whole = F.col("Item").isNotNull() & F.col("_corrupt").isNull() & (F.size("Item") > 0)
    kind = F.when(whole & reduce(and_, single), TARGET_ITEM).otherwise(UNDECODABLE)
    unknown = F.size("Item") - reduce(lambda left, right: left + right, [known.cast("int") for known in there])
    flags = [known.alias(f"{name}/there") for name, known in zip(kinds, there)]
    rows = rows.select(*keep, kind.alias("_kind"), unknown.alias(UNKNOWN), *flags, *texts)
    rows = rows.select(*keep, "_kind", UNKNOWN, *[f"`{name}/there`" for name in kinds], *values)
    return rows.select(
        *keep,
        "_kind",
        F.lit(None).cast("bigint").alias("_expires"),
        *[column(name) for name in (*kinds, UNKNOWN)],
        *states,
        F.lit(PRESENT).alias(f"{UNKNOWN}/state"),
    )


def column(name: str) -> Expression:
    """Return a column whose name may hold what SQL's may not."""
    return F.col(f"`{name}`")
