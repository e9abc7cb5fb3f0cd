"""The latest of several rows of a key: the same row in both jobs, by its values, however rows are split."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from migration_spark import writing
from migration_spark.export import Export
from migration_spark.fingerprint_rows import SOURCE_ITEM, Sides, source_rows
from pyspark.sql import functions as F

from tests.spark.jobs import COLUMNS, Jobs, selects, thing
from tests.spark.tables import table

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import DataFrame, SparkSession

SPEC = table(
    {"id": "text", "version": "integer", "at": "timestamptz", "free": "numeric", "words": "text[]"},
    attributes={"free": "N"},
    latest="version",
)
SCHEMA = "_cluster string, id string, version int, at string, free string, words array<string>"
MOMENT = "2027-01-01 00:00:00.00000"


def rows_of(spark: SparkSession, source: list[tuple[Any, ...]]) -> DataFrame:
    moments = [("cast(at AS timestamp) AS at" if name == "at" else name) for name in ("_cluster", *SPEC_NAMES)]
    return spark.createDataFrame(source, SCHEMA).selectExpr(*moments)


SPEC_NAMES = ("id", "version", "at", "free", "words")


def written(result: DataFrame, folder: Path, parts: int) -> tuple[dict[str, int], list[dict[str, Any]]]:
    totals = writing.write_items(SPEC, writing.prepared(SPEC, result), parts, str(folder), ["one", "two"]).totals
    lines = [line for path in folder.glob("*.gz") for line in gzip.decompress(path.read_bytes()).splitlines()]
    return totals, sorted((json.loads(line)["Item"] for line in lines), key=lambda item: str(item["id"]))


def compared(spark: SparkSession, result: DataFrame) -> list[tuple[Any, ...]]:
    """Return Compare's expected item of each key."""
    sides = Sides(SPEC, result, Export(0, 0, spark.createDataFrame([], "value string")))
    rows = source_rows(sides, *[F.col(name) for name in SPEC_NAMES]).where(F.col("_kind") == SOURCE_ITEM)
    return sorted(tuple(row[name] for name in SPEC_NAMES) for row in rows.collect())


def test_a_tie_is_broken_by_microseconds_alike_whatever_comes_first(spark: SparkSession, tmp_path: Path) -> None:
    source = [("one", f"k{n:03}", 1, f"{MOMENT}{tie}", None, None) for n in range(50) for tie in range(5)]
    orders = [written(rows_of(spark, rows), tmp_path / str(n), n + 1) for n, rows in enumerate((source, source[::-1]))]

    assert orders[0] == orders[1]
    expected = [item["at"]["S"] for item in orders[0][1]]
    assert [f"{row[2].isoformat('T', 'microseconds')}Z" for row in compared(spark, rows_of(spark, source[::-1]))] == (
        expected
    )


ties = st.tuples(
    st.sampled_from(["one", "two"]),
    st.sampled_from(["a", "b", "c"]),
    st.sampled_from([None, 1, 2]),
    st.sampled_from([None, *[f"{MOMENT}{n}" for n in range(3)]]),
    st.sampled_from([None, "1", "1.0", ".5", "0.5", "NaN", "1e0"]),
    st.sampled_from([None, [], ["x"], ["x", None], ["x,y"], ["x", "y"]]),
)


@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.lists(ties, min_size=30, max_size=30), st.permutations(range(30)), st.integers(1, 4))
def test_both_jobs_choose_the_same_row_however_rows_are_split(
    spark: SparkSession, tmp_path: Path, batch: list[tuple[Any, ...]], order: list[int], parts: int
) -> None:
    other = rows_of(spark, [batch[n] for n in order]).repartition(parts)
    totals, items = written(rows_of(spark, batch).coalesce(1), tmp_path / "out", parts)
    again = written(other, tmp_path / "again", 1)

    assert {key: json.dumps(meaning(item)) for key, item in by_id(items).items()} == {
        key: json.dumps(meaning(item)) for key, item in by_id(again[1]).items()
    }
    assert totals == again[0]
    assert sum(totals[name] for name in ("item", "rejected", "superseded")) == 30
    assert totals["item"] + totals["keyless"] == len({row[1] for row in batch})
    assert [row[0] for row in compared(spark, other)] == list(by_id(items))


def by_id(items: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {item["id"]["S"]: item for item in items}


def meaning(item: dict[str, Any]) -> dict[str, Any]:
    """Return an item with its number as a value."""
    return {name: float(value["N"]) if name == "free" else value for name, value in item.items()}


def test_a_rejected_newest_row_lets_no_older_one_go_live(spark: SparkSession, tmp_path: Path) -> None:
    source = [
        ("one", "a", 3, None, "NaN", None),
        ("two", "a", 2, None, "2", None),
        ("one", "a", 1, None, "Infinity", None),
        ("one", "b", 1, None, "1", None),
        ("one", "b", 0, None, "NaN", None),
    ]
    totals, items = written(rows_of(spark, source), tmp_path / "out", 1)

    assert [item["id"]["S"] for item in items] == ["b"]
    assert {name: count for name, count in totals.items() if count} == {
        "item": 1,
        "rejected": 3,
        "superseded": 1,
        "keyless": 1,
    }
    assert [row[0] for row in compared(spark, rows_of(spark, source))] == ["b"]


@pytest.fixture
def tied(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> Jobs:
    """Fill both clusters with two rows per key that differ only in microseconds; `ratio` chooses the latest."""
    rows = [(*thing(number)[:-1], f"{MOMENT}{tie}+00") for number in range(10) for tie in range(2)]
    jobs.fill({"one": rows[:10], "two": rows[10:]})
    monkeypatch.setitem(jobs.table, "onDuplicateKey", {"latest": "ratio"})
    monkeypatch.setitem(jobs.table, "attributes", {"tags": "SS", "document": "M"})
    monkeypatch.setitem(jobs.table, "ttl", None)
    for name, text in selects("FROM thing", ", ".join(COLUMNS)).items():
        monkeypatch.setitem(jobs.table, name, text)
    return jobs


def test_tied_rows_match_after_both_jobs(tied: Jobs) -> None:
    summary = tied.bootstrap("tied")
    assert (summary["failure"], summary["tables"]["Thing"]["superseded"]) == (None, 10)
    tied.export(list(tied.items("tied").values()))

    report = tied.compare("tied")["tables"]["Thing"]
    assert {name: report[name] for name in ("compared", "matched", "superseded", "changed")} == {
        "compared": 10,
        "matched": 10,
        "superseded": 10,
        "changed": 0,
    }


def test_a_rejected_newest_row_leaves_its_key_without_an_item_in_both_jobs(
    tied: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    tied.sql("two", "INSERT INTO thing SELECT * FROM thing WHERE id = 'k09' LIMIT 1")
    # PostgreSQL takes NaN for the largest of all numbers, and so does the rank.
    tied.sql("two", "UPDATE thing SET ratio = 'NaN' WHERE ctid = (SELECT max(ctid) FROM thing)")
    monkeypatch.setitem(tied.table, "maxRejects", 1)
    summary = tied.bootstrap("keyless")
    counts = summary["tables"]["Thing"]
    assert summary["failure"] is None
    assert {name: counts[name] for name in ("items", "rejected", "superseded", "keysWithoutItem", "filtered")} == {
        "items": 9,
        "rejected": 1,
        "superseded": 11,
        "keysWithoutItem": 1,
        "filtered": 0,
    }
    assert "k09" not in tied.items("keyless")
    tied.export(list(tied.items("keyless").values()))

    report = tied.compare("keyless")
    assert (report["verdict"], report["tables"]["Thing"]["superseded"]) == ("MATCH", 11)


def test_a_row_that_cannot_be_read_is_refused_where_it_may_be_the_latest(
    tied: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    tied.sql("two", "UPDATE thing SET expires = 'infinity' WHERE id = 'k09'")
    monkeypatch.setitem(tied.table, "maxRejects", 100)
    failure = tied.bootstrap("unread")["failure"]

    assert failure["error"] == "RowsRejected"
    assert "with on_duplicate_key: latest it is unknown which items they belong to" in failure["cause"]
