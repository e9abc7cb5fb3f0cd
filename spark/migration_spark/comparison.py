"""Compare one table: both sides as narrow rows of numbers, one shuffle by key, one row per key, classes and counts."""

from __future__ import annotations

import math
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, Callable

from pyspark.sql import functions as F

from migration_spark.expiry import has_expired
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
# Classes of keys: what was compared is their sum, in every document.
COMPARED = ("matched", "changed", "missing", "extra", "duplicate", "expired")
# Samples come out of the same pass as the counts: two keys for each of so many slots of a class.
_SLOTS = 4096
_LOW_HALF = 0xFFFFFFFF
# How many items of each side a key has, in the halves of one number.
_OF_SOURCE, _OF_TARGET = 1, 1 << 32
_CHANGES_A_WORD = 62  # so many flags hold in a number without its sign


def narrow(sides: Sides, rows: DataFrame) -> DataFrame:
    """Return `_kind`, `_expires`, and of items 128 bits of the key, 64 of the row, 32 per attribute, and loose values.

    Two attributes' bits lie in one number.
    """
    marks = F.col("_marks")
    bits = [marks[name].alias(name) for name in ("k1", "k2", "h")]
    bits += [marks["f"][n].alias(name) for n, name in enumerate(_pairs(sides))]
    loose = [marks["loose"][n].alias(f"_loose_{n}") for n in range(len(sides.loose))]
    return rows.select("_kind", "_expires", *bits, *loose)


def _pairs(sides: Sides) -> list[str]:
    return [f"f{n}" for n in range((len(sides.order) + 1) // 2)]


def keys(sides: Sides) -> DataFrame:
    """Return a row per key: how many rows of each kind it has, and what differs where each side has one item.

    Rows that are no items have no key of theirs here: they are counted, and that is all.
    """
    source, target = source_rows(sides), target_rows(sides)
    both = narrow(sides, source).unionByName(narrow(sides, target))
    kind = F.col("_kind")
    items = F.when(kind == SOURCE_ITEM, F.lit(_OF_SOURCE)).when(kind == TARGET_ITEM, F.lit(_OF_TARGET)).otherwise(0)
    sums = [F.sum(items.cast("bigint")).alias("items")]
    sums += [F.count(F.when(kind == number, 1)).alias(name) for name, number in _others(sides).items()]
    # Of two items it is null bits exactly if they are equal; of more or fewer it is not looked at.
    differences = [F.bit_xor(name).alias(name) for name in ("h", *_pairs(sides))]
    if sides.table.ttl:
        differences.append(F.max("_expires").alias("_expires"))
    loose = [
        F.max(F.when(kind == of_side, F.col(f"_loose_{n}"))).alias(f"{side}_{n}")
        for n in range(len(sides.loose))
        for side, of_side in (("s", SOURCE_ITEM), ("t", TARGET_ITEM))
    ]
    # Shuffled before it is summed up: keys are unique but for a few, so that there is nothing to sum up before.
    rows = both.repartition("k1", "k2").groupBy("k1", "k2").agg(*sums, *differences, *loose)
    halves = (F.col("items").bitwiseAND(F.lit(_LOW_HALF)).alias("s"), F.shiftright("items", 32).alias("t"))
    return rows.select("*", *halves)


def _others(sides: Sides) -> dict[str, int]:
    """Return what rows there can be that are no items, and the kind of each."""
    found = {"undecodable": UNDECODABLE}
    if sides.rejects:
        found["rejected"] = REJECTED
    if sides.table.latest:
        found["superseded"] = SUPERSEDED
    return found


def classified(sides: Sides) -> DataFrame:
    """Return the keys with `_class`, and flags in `_changes<n>`: what differs, then what differs and is hidden."""
    differs = [_bits(n) != 0 for n in range(len(sides.order))]
    end = len(sides.exact)
    # Fingerprints of 32 bits may collide; the row's other 64 then still tell that something differs.
    explained = _any_exact(sides) != 0
    unexplained = (F.col("h") != 0) & ~explained
    loose = list(zip(sides.loose, differs[end:]))
    outside = [change & _outside(n, sides.table.tolerances[name]) for n, (name, change) in enumerate(loose)]
    changes = [*[change | unexplained for change in differs[:end]], *outside]
    hidden = [
        *[change & ~beyond for (_, change), beyond in zip(loose, outside)],
        *differs[end + len(loose) :],
    ]
    late = has_expired(F.col("_expires"), sides.export.exported_at_seconds) if sides.table.ttl else F.lit(False)
    kind = (
        F.when(
            (F.col("s") == 1) & (F.col("t") == 1),
            F.when(reduce(or_, [F.col("h") != 0, explained, *outside]), "changed").otherwise("matched"),
        )
        .when((F.col("s") > 1) | (F.col("t") > 1), "duplicate")
        .when(F.col("s") == 1, F.when(late, "expired").otherwise("missing"))
        .when(F.col("t") == 1, "extra")
    )
    flags = [*[(F.col("_class") == "changed") & change for change in changes], *hidden]
    # Nearly all keys are equal in all, and then no flag is looked at.
    flagged = (F.col("_class") == "changed") | ((F.col("_class") == "matched") & reduce(or_, [F.lit(False), *hidden]))
    words = [
        F.when(flagged, _word(flags[n * _CHANGES_A_WORD :][:_CHANGES_A_WORD])).otherwise(0).alias(name)
        for n, name in enumerate(_words(sides))
    ]
    return keys(sides).withColumn("_class", kind).select("*", *words)


def _any_exact(sides: Sides) -> Expression:
    """Return the bits in which any of the exact attributes' fingerprints differ; they come first."""
    many = len(sides.exact)
    pairs = [F.col(name) for name in _pairs(sides)[: many // 2]]
    if many % 2:
        pairs.append(F.shiftrightunsigned(_pairs(sides)[many // 2], 32))
    return reduce(lambda one, other: one.bitwiseOR(other), pairs)


def _words(sides: Sides) -> list[str]:
    return [f"_changes{n}" for n in range(math.ceil(_flags(sides) / _CHANGES_A_WORD))]


def _flags(sides: Sides) -> int:
    return len(sides.exact) + 2 * len(sides.loose) + len(sides.excluded)


def _word(flags: list[Expression]) -> Expression:
    return reduce(
        lambda word, bit: word.bitwiseOR(bit),
        [F.when(flag, F.lit(1 << n)).otherwise(F.lit(0)).cast("bigint") for n, flag in enumerate(flags)],
    )


def tally(sides: Sides, ready: Callable[[], None] = lambda: None) -> tuple[dict[str, Any], dict[str, list[int]]]:
    """Return keys or rows per class, rows per side, changes per attribute, hidden differences; and keys to look at.

    The keys to look at are a few of each bad class, as the first 64 of their 128 bits. All is planned before `ready` is
    called, and nothing read.
    """
    rows = classified(sides)
    slot = F.when(F.col("_class").isin(*BAD), F.col("k1").bitwiseAND(F.lit(_SLOTS - 1)))
    words, flagged = _words(sides), _flags(sides)
    others = list(_others(sides))
    sums = [F.count(F.lit(1)).alias("keys"), *[F.sum(name).alias(name) for name in ("s", "t", *others)]]
    sampled = [F.min("k1").alias("low"), F.max("k1").alias("high")]
    # First by what differs, which few keys have in many ways, and then by attribute.
    ways = rows.groupBy("_class", slot.alias("_slot"), *words).agg(*sums, *sampled)
    flags = [
        F.shiftright(words[n // _CHANGES_A_WORD], n % _CHANGES_A_WORD).bitwiseAND(F.lit(1)) for n in range(flagged)
    ]
    totals = [F.sum(name).alias(name) for name in ("keys", "s", "t", *others)]
    totals += [F.sum(flag * F.col("keys")).alias(f"d{n}") for n, flag in enumerate(flags)]
    totals += [F.min("low").alias("low"), F.max("high").alias("high")]
    summed = ways.groupBy("_class", "_slot").agg(*totals)
    summed._jdf.queryExecution().executedPlan()
    ready()
    found = summed.collect()

    def total(name: str, kind: str | None = None) -> int:
        return sum(int(row[name]) for row in found if kind is None or row["_class"] == kind)

    suspects = {
        kind: sorted({row[end] for row in found if row["_class"] == kind for end in ("low", "high")}) for kind in BAD
    }
    counts = {kind: total("keys", kind) for kind in CLASSES}
    counts.update({kind: total(kind) if kind in others else 0 for kind in ("rejected", "superseded", "undecodable")})
    counts["source"] = total("s") + counts["rejected"] + counts["superseded"]
    counts["target"] = total("t") + counts["undecodable"]
    told = dict(zip([*sides.exact, *sides.loose], [total(f"d{n}") for n in range(flagged)]))
    changed = {name: count for name, count in told.items() if count}
    passed_over = {name: total(f"d{len(told) + n}") for n, name in enumerate([*sides.loose, *sides.excluded])}
    return {**counts, "changedAttributes": changed, "hiddenDifferences": passed_over}, suspects


def _bits(n: int) -> Expression:
    """Return in what the fingerprints of an attribute differ; it is one half of a number."""
    pair = F.col(f"f{n // 2}")
    return F.shiftrightunsigned(pair, 32) if n % 2 == 0 else pair.bitwiseAND(F.lit(_LOW_HALF))


def _outside(n: int, tolerance: str) -> Expression:
    """Return whether two loose values are further apart than the tolerance; what is no number is."""
    distance = F.abs(F.col(f"s_{n}") - F.col(f"t_{n}"))
    return F.coalesce(distance > float(tolerance), F.lit(True))
