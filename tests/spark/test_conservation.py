"""The select returns every driving row once, or the row counts as filtered; nothing else counts as filtered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from migration_spark import table_bootstrap
from migration_spark.conservation import source_row
from migration_spark.errors import RowsNotConserved
from migration_spark.redaction import key_hash

from tests.spark.jobs import COLUMNS, Jobs, selects, thing

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import DataFrame, SparkSession

ALIASED = ", ".join(f"thing.{name} AS {name}" for name in COLUMNS)


@pytest.fixture
def table(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Fill both clusters; restore the table's settings after the test."""
    jobs.fill({"one": [thing(0), thing(1)], "two": [thing(2), thing(3)]})
    return monkeypatch


def choose(jobs: Jobs, patch: pytest.MonkeyPatch, rest: str, **settings: Any) -> None:  # noqa: ANN401 - any setting
    for name, value in {**selects(rest, ALIASED), **settings}.items():
        patch.setitem(jobs.table, name, value)


def known(*keys: str) -> str:
    """Return a reference with a row per key."""
    return f"(VALUES {', '.join(f'({key!r})' for key in keys)}) AS known(key) ON known.key = thing.id"


def test_rows_that_an_inner_join_drops_are_counted_named_and_refused(jobs: Jobs, table: pytest.MonkeyPatch) -> None:
    choose(jobs, table, f"FROM thing JOIN {known('k00', 'k03')}")
    failure = jobs.bootstrap("dropped")["failure"]

    assert failure == {
        "error": "RowsFiltered",
        "cause": "Thing: the select drops 2 rows of thing "
        f"({key_hash('id k01')} in one; {key_hash('id k02')} in two). Join with LEFT JOIN, or "
        "allow it in the catalog with max_filtered. Nothing was imported.",
    }
    facts = jobs.read("processed/d/dropped/manifest.json")["tables"]["Thing"]
    assert {name: counts["filtered"] for name, counts in facts["clusters"].items()} == {"one": 1, "two": 1}
    assert (facts["rowsRead"], facts["items"], facts["filtered"], facts["traced"]) == (4, 2, 2, True)


def test_as_many_rows_as_the_catalog_allows_may_be_dropped_and_both_jobs_agree(
    jobs: Jobs, table: pytest.MonkeyPatch
) -> None:
    choose(jobs, table, f"FROM thing JOIN {known('k00', 'k03')}", maxFiltered=2)
    assert jobs.bootstrap("allowed")["failure"] is None
    jobs.export(list(jobs.items("allowed").values()))

    report = jobs.compare("allowed")
    assert (report["verdict"], report["tables"]["Thing"]["compared"]) == ("MATCH", 2)


@pytest.mark.parametrize(
    ("rest", "cause"),
    [
        (
            f"FROM thing LEFT JOIN {known('k00', 'k00')}",
            rf"the select multiplies rows: it returned 1 more rows than thing has \({key_hash('id k00')} in one\)",
        ),
        (
            f"FROM thing JOIN {known('k00', 'k00', 'k01', 'k03')}",
            rf"multiplies rows: it returned 1 more rows .*\({key_hash('id k00')} in one\)",
        ),
        (
            "FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM thing) AS thing WHERE n <= 3",
            "the select dropped 1 rows of thing, but returns them if it runs on only these rows",
        ),
        ("FROM (SELECT * FROM thing LIMIT 3) AS thing", "the select dropped 1 rows of thing, but returns them"),
        (f"FROM thing RIGHT JOIN {known('k00', 'k01', 'k02', 'other')}", "name in _cluster no cluster of thing"),
    ],
    ids=["multiplied", "dropped and multiplied", "a window", "a limit", "rows of a reference"],
)
def test_rows_that_are_multiplied_or_lost_do_not_pass_for_filtered_ones(
    jobs: Jobs, table: pytest.MonkeyPatch, rest: str, cause: str
) -> None:
    choose(jobs, table, rest, maxFiltered=100)
    with pytest.raises(RowsNotConserved, match=cause):
        jobs.bootstrap("cancel")


@pytest.mark.parametrize(
    ("cluster", "cause"),
    [
        ("CASE thing.id WHEN 'k00' THEN 'two' WHEN 'k02' THEN 'one' ELSE thing._cluster END", "belong to no row of"),
        ("concat(thing._cluster, CASE WHEN thing.id = 'k00' THEN ' ' ELSE '' END)", "1 rows of the select name in"),
        ("CASE WHEN thing.id <> 'k00' THEN thing._cluster END", "1 rows of the select name in _cluster no cluster of"),
    ],
    ids=["exchanged", "unknown", "null"],
)
def test_a_row_belongs_to_the_cluster_that_it_was_read_from(
    jobs: Jobs, table: pytest.MonkeyPatch, cluster: str, cause: str
) -> None:
    texts = {name: text.replace("thing._cluster", cluster, 1) for name, text in selects("FROM thing", ALIASED).items()}
    for name, text in texts.items():
        table.setitem(jobs.table, name, text)
    with pytest.raises(RowsNotConserved, match=cause):
        jobs.bootstrap("attributed")


def test_a_row_that_is_lost_behind_the_select_is_no_filtered_one(jobs: Jobs, table: pytest.MonkeyPatch) -> None:
    table.setitem(jobs.table, "maxFiltered", 100)
    prepared = table_bootstrap.writing.prepared

    def lose(*arguments: Any) -> DataFrame:  # noqa: ANN401 - as they are given
        return prepared(*arguments).where("_key_text <> 'k02'")

    table.setattr(table_bootstrap.writing, "prepared", lose)
    with pytest.raises(RowsNotConserved, match="Thing: the select gave 4 rows, but 3 arrived where items are written"):
        jobs.bootstrap("behind")


def test_what_cannot_be_traced_is_derived_and_says_so(jobs: Jobs, table: pytest.MonkeyPatch) -> None:
    choose(jobs, table, f"FROM thing JOIN {known('k00', 'k01', 'k03')}", traced=None)
    assert jobs.bootstrap("derived")["failure"]["error"] == "RowsFiltered"
    facts = jobs.read("processed/d/derived/manifest.json")["tables"]["Thing"]
    assert {name: counts["filtered"] for name, counts in facts["clusters"].items()} == {"one": 0, "two": 1}
    assert (facts["filtered"], facts["traced"]) == (1, False)

    # One cluster's rows are multiplied, the other's dropped.
    choose(jobs, table, f"FROM thing JOIN {known('k00', 'k00', 'k01', 'k03')}", traced=None, maxFiltered=100)
    with pytest.raises(RowsNotConserved, match="became 4: the select multiplies rows of one; check its joins"):
        jobs.bootstrap("derived")


def test_rows_have_identities_of_their_own_whatever_their_columns_are_called(
    spark: SparkSession, tmp_path: Path
) -> None:
    folder = str(tmp_path / "raw")
    rows = spark.range(0, 3000, 1, 3).selectExpr("id", "id AS _metadata", "if(id < 9, 'one', 'two') AS cluster")
    rows.write.partitionBy("cluster").parquet(folder)
    raw = spark.read.parquet(folder).withColumnRenamed("cluster", "_cluster")
    identified = raw.withColumn("_source_row", source_row(raw))

    assert identified.select("_source_row").distinct().count() == 3000
    first, again = (frame.select("id", "_source_row") for frame in (identified, identified.repartition(5)))
    assert first.exceptAll(again).count() == 0


GROUPS = {
    "select": "SELECT min(_cluster) AS _cluster, note AS id, count(*) AS n FROM thing GROUP BY note",
    "traced": None,
    "driving": {"extract": "thing", "groupBy": ["note"]},
    "attributes": {},
    "plainAttributes": {},
    "ttl": None,
    "maxRejects": 100,
}


def test_groups_are_counted_over_rows_that_can_be_read(jobs: Jobs, table: pytest.MonkeyPatch) -> None:
    for name, value in GROUPS.items():
        table.setitem(jobs.table, name, value)
    jobs.sql("one", "UPDATE thing SET note = '2' WHERE id = 'k01'")
    summary = jobs.bootstrap("groups")
    assert (summary["failure"], summary["tables"]["Thing"]["rowsRead"]) == (None, 2)

    jobs.sql("one", "UPDATE thing SET note = '3', expires = 'infinity' WHERE id = 'k01'")
    summary = jobs.bootstrap("groups")
    assert summary["failure"] == {
        "error": "RowsRejected",
        "cause": "Thing: 1 rows of thing cannot be read (1 in one: unreadable expires), and with group by it is "
        "unknown which items they belong to, whatever max_rejects allows. Correct the source or the types in the "
        "catalog. Nothing was imported.",
    }
    assert {name: summary["tables"]["Thing"][name] for name in ("rowsRead", "items", "rejected", "filtered")} == {
        "rowsRead": 2,
        "items": 1,
        "rejected": 1,
        "filtered": 0,
    }
