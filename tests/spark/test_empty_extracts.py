"""Extracts without rows: S3 has no folder for them, so the jobs rely on their own counts."""

from __future__ import annotations

import copy
import shutil
from typing import Any

import pytest
from migration_spark.errors import RawRowsMissing

from tests.spark.jobs import COLUMNS, Jobs, selects, thing

ALIASED = ", ".join(f"thing.{name} AS {name}" for name in COLUMNS)


def choose(jobs: Jobs, patch: pytest.MonkeyPatch, **settings: Any) -> None:  # noqa: ANN401 - any setting
    for name, value in settings.items():
        patch.setitem(jobs.table, name, value)


def counts(report: dict[str, Any]) -> tuple[str, int, int]:
    return report["verdict"], report["tables"]["Thing"]["compared"], report["tables"]["Thing"]["matched"]


GROUPED = {
    "driving": {"extract": "thing", "groupBy": ["id"]},
    "select": "SELECT min(thing._cluster) AS _cluster, id, max(title) AS title FROM thing GROUP BY id",
    "traced": None,
    "plainAttributes": {},
    "attributes": {},
    "ttl": None,
}


@pytest.mark.parametrize(
    "changes", [{}, {"onDuplicateKey": {"latest": "title"}}, GROUPED], ids=["plain", "latest", "grouped"]
)
def test_a_table_that_is_empty_on_every_cluster_becomes_an_empty_table(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
) -> None:
    choose(jobs, monkeypatch, allowEmpty=True, **changes)
    run = f"empty-{len(changes)}"
    jobs.fill({})
    summary = jobs.bootstrap(run)
    assert summary["failure"] is None
    assert (summary["tables"]["Thing"]["rowsRead"], summary["tables"]["Thing"]["files"]) == (0, 0)

    jobs.export([])
    assert counts(jobs.compare(run)) == ("MATCH", 0, 0)


def test_an_empty_table_that_the_catalog_does_not_allow_is_refused_by_name(jobs: Jobs) -> None:
    jobs.fill({})
    assert jobs.bootstrap("refused")["failure"]["error"] == "EmptyTable"


def test_an_earlier_attempts_raw_rows_are_not_taken_for_those_of_a_table_that_is_empty_now(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(jobs, monkeypatch, allowEmpty=True)
    jobs.fill({"one": [thing(1)], "two": [thing(2)]})
    assert jobs.bootstrap("emptied")["tables"]["Thing"]["items"] == 2
    jobs.fill({})

    assert jobs.bootstrap("emptied", "a2")["tables"]["Thing"]["items"] == 0


def test_a_reference_that_is_empty_on_every_cluster_leaves_its_rows_unmatched(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs.fill({"one": [thing(1), thing(2)], "two": [thing(3)]})
    for cluster in ("one", "two"):
        jobs.sql(cluster, "DROP TABLE IF EXISTS label", "CREATE TABLE label (id text, text text)")
    reference = copy.deepcopy(jobs.table["extracts"][0])
    columns = [{"name": name, "type": "text"} for name in ("id", "text")]
    reference |= {"name": "label", "source": "label", "columns": columns}
    choose(jobs, monkeypatch, extracts=[*jobs.table["extracts"], reference])
    rest = "FROM thing LEFT JOIN label ON label.id = thing.id"
    chosen = f"{ALIASED}, label.text AS label, label.id IS NULL AS _unmatched_label"
    choose(jobs, monkeypatch, **selects(rest, chosen), maxUnmatched=3)

    summary = jobs.bootstrap("reference")
    assert summary["failure"] is None
    assert (summary["tables"]["Thing"]["items"], summary["tables"]["Thing"]["unmatched"]) == (3, 3)
    jobs.export(list(jobs.items("reference").values()))
    report = jobs.compare("reference")
    assert counts(report) == ("MATCH", 3, 3)
    assert {cluster: witness["exported"] for cluster, witness in report["witness"]["Thing-thing"].items()} == {
        "one": 2,
        "two": 1,
    }


def test_raw_rows_that_were_deleted_since_bootstrap_are_missing_and_not_taken_for_none(jobs: Jobs) -> None:
    jobs.fill({"one": [thing(1)], "two": [thing(2)]})
    jobs.bootstrap("deleted")
    jobs.export(list(jobs.items("deleted").values()))
    shutil.rmtree(jobs.folder / "raw/d/deleted")

    with pytest.raises(RawRowsMissing) as raised:
        jobs.compare("deleted")
    assert str(raised.value) == (
        "Thing: Bootstrap landed 2 rows of thing, but raw/d/deleted/Thing-thing/ holds none: they were deleted. "
        "Start a new run"
    )
