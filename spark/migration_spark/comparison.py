"""Compare one table: both sides as narrow rows, one shuffle by key, classes and counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyspark.sql import Window
from pyspark.sql import functions as F

from migration_spark import canonical
from migration_spark.export import decodable
from migration_spark.rules import attribute_names, expires, rank, rejection

if TYPE_CHECKING:
    from pyspark.sql import Column as Expression
    from pyspark.sql import DataFrame

    from migration_spark.export import Export
    from migration_spark.spec import Table

UNKNOWN = "(unknown attributes)"
BAD = ("changed", "missing", "extra", "duplicate", "undecodable")
CLASSES = ("matched", *BAD, "expired", "rejected", "superseded")


@dataclass(frozen=True)
class Sides:
    """A table's source and export, ready to be compared."""

    table: Table
    result: DataFrame
    export: Export

    @property
    def compared(self) -> list[str]:
        """Return the attributes that count; what the catalog excludes does not."""
        return [name for name in attribute_names(self.result) if name not in self.table.exclude]

    @property
    def excluded(self) -> list[str]:
        """Return the attributes that do not count."""
        return [name for name in attribute_names(self.result) if name in self.table.exclude]

    @property
    def exact(self) -> list[str]:
        """Return what must be equal: the compared attributes without a tolerance, and that there are no others."""
        return [*[name for name in self.compared if name not in self.table.tolerances], UNKNOWN]

    @property
    def loose(self) -> list[str]:
        """Return the compared attributes that may differ by a tolerance."""
        return [name for name in self.compared if name in self.table.tolerances]


def source_values(sides: Sides) -> DataFrame:
    """Return `_kind` (item, rejected, superseded), `_expires`, and per attribute its canonical text."""
    table, result = sides.table, sides.result
    key = [attribute.name for attribute in table.key]
    names = attribute_names(result)
    rows = result.withColumn("_rejected", rejection(table, result).isNotNull())
    if table.latest:
        rows = rows.withColumn("_rank", rank(table, names, [*key, "_rejected"]))
    place = F.col("_rank") if table.latest else F.lit(1)
    kind = F.when(F.col("_rejected"), "rejected").when(place > 1, "superseded").otherwise("item")
    rows = rows.select(kind.alias("_kind"), expires(table).alias("_expires"), *[F.col(f"`{name}`") for name in names])
    values = canonical.source_values(table, rows, ["_kind", "_expires"])
    return values.withColumn(UNKNOWN, F.lit(canonical.ABSENT))


def target_values(sides: Sides) -> DataFrame:
    """Return `_kind` (item, undecodable) and per attribute its canonical text."""
    names = attribute_names(sides.result)
    known = F.array(*[F.lit(name) for name in names])
    others = F.array_sort(F.array_except(F.map_keys("Item"), known))
    unknown = F.when(F.size(others) > 0, F.array_join(others, ",")).otherwise(F.lit(canonical.ABSENT))
    kind = F.when(F.col("_readable"), "item").otherwise("undecodable")
    lines = decodable(sides.export.lines).select(kind.alias("_kind"), unknown.alias(UNKNOWN), "Item")
    return canonical.target_values(sides.table, sides.result, lines, ["_kind", UNKNOWN])


def narrow(sides: Sides, values: DataFrame) -> DataFrame:
    """Return `k` (128 bit of the key), `h` (of the row), `f` (32 bit per attribute), `n` rows of that key, `_place`."""
    key = canonical.row_text([F.col(attribute.name) for attribute in sides.table.key])
    keep = [name for name in ("_kind", "_expires") if name in values.columns]
    loose = [F.col(name).alias(f"_loose_{name}") for name in sides.loose]
    rows = values.select(
        *keep,
        *loose,
        canonical.hash_128(key).alias("k"),
        canonical.hash_128(canonical.row_text([F.col(name) for name in sides.exact])).alias("h"),
        F.array(*[F.hash(F.col(name)) for name in sides.exact]).alias("f"),
        F.array(*[F.hash(F.col(name)) for name in sides.excluded]).alias("g"),
    )
    # One order for both figures, and the key alone to part by: the join then needs no other shuffle and no other sort.
    same = Window.partitionBy("k").orderBy("k", F.col("_kind") != "item", "h")
    items = F.count(F.when(F.col("_kind") == "item", 1))
    whole = same.rowsBetween(Window.unboundedPreceding, Window.unboundedFollowing)
    return rows.select("*", items.over(whole).alias("n"), F.row_number().over(same).alias("_place"))


def joined(sides: Sides, source: DataFrame, target: DataFrame) -> DataFrame:
    """Return one row per key, or per row that has no place in the comparison, with `_class` and `_changes`."""
    left = narrow(sides, source).alias("s")
    right = narrow(sides, target).alias("t")
    same = (F.col("s.k") == F.col("t.k")) & (F.col("s._kind") == "item") & (F.col("t._kind") == "item")
    # Of rows that share a key each meets one at most, so that every row is counted once.
    # Said as two inequalities, since an equality would make the place a part of what both sides are shuffled by.
    same = same & (F.col("s._place") <= F.col("t._place")) & (F.col("s._place") >= F.col("t._place"))
    rows = left.join(right, same, "full_outer")
    changes = _changes(sides)
    kind = (
        F.when(F.col("t._kind") == "undecodable", "undecodable")
        .when(F.col("s._kind").isin("rejected", "superseded"), F.col("s._kind"))
        .when((F.col("s.n") > 1) | (F.col("t.n") > 1), "duplicate")
        .when(F.col("t.k").isNull() & (F.col("s._expires") <= F.lit(sides.export.exported_at_seconds)), "expired")
        .when(F.col("t.k").isNull(), "missing")
        .when(F.col("s.k").isNull(), "extra")
        .when(F.exists(changes, lambda change: change), "changed")
        .otherwise("matched")
    )
    return rows.select(
        kind.alias("_class"),
        F.coalesce("s.k", "t.k").alias("k"),
        F.when(kind == "changed", changes).alias("_changes"),
        F.when(kind.isin("changed", "matched"), _hidden(sides)).alias("_hidden"),
        F.col("s.k").isNotNull().alias("_in_source"),
        F.col("t.k").isNotNull().alias("_in_target"),
    )


def attribute_order(sides: Sides) -> list[str]:
    """Return the attributes in the order of `_changes`."""
    return [*sides.exact, *sides.loose]


def tally(sides: Sides, rows: DataFrame) -> dict[str, Any]:
    """Return rows per class, per side, changes per attribute, and differences that exclusions and tolerances hid."""
    names = attribute_order(sides)
    figures = [F.count(F.when(F.col("_class") == name, 1)).alias(name) for name in CLASSES]
    sums = [F.coalesce(F.sum(F.col("_changes")[n].cast("int")), F.lit(0)).alias(f"c{n}") for n in range(len(names))]
    forgiven = [*sides.excluded, *sides.loose]
    sums += [F.coalesce(F.sum(F.col("_hidden")[n].cast("int")), F.lit(0)).alias(f"h{n}") for n in range(len(forgiven))]
    in_source = F.count(F.when(F.col("_in_source"), 1)).alias("source")
    in_target = F.count(F.when(F.col("_in_target"), 1)).alias("target")
    row = rows.agg(*figures, in_source, in_target, *sums).collect()[0]
    counts = {name: int(row[name]) for name in (*CLASSES, "source", "target")}
    changed = {name: int(row[f"c{n}"]) for n, name in enumerate(names) if row[f"c{n}"]}
    hidden = {name: int(row[f"h{n}"]) for n, name in enumerate(forgiven)}
    return {**counts, "changedAttributes": changed, "hiddenDifferences": hidden}


def _changes(sides: Sides) -> Expression:
    """Return, for a key on both sides, per attribute whether it differs."""
    exact = F.zip_with("s.f", "t.f", lambda left, right: left != right)
    # Fingerprints of 32 bits may collide; the row's 128 bits then still tell that something differs.
    unexplained = (F.col("s.h") != F.col("t.h")) & ~F.exists(exact, lambda change: change)
    told = F.when(unexplained, F.array(*[F.lit(True)] * len(sides.exact))).otherwise(exact)
    loose = [_outside(f"_loose_{name}", sides.table.tolerances[name]) for name in sides.loose]
    return F.concat(told, F.array(*loose)) if loose else told


def _hidden(sides: Sides) -> Expression:
    """Return, for a key on both sides, per excluded and tolerated attribute whether a difference was passed over."""
    excluded = F.zip_with("s.g", "t.g", lambda left, right: left != right)
    loose = [
        (F.col(f"s._loose_{name}") != F.col(f"t._loose_{name}"))
        & ~_outside(f"_loose_{name}", sides.table.tolerances[name])
        for name in sides.loose
    ]
    return F.concat(excluded, F.array(*loose)) if loose else excluded


def _outside(name: str, tolerance: str) -> Expression:
    """Return whether two canonical numbers are further apart than the tolerance; other values must be equal."""
    left, right = F.col(f"s.{name}"), F.col(f"t.{name}")
    numbers = left.startswith("N:") & right.startswith("N:")
    distance = F.abs(F.substring(left, 3, 200).cast("double") - F.substring(right, 3, 200).cast("double"))
    return F.when(numbers, distance > float(tolerance)).otherwise(left != right)
