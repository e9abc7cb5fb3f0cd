"""Comparison of a table: first by sums per bucket of keys, then key by key in the buckets that differ.

Key by key means: both sides as narrow rows of numbers, one shuffle by key, one row per key, then classes and counts.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Callable, NamedTuple, Optional

from pyspark.sql import functions as F

from migration_spark import buckets, jvm_functions
from migration_spark.errors import RowsNotConserved
from migration_spark.expiry import has_expired
from migration_spark.fingerprint_rows import (
    LINE,
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

    from migration_spark.buckets import Agreement

BAD = ("changed", "missing", "extra", "duplicate", "undecodable")
CLASSES = ("matched", *BAD, "expired", "rejected", "superseded")
# Classes of keys; their sum is the number of compared keys in every document.
COMPARED = ("matched", "changed", "missing", "extra", "duplicate", "expired")
# Samples come from the same pass as the counts: two keys for each slot of a class.
_SLOTS = 4096
_LOW_HALF = 0xFFFFFFFF
# A number's halves count a key's items of each side.
_OF_SOURCE, _OF_TARGET = 1, 1 << 32
_KEYS = -1  # a mark of every key, in addition to the marks of its differing attributes
_WORD = 1 << 64
# Columns of the keys whose values are shown: arrays of texts in the order of attributes.
_TASKS_OF_TEXTS = 4  # times the tasks of numbers alone, since these rows are far larger
TEXTS = ("source_texts", "target_texts", "target_raw")
# Above these shares of repeated keys per bucket, or of differing buckets, the sums decide too little.
_MOST_REPEATED, _MOST_DIFFERING = 0.25, 0.75


class Scope(NamedTuple):
    """Rows that hold every difference, as `kept` and `share` of Sides."""

    kept: Optional[Callable[[Expression], Expression]] = None
    share: float = 1.0


Tally = tuple[dict[str, Any], dict[str, list[int]], Scope]


def tally(sides: Sides, ready: Callable[[], None] = lambda: None) -> Tally:
    """Return keys or rows per class, rows per side, changes per attribute, hidden differences; and suspects and scope.

    Suspects are a few keys of each bad class, as the first 64 of their 128 bits. The scope holds all bad keys.
    Spark plans before `ready` is called, and reads after it.

    Raises:
        RowsNotConserved: The source's keys are not those of the items that Bootstrap wrote.
    """
    known = sides.bootstrapped
    number = buckets.count(known.items, known.tasks) if known else 0
    if known is None or known.repeated > number * _MOST_REPEATED:
        counts = _tally(sides, ready)
        return counts.document(sides), counts.suspects, counts.scope
    agreed = buckets.agreement(sides, number, ready)
    if not sides.has_ranks and (agreed.key_sum - known.key_sum) % _WORD:
        raise RowsNotConserved(
            f"{sides.table.name}: the keys that Compare read from the clones are not those of the items that Bootstrap "
            "wrote; the jobs or the clones differ, start a new run"
        )
    counts = _compare_doubtful(replace(sides, sampled=None), agreed)
    counts.rows["undecodable"] = agreed.undecodable
    if not sides.has_ranks:
        counts.rows["rejected"] = agreed.rejected
    return counts.document(sides), counts.suspects, counts.scope


def _compare_doubtful(sides: Sides, agreed: Agreement) -> KeyCounts:
    """Compare key by key in the buckets that differ."""
    if agreed.differing_share > _MOST_DIFFERING:
        return _tally(sides)
    share = 1.0 if agreed.may_be_gone else agreed.differing_share
    counts = _tally(replace(sides, kept=agreed.kept(sides), share=share)) if agreed.differing else KeyCounts()
    if counts.rows.get("extra") and agreed.may_be_gone:
        # An item that may have expired has its own bucket, and the rest of its key may lie in an agreeing bucket.
        return _tally(sides)
    for name in ("matched", "s", "t"):
        counts.rows[name] = counts.rows.get(name, 0) + agreed.matched
    return counts


@dataclass
class KeyCounts:
    """Counts of keys or rows per class, of items per side (`s`, `t`), and of keys per mark of an attribute."""

    rows: dict[str, int] = field(default_factory=dict)
    marks: dict[int, int] = field(default_factory=dict)
    suspects: dict[str, list[int]] = field(default_factory=lambda: {kind: [] for kind in BAD})
    scope: Scope = field(default_factory=Scope)

    def document(self, sides: Sides) -> dict[str, Any]:
        """Return the counts under the names that the verdict and the report use."""
        counts = {kind: self.rows.get(kind, 0) for kind in CLASSES}
        counts["source"] = self.rows.get("s", 0) + counts["rejected"] + counts["superseded"]
        counts["target"] = self.rows.get("t", 0) + counts["undecodable"]
        shown = [*sides.exact, *sides.loose]
        changed = {name: self.marks[n] for n, name in enumerate(shown) if n in self.marks}
        hidden = dict(enumerate([*sides.loose, *sides.excluded], len(shown)))
        passed_over = {name: self.marks.get(n, 0) for n, name in hidden.items()}
        return {**counts, "changedAttributes": changed, "hiddenDifferences": passed_over}


def narrow(sides: Sides, rows: DataFrame, *more: str) -> DataFrame:
    """Return `_kind`, `_expires`, and of items 128 bits of the key, 64 of the row, 32 per attribute, and loose values.

    A number holds the bits of two attributes. A row that is not an item has no key; its own hash distributes it.
    """
    marks = F.col("_marks")
    bits = [marks["k1"].alias("k1"), F.coalesce(marks["k2"], F.col("_lone")).alias("k2"), marks["h"].alias("h")]
    bits += [marks["f"][n].alias(name) for n, name in enumerate(_pairs(sides))]
    loose = [marks["loose"][n].alias(f"_loose_{n}") for n in range(len(sides.loose))]
    return rows.select("_kind", "_expires", *bits, *loose, *more)


def _pairs(sides: Sides) -> list[str]:
    return [f"f{n}" for n in range((len(sides.order) + 1) // 2)]


def keys(sides: Sides, *, texts: bool = False) -> DataFrame:
    """Return a row per key: its rows of each kind, and its differing bits if each side has one item.

    Rows that are not items are only counted. With `texts`, a row has an item of each side, every attribute as text.
    """
    both = _both(sides, texts=texts)
    kind = F.col("_kind")
    items = F.when(kind == SOURCE_ITEM, F.lit(_OF_SOURCE)).when(kind == TARGET_ITEM, F.lit(_OF_TARGET)).otherwise(0)
    sums = [F.sum(items.cast("bigint")).alias("items")]
    sums += [F.count(F.when(kind == number, 1)).alias(name) for name, number in _others(sides).items()]
    # For two items the bits are zero exactly if the items are equal; other numbers of items do not use them.
    differences = [F.bit_xor(name).alias(name) for name in ("h", *_pairs(sides))]
    if sides.table.ttl:
        differences.append(F.max("_expires").alias("_expires"))
    loose = [
        F.max(F.when(kind == of_side, F.col(f"_loose_{n}"))).alias(f"{side}_{n}")
        for n in range(len(sides.loose))
        for side, of_side in (("s", SOURCE_ITEM), ("t", TARGET_ITEM))
    ]
    if texts:
        differences += [F.first(F.col(name), ignorenulls=True).alias(name) for name in TEXTS]
    # Shuffled before the sums: nearly all keys are unique, so that a partial sum would save nothing.
    tasks = (sides.partitions or 0) * (_TASKS_OF_TEXTS if texts else 1)
    dealt = both.repartition(tasks, "k1", "k2") if tasks else both.repartition("k1", "k2")
    rows = dealt.groupBy("k1", "k2").agg(*sums, *differences, *loose)
    halves = (F.col("items").bitwiseAND(F.lit(_LOW_HALF)).alias("s"), F.shiftright("items", 32).alias("t"))
    return rows.select("*", *halves)


def _both(sides: Sides, *, texts: bool) -> DataFrame:
    """Return the rows of both sides."""
    if not texts:
        return narrow(sides, source_rows(sides)).unionByName(narrow(sides, target_rows(sides)))
    of_source, *of_target = TEXTS
    said = jvm_functions.source_texts(sides.table, sides.result).alias(of_source)
    line = (sides.table, sides.result, F.col(LINE))
    exported = (jvm_functions.export_texts(*line), jvm_functions.export_raw(*line))
    source = narrow(sides, source_rows(sides, said), of_source)
    rows = target_rows(sides, *[text.alias(name) for text, name in zip(exported, of_target)])
    target = narrow(sides, rows, *of_target)
    return source.unionByName(target, allowMissingColumns=True)


def _others(sides: Sides) -> dict[str, int]:
    """Return the possible classes of rows that are not items, and the kind of each."""
    kinds = {"undecodable": UNDECODABLE}
    if sides.rejects:
        kinds["rejected"] = REJECTED
    if sides.has_ranks:
        kinds["superseded"] = SUPERSEDED
    return kinds


def classified(sides: Sides, *, texts: bool = False) -> DataFrame:
    """Return the keys with `_class` and `_marks`, the numbers of differing attributes or null."""
    bits = ["h", *_pairs(sides)]
    loose = [f"{side}_{n}" for n in range(len(sides.loose)) for side in ("s", "t")]
    tolerances = [sides.table.tolerances[name] for name in sides.loose]
    difference = jvm_functions.difference(F.struct(*bits, *loose), len(sides.exact), tolerances)
    is_pair = (F.col("s") == 1) & (F.col("t") == 1)
    # Nearly all keys agree in every bit, and then the function is not called.
    rows = keys(sides, texts=texts).withColumn(
        "_difference", F.when(is_pair & F.greatest(*[F.col(name) != 0 for name in bits]), difference)
    )
    late = has_expired(F.col("_expires"), sides.export.exported_at_seconds) if sides.table.ttl else F.lit(False)
    kind = (
        F.when(is_pair, F.when(F.col("_difference")["changed"], "changed").otherwise("matched"))
        .when((F.col("s") > 1) | (F.col("t") > 1), "duplicate")
        .when(F.col("s") == 1, F.when(late, "expired").otherwise("missing"))
        .when(F.col("t") == 1, "extra")
    )
    marks = F.col("_difference")["marks"].alias("_marks")
    shown = TEXTS if texts else ()
    return rows.select("k1", "s", "t", *_others(sides), kind.alias("_class"), marks, *shown)


def _tally(sides: Sides, ready: Callable[[], None] = lambda: None) -> KeyCounts:
    """Compare key by key."""
    rows = classified(sides)
    slot = F.when(F.col("_class").isin(*BAD), F.col("k1").bitwiseAND(F.lit(_SLOTS - 1)))
    names = ["keys", "s", "t", *_others(sides)]
    sums = [F.count(F.lit(1)).alias("keys"), *[F.sum(name).alias(name) for name in names[1:]]]
    ends = [F.min("k1").alias("low"), F.max("k1").alias("high")]
    # Grouped first by the set of differing attributes, of which there are few, then by attribute.
    ways = rows.groupBy("_class", slot.alias("_slot"), "_marks").agg(*sums, *ends)
    marks = F.concat(F.array(F.lit(_KEYS)), F.coalesce("_marks", F.array().cast("array<int>")))
    ways = ways.select("_class", "_slot", F.explode(marks).alias("_mark"), *names, "low", "high")
    slot = F.when(F.col("_mark") == _KEYS, F.col("_slot")).alias("_slot")
    ends = [F.min("low").alias("low"), F.max("high").alias("high")]
    summed = ways.groupBy("_class", slot, "_mark").agg(*[F.sum(name).alias(name) for name in names], *ends)
    summed._jdf.queryExecution().executedPlan()
    ready()
    sides.say("keys of buckets that differ" if sides.kept else "all keys")
    counts = KeyCounts(scope=Scope(sides.kept, sides.share))
    for row in summed.collect():
        kind, mark = row["_class"], row["_mark"]
        if mark == _KEYS:
            for name, number in [(kind, row["keys"]), *[(name, row[name]) for name in names[1:]]]:
                counts.rows[name] = counts.rows.get(name, 0) + int(number)
            if kind in BAD:
                counts.suspects[kind] += [row["low"], row["high"]]
        else:
            counts.marks[mark] = counts.marks.get(mark, 0) + int(row["keys"])
    counts.suspects = {kind: sorted(set(numbers)) for kind, numbers in counts.suspects.items()}
    return counts
