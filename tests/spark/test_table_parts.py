"""A table of two parts is written, compared and changed as a single table, and counted by part."""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from migration_spark import table_parts
from migration_spark.errors import BaseNotFound, RowsNotConserved

from tests.spark.deltas import ALL, COUNTS, REPAIR, base_of, lines_of, parts_of, run_delta
from tests.spark.jobs import CLUSTERS, COLUMNS, Jobs, selects, thing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migration_spark.export import Export

ROWS = 40
HALF = 20
OTHERS = ", ".join(f"thing.{name} AS {name}" for name in COLUMNS if name != "id")


def part(jobs: Jobs, name: str, where: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of a table
    """Return a part of the table, whose keys begin with its name."""
    (extract,) = jobs.table["extracts"]
    return {
        **jobs.table,
        "name": f"Thing.{name}",
        "part": name,
        "keyPrefix": {"id": f"{name}#"},
        "extracts": [{**extract, "where": where}],
        "plainAttributes": {column: column for column in COLUMNS if column != "id"},
        **selects("FROM thing", f"concat('{name}#', thing.id) AS id, {OTHERS}"),
        **changes,
    }


@pytest.fixture
def filled(jobs: Jobs) -> Iterator[Jobs]:
    rows = [thing(number) for number in range(ROWS)]
    jobs.fill({"one": rows[::2], "two": rows[1::2]})
    jobs.parts = [part(jobs, "low", "id < 'k20'"), part(jobs, "high", "id >= 'k20'")]
    yield jobs
    jobs.parts = []


def written(jobs: Jobs, run: str) -> list[dict[str, Any]]:
    """Return the items that an import of the table reads: all objects below its prefix."""
    folder = jobs.folder / jobs.read(f"processed/d/{run}/summary.json")["tables"]["Thing"]["prefix"]
    return [
        json.loads(line)["Item"]
        for file in sorted(folder.rglob("*.gz"))
        for line in gzip.decompress(file.read_bytes()).splitlines()
    ]


def counts_by_part(jobs: Jobs, run: str) -> dict[str, list[int]]:
    """Return each part's inserted, updated, deleted and unchanged items."""
    parts = jobs.read(f"changes/d/{run}/c1/manifest.json")["tables"]["Thing"]["parts"]
    return {name: [own[kind] for kind in COUNTS] for name, own in parts.items()}


def test_all_parts_lie_below_one_prefix_and_are_counted_apart(filled: Jobs) -> None:
    summary = filled.bootstrap("parted")

    table = summary["tables"]["Thing"]
    assert summary["failure"] is None
    assert sorted(item["id"]["S"] for item in written(filled, "parted")) == sorted(
        [f"low#k{n:02}" for n in range(HALF)] + [f"high#k{n:02}" for n in range(HALF, ROWS)]
    )
    assert (table["rowsRead"], table["items"], table["prefix"]) == (ROWS, ROWS, "processed/d/parted/a1/Thing/")
    assert "parts" not in table
    manifest = filled.read("processed/d/parted/manifest.json")["tables"]["Thing"]
    assert {name: own["items"] for name, own in manifest["parts"].items()} == {"low": HALF, "high": HALF}
    folder = filled.folder / table["prefix"]
    on_disk = {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*.gz")}
    assert {file["name"]: file["bytes"] for file in manifest["files"]} == {n: len(c) for n, c in on_disk.items()}
    assert {file["name"]: file["md5"] for file in manifest["files"]} == {
        name: hashlib.md5(content).hexdigest()  # noqa: S324 - what the manifest has
        for name, content in on_disk.items()
    }
    assert table["bytes"] == sum(map(len, on_disk.values()))
    assert manifest["keySum"] == (sum(own["keySum"] for own in manifest["parts"].values()) + 2**63) % 2**64 - 2**63
    assert {name: counts["item"] for name, counts in manifest["clusters"].items()} == dict.fromkeys(CLUSTERS, HALF)


def test_a_key_that_does_not_begin_as_its_parts_keys_do_is_rejected(filled: Jobs) -> None:
    key = "concat(CASE WHEN thing.id = 'k30' THEN 'low#' ELSE 'high#' END, thing.id) AS id"
    filled.parts[1].update(selects("FROM thing", f"{key}, {OTHERS}"))

    summary = filled.bootstrap("parted-strayed")

    reason = "key attribute id does not begin with high#, as its part's keys do"
    assert summary["failure"] == {
        "error": "RowsRejected",
        "cause": f"Thing.high: 1 rows cannot become items (1 in one: {reason}). Correct the source, or allow it in the "
        "catalog with max_rejects. Nothing was imported.",
    }


def test_each_part_is_compared_with_its_own_lines_of_the_export(filled: Jobs) -> None:
    filled.bootstrap("parted-compared")
    items = written(filled, "parted-compared")
    filled.export(items)

    match = filled.compare("parted-compared")

    changed = [{**item, "title": {"S": "other"}} if item["id"]["S"] == "high#k25" else item for item in items]
    lines = [json.dumps({"Item": item}) for item in changed if item["id"]["S"] != "low#k03"]
    stray, odd = {"id": {"S": "none#1"}}, {"id": {"N": "7"}}
    filled.export_lines([*lines, json.dumps({"Item": stray}), json.dumps({"Item": odd}), "no item"])
    mismatch = filled.compare("parted-compared")

    whole = match["tables"]["Thing"]
    assert (match["verdict"], whole["matched"], whole["exported"]) == ("MATCH", ROWS, ROWS)
    assert match["summary"] == f"All {ROWS} items of 1 tables match the clones."
    assert {name: own["matched"] for name, own in whole["parts"].items()} == {"low": HALF, "high": HALF}
    assert mismatch["verdict"] == "MISMATCH"
    kinds = ("matched", "changed", "missing", "extra", "undecodable")
    parts = mismatch["tables"]["Thing"]["parts"]
    assert {name: [own[kind] for kind in kinds] for name, own in parts.items()} == {
        "low": [HALF - 1, 0, 1, 2, 1],
        "high": [HALF - 1, 1, 0, 0, 0],
    }
    assert [mismatch["tables"]["Thing"][kind] for kind in kinds] == [ROWS - 2, 1, 1, 2, 1]
    assert mismatch["tables"]["Thing"]["changedAttributes"] == {"title": 1}
    assert {sample["key"] for sample in parts["high"]["samples"]} == {"high#k25"}


def test_a_line_that_no_part_reads_is_a_lost_line(filled: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    filled.bootstrap("parted-unread")
    filled.export(written(filled, "parted-unread"))
    exports_of = table_parts.exports_of

    def losing(*arguments: Any) -> dict[str, Export]:  # noqa: ANN401 - as it is called
        own = exports_of(*arguments)
        return {**own, "Thing.low": replace(own["Thing.low"], lines=own["Thing.low"].lines.limit(HALF // 2))}

    monkeypatch.setattr(table_parts, "exports_of", losing)
    with pytest.raises(RowsNotConserved, match="Thing: 40 items were exported, but 30 were read"):
        filled.compare("parted-unread")


def test_the_changes_of_all_parts_are_listed_and_bounded_as_one_table(filled: Jobs) -> None:
    filled.bootstrap("parted-before")
    filled.sql(
        "one",
        "UPDATE thing SET note = '2' WHERE id IN ('k02', 'k30')",
        "DELETE FROM thing WHERE id = 'k04'",
        "INSERT INTO thing (id, title) VALUES ('k50', 'new')",
    )
    filled.bootstrap("parted-after")

    summary = run_delta(filled, "parted-after", *base_of(filled, "parted-before"), *ALL)

    assert [summary[name] for name in (*COUNTS, "base", "items")] == [1, 2, 1, ROWS - 3, ROWS, ROWS]
    assert counts_by_part(filled, "parted-after") == {
        "low": [0, 1, 1, HALF - 2],
        "high": [1, 1, 0, HALF - 1],
    }
    changes = lines_of(filled, "parted-after")
    assert sorted(line["put"]["id"]["S"] for line in changes["puts"]) == ["high#k30", "high#k50", "low#k02"]
    assert [line["delete"]["id"]["S"] for line in changes["deletes"]] == ["low#k04"]
    assert {entry["name"].split("/")[0] for entry in parts_of(filled, "parted-after")["puts"]} == {"low", "high"}


def test_a_repair_takes_each_parts_items_of_the_export(filled: Jobs) -> None:
    filled.bootstrap("parted-again")
    items = written(filled, "parted-again")
    filled.export(
        [item for item in items if item["id"]["S"] not in ("low#k01", "high#k21")] + [{"id": {"S": "none#1"}}]
    )

    summary = run_delta(filled, "parted-again", *REPAIR, *ALL)

    assert [summary[name] for name in COUNTS] == [2, 0, 1, ROWS - 2]
    assert counts_by_part(filled, "parted-again") == {
        "low": [1, 0, 1, HALF - 1],
        "high": [1, 0, 0, HALF - 1],
    }


def test_a_base_of_other_parts_or_of_changed_objects_is_none(filled: Jobs) -> None:
    filled.bootstrap("parted-base")
    filled.bootstrap("parted-new")
    base = base_of(filled, "parted-base")
    folder = filled.folder / filled.read("processed/d/parted-base/summary.json")["tables"]["Thing"]["prefix"]
    next(iter((folder / "high").glob("*.gz"))).unlink()
    with pytest.raises(BaseNotFound, match=r"Thing: the items of the proven run parted-base .* have changed"):
        run_delta(filled, "parted-new", *base, *ALL)

    filled.parts = filled.parts[:1]
    filled.bootstrap("parted-fewer")
    with pytest.raises(
        BaseNotFound, match="Thing: the proven run parted-base has other parts than the catalog now says"
    ):
        run_delta(filled, "parted-fewer", *base, *ALL)
