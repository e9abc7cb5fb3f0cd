"""Sums per bucket decide like a comparison key by key, even for differences planted to cancel out."""

from __future__ import annotations

import dataclasses
import json
import random
from typing import TYPE_CHECKING, Any

import pytest
from migration_spark import buckets, comparison
from migration_spark.errors import RowsNotConserved
from migration_spark.export import Export
from migration_spark.fingerprint_rows import Sides, source_rows, target_rows
from migration_spark.jvm_functions import item_text
from migration_spark.spec import KeyAttribute
from pyspark.sql import functions as F

from tests.spark.tables import bootstrapped, table

if TYPE_CHECKING:
    from migration_spark.spec import Table
    from pyspark.sql import DataFrame, SparkSession

COLUMNS = {"id": "text", "a": "bigint", "b": "bigint", "note": "text", "until": "timestamptz"}
SCHEMA = "_cluster string, id string, a bigint, b bigint, note string, until timestamp"
INDEX_KEY = KeyAttribute("note", "S", 1024)
EXPORTED_SECONDS = 1_800_000_000
GONE, LATER = "2026-12-31 00:00:00", "2027-06-01 00:00:00"
SPEC = table(COLUMNS, attributes={"until": "epoch_seconds"}, ttl="until", tolerances={"b": "1"}, exclude=("note",))
Row = tuple[Any, ...]


def row(number: int, a: int | None = None, b: int = 0, note: str = "", until: str | None = None) -> Row:
    return ("one", f"k{number}", number if a is None else a, b, note, until)


def sides_of(spark: SparkSession, source: list[Row], target: list[Row], spec: Table = SPEC) -> Sides:
    """Return a source and an export of other rows; Bootstrap counted the source's keys, each once."""
    lines = [line[0] for line in frame(spark, target).select(item_text(spec, frame(spark, target))).collect()]
    export = Export(len(lines), EXPORTED_SECONDS, spark.createDataFrame([(line,) for line in lines], "value string"))
    result = frame(spark, source)
    return Sides(spec, result, export, rejects=False, bootstrapped=bootstrapped(spec, result))


def frame(spark: SparkSession, rows: list[Row]) -> DataFrame:
    moment = "cast(until AS timestamp) AS until"
    return spark.createDataFrame(rows, SCHEMA.replace("timestamp", "string")).selectExpr(
        "_cluster", "id", "a", "b", "note", moment
    )


def counted(sides: Sides) -> dict[str, Any]:
    return {name: count for name, count in comparison.tally(sides)[0].items() if count}


PLANTED: dict[str, tuple[list[Row], list[Row], dict[str, Any]]] = {
    "an item twice, and another one gone": (
        [row(1), row(2)],
        [row(1), row(1)],
        {"duplicate": 1, "missing": 1, "source": 2, "target": 2},
    ),
    "two items that exchanged their values": (
        [row(1, a=5), row(2, a=7)],
        [row(1, a=7), row(2, a=5)],
        {"changed": 2, "source": 2, "target": 2, "changedAttributes": {"a": 2}},
    ),
    "one more here, one less there": (
        [row(1, a=5), row(2, a=7)],
        [row(1, a=6), row(2, a=6)],
        {"changed": 2, "source": 2, "target": 2, "changedAttributes": {"a": 2}},
    ),
    "two attributes of an item exchanged": (
        [row(1, a=5, b=9)],
        [row(1, a=9, b=5)],
        {"changed": 1, "source": 1, "target": 1, "changedAttributes": {"a": 1, "b": 1}},
    ),
    "one missing, another one extra": (
        [row(1), row(2)],
        [row(1), row(3)],
        {"matched": 1, "missing": 1, "extra": 1, "source": 2, "target": 2},
    ),
    "only what is hidden differs": (
        [row(1, b=1, note="x"), row(2)],
        [row(1, b=2, note="y"), row(2)],
        {"matched": 2, "source": 2, "target": 2, "hiddenDifferences": {"b": 1, "note": 1}},
    ),
    "one expired, one not yet gone, one lost": (
        [row(1, until=GONE), row(2, until=GONE), row(3, until=LATER)],
        [row(2, until=GONE)],
        {"matched": 1, "missing": 1, "expired": 1, "source": 3, "target": 1},
    ),
    "an item twice, of which one says that it expired": (
        [row(1)],
        [row(1), row(1, until=GONE)],
        {"duplicate": 1, "source": 1, "target": 2},
    ),
    "an expired item with another time to live": (
        [row(1, until=GONE)],
        [row(1, until=LATER)],
        {"changed": 1, "source": 1, "target": 1, "changedAttributes": {"until": 1}},
    ),
}


@pytest.mark.parametrize("name", list(PLANTED))
def test_what_might_cancel_out_in_one_bucket_is_found(spark: SparkSession, name: str) -> None:
    source, target, expected = PLANTED[name]
    tally = counted(sides_of(spark, source, target))
    hidden = {attribute: count for attribute, count in tally.pop("hiddenDifferences").items() if count}

    assert {**tally, **({"hiddenDifferences": hidden} if hidden else {})} == expected


def test_an_item_that_is_there_twice_on_both_sides_is_no_key_of_bootstraps(spark: SparkSession) -> None:
    written = sides_of(spark, [row(1), row(2)], []).bootstrapped
    sides = sides_of(spark, [row(1), row(1)], [row(1), row(1)])

    with pytest.raises(RowsNotConserved, match="the keys that Compare read"):
        comparison.tally(dataclasses.replace(sides, bootstrapped=written))


@pytest.mark.parametrize("number", [1, 4, 64])
def test_sums_and_keys_tell_the_same_of_sides_that_differ_by_chance(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    chance = random.Random(number)  # noqa: S311 - rows of a test
    monkeypatch.setattr(buckets, "count", lambda *_: number)
    source = [row(n, b=n, until=chance.choice([None, GONE, LATER])) for n in range(60)]
    target = []
    for values in source:
        _, key, a, b, _, until = values
        kept, changed = [values], ("one", key, chance.choice([a, -1]), b + chance.choice([0, 1, 5]), "", until)
        target += chance.choice([kept, kept, kept, kept, [], [changed], [values, changed], [values, values]])
    target += [row(n) for n in range(60, 62)]
    sides = sides_of(spark, source, target)
    by_key = dataclasses.replace(sides, bootstrapped=None)

    assert comparison.tally(sides)[:2] == comparison.tally(by_key)[:2]


def test_only_buckets_with_several_rows_of_a_key_are_ranked(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buckets, "count", lambda *_: 64)
    spec = table(COLUMNS, attributes={"until": "epoch_seconds"}, latest="a", index_keys=(INDEX_KEY,))
    source = [row(n, note="x") for n in range(60)]
    older, refused = row(5, a=-1, note="x"), [row(7, a=99), row(7, a=100)]
    items = [row(n, a=-9 if n == 9 else None, note="x") for n in range(60) if n != 7]
    sides = sides_of(spark, [*source, older, *refused], items, spec)
    known = dataclasses.replace(bootstrapped(spec, sides.result, 2), key_sum=0)
    sides = dataclasses.replace(sides, rejects=True, bootstrapped=known)
    agreed = buckets.agreement(sides, 64, lambda: None)

    tally = counted(sides)
    assert tally == counted(dataclasses.replace(sides, bootstrapped=None))
    assert {name: tally[name] for name in ("matched", "changed", "superseded", "rejected", "source", "target")} == {
        "matched": 58,
        "changed": 1,
        "superseded": 2,
        "rejected": 2,
        "source": 63,
        "target": 59,
    }
    assert 0 < len(agreed.differing) <= 3


def test_only_rows_of_buckets_that_differ_are_looked_at(spark: SparkSession) -> None:
    source = [row(n) for n in range(200)]
    target = [row(n, a=-1) if n == 77 else row(n) for n in range(200)]
    sides = sides_of(spark, source, target)

    agreed = buckets.agreement(sides, 32, lambda: None)
    kept = dataclasses.replace(sides, kept=agreed.kept(sides))
    looked_at = [frame_.count() for frame_ in (source_rows(kept), target_rows(kept))]

    assert len(agreed.differing) == 1
    assert looked_at == [200 - agreed.matched] * 2
    assert 0 < looked_at[0] < 30


@pytest.mark.parametrize("differing", [[], [0], [15], [0, 7, 8], [-1, 3]])
def test_each_bucket_that_differs_is_looked_at_and_no_other(spark: SparkSession, differing: list[int]) -> None:
    sides = sides_of(spark, [], [])
    numbers = spark.range(32).select(F.struct(F.col("id").alias("k1")).alias("key"))
    agreed = buckets.Agreement(16, matched=0, rejected=0, undecodable=0, key_sum=0, differing=differing)

    kept = [line.key.k1 for line in numbers.where(agreed.kept(sides)(F.col("key"))).collect()]

    assert sorted(kept) == [number for number in range(32) if number % 16 in differing]


def test_equal_rows_are_not_shuffled(spark: SparkSession) -> None:
    rows = 40_000
    result = spark.range(rows).selectExpr(
        "'one' AS _cluster",
        "concat('k', id) AS id",
        "id AS a",
        "id AS b",
        "'' AS note",
        "timestamp'2030-01-01' AS until",
    )
    lines = result.coalesce(2).select(item_text(SPEC, result).alias("value")).cache()
    known = bootstrapped(SPEC, result)
    sides = Sides(SPEC, result.coalesce(2), Export(rows, EXPORTED_SECONDS, lines), rejects=False, bootstrapped=known)
    lines.count()
    before = shuffled_bytes(spark)

    assert counted(sides)["matched"] == rows
    assert 0 < shuffled_bytes(spark) - before < 2 * rows


def shuffled_bytes(spark: SparkSession) -> int:
    jvm: Any = spark.sparkContext._jvm
    store = spark.sparkContext._jsc.sc().statusStore()
    quantiles = spark.sparkContext._gateway.new_array(jvm.double, 0)
    details, summaries = False, False
    stages = store.stageList(jvm.java.util.ArrayList(), details, summaries, quantiles, jvm.java.util.ArrayList())
    return sum(stages.apply(n).shuffleWriteBytes() for n in range(stages.size()))


def test_buckets_are_so_many_that_their_sums_are_less_than_a_byte_a_row() -> None:
    counts = {rows: buckets.count(rows, 4) for rows in (0, 10, 100_000, 1_000_000, 10**12)}

    assert counts == {0: 1, 10: 1, 100_000: 512, 1_000_000: 4096, 10**12: 1 << 22}


def test_a_line_is_read_no_further_than_its_key(spark: SparkSession) -> None:
    """A line with an invalid end still has a key; it counts once, as undecodable."""
    sides = sides_of(spark, [row(1), row(2)], [row(1), row(2)])
    lines = [line[0] for line in sides.export.lines.collect()]
    broken = spark.createDataFrame([(lines[0][:-3],), (lines[1],)], "value string")
    sides = dataclasses.replace(sides, export=Export(2, EXPORTED_SECONDS, broken))
    tally = counted(sides)
    tally.pop("hiddenDifferences")

    assert tally == {"matched": 1, "missing": 1, "undecodable": 1, "source": 2, "target": 2}
    assert json.loads(lines[1])["Item"]["id"] == {"S": "k2"}
