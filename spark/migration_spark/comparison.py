"""Compare one table: both sides as narrow rows of numbers, one shuffle by key, one row per key, classes and counts."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from migration_spark.sides import (
    REJECTED,
    SOURCE_ITEM,
    SUPERSEDED,
    TARGET_ITEM,
    UNDECODABLE,
    Sides,
    source_rows,
    target_rows,
)

if TYPE_CHECKING:
    from pyspark.sql import Column as Expression
    from pyspark.sql import DataFrame

BAD = ("changed", "missing", "extra", "duplicate", "undecodable")
CLASSES = ("matched", *BAD, "expired", "rejected", "superseded")
# Samples come out of the same pass as the counts: two keys for each of so many slots of a class.
_SLOTS = 4096
_LOW_HALF = 0xFFFFFFFF


def narrow(sides: Sides, rows: DataFrame) -> DataFrame:
    """Return `_kind`, `_expires`, 128 bits of the key and of the row, 32 bits per attribute, and loose values."""
    marks = F.col("_marks")
    bits = [marks[name].alias(name) for name in ("k1", "k2", "h1", "h2")]
    bits += [marks["f"][n].alias(f"f{n}") for n in range((len(sides.order) + 1) // 2)]
    loose = [marks["loose"][n].alias(f"_loose_{n}") for n in range(len(sides.loose))]
    return rows.select("_kind", "_expires", *bits, *loose)


def keys(sides: Sides) -> DataFrame:
    """Return a row per key: how many rows of each kind it has, and what differs where each side has one item."""
    both = narrow(sides, source_rows(sides)).unionByName(narrow(sides, target_rows(sides)))
    item = F.col("_kind").isin(SOURCE_ITEM, TARGET_ITEM)
    counts = [
        F.count(F.when(F.col("_kind") == kind, 1)).alias(name)
        for name, kind in (
            ("s", SOURCE_ITEM),
            ("t", TARGET_ITEM),
            ("rejected", REJECTED),
            ("superseded", SUPERSEDED),
            ("undecodable", UNDECODABLE),
        )
    ]
    # Of two items it is null bits exactly if they are equal; of more or fewer it is not looked at.
    columns = ["h1", "h2", *[name for name in both.columns if name[0] == "f"]]
    differences = [F.bit_xor(F.when(item, F.col(name))).alias(name) for name in columns]
    expiry = F.max(F.when(F.col("_kind") == SOURCE_ITEM, F.col("_expires"))).alias("_expires")
    loose = [
        F.max(F.when(F.col("_kind") == kind, F.col(f"_loose_{n}"))).alias(f"{side}_{n}")
        for n in range(len(sides.loose))
        for side, kind in (("s", SOURCE_ITEM), ("t", TARGET_ITEM))
    ]
    # Shuffled before it is summed up: keys are unique but for a few, so that there is nothing to sum up before.
    return both.repartition("k1", "k2").groupBy("k1", "k2").agg(*counts, *differences, expiry, *loose)


def classified(sides: Sides) -> DataFrame:
    """Return the keys with `_class`, and per attribute whether it differs: `c<n>`, or `h<n>` where that is hidden."""
    differs = [_bits(n) != 0 for n in range(len(sides.order))]
    end = len(sides.exact)
    unequal = (F.col("h1") != 0) | (F.col("h2") != 0)
    # Fingerprints of 32 bits may collide; the row's 128 bits then still tell that something differs.
    unexplained = unequal & ~reduce(or_, differs[:end])
    loose = list(zip(sides.loose, differs[end:]))
    outside = [change & _outside(n, sides.table.tolerances[name]) for n, (name, change) in enumerate(loose)]
    changes = [*[change | unexplained for change in differs[:end]], *outside]
    hidden = [
        *[change & ~beyond for (_, change), beyond in zip(loose, outside)],
        *differs[end + len(loose) :],
    ]
    kind = (
        F.when((F.col("s") == 0) & (F.col("t") == 0), F.lit(None).cast("string"))
        .when((F.col("s") > 1) | (F.col("t") > 1), "duplicate")
        .when((F.col("t") == 0) & (F.col("_expires") <= F.lit(sides.export.exported_at_seconds)), "expired")
        .when(F.col("t") == 0, "missing")
        .when(F.col("s") == 0, "extra")
        .when(reduce(or_, [unequal, *outside]), "changed")
        .otherwise("matched")
    )
    return keys(sides).select("*", kind.alias("_class"), *_numbered("c_", changes), *_numbered("h_", hidden))


def tally(sides: Sides) -> tuple[dict[str, Any], dict[str, list[int]]]:
    """Return rows per class, per side, changes per attribute and differences that the catalog hid; and keys to look at.

    The keys are a few of each bad class, as the first 64 of their 128 bits.
    """
    rows = classified(sides)
    slot = F.when(F.col("_class").isin(*BAD), F.col("k1").bitwiseAND(F.lit(_SLOTS - 1)))
    changes = [f"c_{n}" for n in range(len(sides.exact) + len(sides.loose))]
    hidden = [f"h_{n}" for n in range(len(sides.loose) + len(sides.excluded))]
    both = F.col("_class").isin("changed", "matched")
    sums = [
        F.sum(F.when(F.col("_class") == "duplicate", F.greatest("s", "t")).otherwise(1)).alias("rows"),
        *[F.sum(name).alias(name) for name in ("s", "t", "rejected", "superseded", "undecodable")],
        *[F.sum(F.when((F.col("_class") == "changed") & F.col(name), 1).otherwise(0)).alias(name) for name in changes],
        *[F.sum(F.when(both & F.col(name), 1).otherwise(0)).alias(name) for name in hidden],
    ]
    sampled = [F.min("k1").alias("low"), F.max("k1").alias("high")]
    found = rows.groupBy("_class", slot.alias("_slot")).agg(*sums, *sampled).collect()

    def total(name: str, kind: str | None = None) -> int:
        return sum(int(row[name]) for row in found if kind is None or row["_class"] == kind)

    suspects = {
        kind: sorted({row[end] for row in found if row["_class"] == kind for end in ("low", "high")}) for kind in BAD
    }
    alone = ("rejected", "superseded", "undecodable")
    counts = {kind: total(kind) if kind in alone else total("rows", kind) for kind in CLASSES}
    counts["source"] = total("s") + total("rejected") + total("superseded")
    counts["target"] = total("t") + total("undecodable")
    told = {name: total(column) for name, column in zip([*sides.exact, *sides.loose], changes)}
    changed = {name: count for name, count in told.items() if count}
    passed_over = {name: total(column) for name, column in zip([*sides.loose, *sides.excluded], hidden)}
    return {**counts, "changedAttributes": changed, "hiddenDifferences": passed_over}, suspects


def _numbered(prefix: str, values: list[Expression]) -> list[Expression]:
    return [value.alias(f"{prefix}{n}") for n, value in enumerate(values)]


def _bits(n: int) -> Expression:
    """Return in what the fingerprints of an attribute differ; it is one half of a number."""
    pair = F.col(f"f{n // 2}")
    return F.shiftrightunsigned(pair, 32) if n % 2 == 0 else pair.bitwiseAND(F.lit(_LOW_HALF))


def _outside(n: int, tolerance: str) -> Expression:
    """Return whether two loose values are further apart than the tolerance; what is no number is."""
    distance = F.abs(F.col(f"s_{n}") - F.col(f"t_{n}"))
    return F.coalesce(distance > float(tolerance), F.lit(True))
