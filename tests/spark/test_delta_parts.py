"""Delta's parts are bounded, repeatable, never in the order of keys, and free of a killed attempt's parts."""

from __future__ import annotations

import copy
import gzip
import itertools
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from migration_spark import delta_keys, delta_parts
from migration_spark.delta_sides import read_sides
from migration_spark.errors import RowsNotConserved
from migration_spark.storage import Storage

from tests.spark.deltas import (
    ALL,
    REPAIR,
    applied,
    base_of,
    counts_of,
    item,
    items_of,
    lines_of,
    parts_of,
    run_delta,
    write_run,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.spark.jobs import Jobs

MANY = 12_000


def by_id(items: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {whole["id"]["S"]: whole for whole in items}


def folder_of(jobs: Jobs, run: str, attempt: str = "c1") -> Path:
    return jobs.folder / f"changes/d/{run}/{attempt}/Thing"


@pytest.fixture(scope="module")
def many(jobs: Jobs) -> dict[str, list[dict[str, Any]]]:
    """Write a run, and another run in which all items but the first differ and some are gone."""
    before = items_of(MANY)
    after = [before[0], *[item(number, title={"S": "changed"}) for number in range(1, MANY - 500)]]
    write_run(jobs, "many", before)
    write_run(jobs, "many-changed", after)
    return {"before": before, "after": after}


def test_parts_are_bounded_and_their_changes_lie_in_no_order_of_keys(
    jobs: Jobs, many: dict[str, list[dict[str, Any]]]
) -> None:
    summary = run_delta(jobs, "many-changed", *base_of(jobs, "many"), *ALL)

    parts, changes = parts_of(jobs, "many-changed"), lines_of(jobs, "many-changed")
    assert counts_of(summary) == (0, MANY - 501, 500, 1)
    assert (summary["puts"], summary["deletes"]) == (len(parts["puts"]), len(parts["deletes"])) == (3, 1)
    assert max(part["changes"] for part in parts["puts"]) <= 5_000
    assert applied(by_id(many["before"]), changes) == by_id(many["after"])
    keys = [line["put"]["id"]["S"] for line in changes["puts"]]
    ascents = sum(key < following for key, following in itertools.pairwise(keys))
    assert 0.4 < ascents / len(keys) < 0.6
    listed = [part["name"] for kind in ("puts", "deletes") for part in parts[kind]]
    assert sorted([*listed, "parts.json"]) == sorted(path.name for path in folder_of(jobs, "many-changed").iterdir())
    assert [name.split("-")[0] for name in listed] == ["puts", "puts", "puts", "deletes"]


def test_the_same_lines_make_the_same_parts_whatever_order_and_tasks_they_come_in(
    jobs: Jobs, many: dict[str, list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    run_delta(jobs, "many-changed", *base_of(jobs, "many"), *ALL, attempt="first")
    write_run(jobs, "many-again", many["before"][::-1])
    monkeypatch.setattr(delta_parts, "_TASK_LINES", 1_000)
    run_delta(jobs, "many-changed", *base_of(jobs, "many-again"), *ALL, attempt="second")

    assert parts_of(jobs, "many-changed", "first") == parts_of(jobs, "many-changed", "second")


def test_each_pass_deals_lines_out_once_and_reads_whole_only_what_may_differ(
    jobs: Jobs, many: dict[str, list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(many["before"]) == MANY
    monkeypatch.setattr(delta_keys, "_PARTITION_BYTES", 100_000)
    monkeypatch.setattr(delta_parts, "_TASK_LINES", 1_000)
    job = jobs.job("delta", "many-changed", "plan", "--items", "a1", *base_of(jobs, "many"))
    (sides,) = read_sides(job)
    summary = delta_keys.count(sides)

    first, second = (
        str(frame._jdf.queryExecution().executedPlan().toString())
        for frame in (summary.cached, delta_parts.changes(sides, summary))
    )
    summary.cached.unpersist()
    executed = first.split("== Initial Plan ==")[0]
    assert re.findall(r"Exchange (\w+\(\w+)", executed) == ["hashpartitioning(word"]
    # Of each side: its key read once, the marked buckets, and one shuffle of what is left.
    names = ("ExportKey", "BroadcastHashJoin", "Exchange hashpartitioning(k1")
    assert {name: second.count(name) for name in names} == dict.fromkeys(names, 2)


def test_a_part_ends_before_its_text_is_too_long(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delta_parts, "_MOST_BYTES", 10_000)
    write_run(jobs, "short", [])
    write_run(jobs, "long", [item(number, text={"S": "x" * 900}) for number in range(100)])
    run_delta(jobs, "long", *base_of(jobs, "short"))

    sizes = [
        len(gzip.decompress((folder_of(jobs, "long") / part["name"]).read_bytes()))
        for part in parts_of(jobs, "long")["puts"]
    ]
    assert (sum(part["changes"] for part in parts_of(jobs, "long")["puts"]), len(sizes)) == (100, 10)
    assert max(sizes) < 10_000 + 1_100


def test_equal_items_whose_keys_share_a_bucket_with_one_that_differs_are_not_written(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delta_keys, "_MOST_BUCKETS", 64)
    write_run(jobs, "crowded", items_of(1_000))
    write_run(jobs, "crowded-changed", [item(0, title={"S": "t"}), *items_of(1_000)[1:]])
    summary = run_delta(jobs, "crowded-changed", *base_of(jobs, "crowded"))

    assert counts_of(summary) == (0, 1, 0, 999)
    assert lines_of(jobs, "crowded-changed") == {
        "puts": [{"put": item(0, title={"S": "t"}), "was": item(0)}],
        "deletes": [],
    }


def test_parts_that_hold_other_changes_than_were_counted_end_the_job(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = delta_parts.changes
    monkeypatch.setattr(delta_parts, "changes", lambda *arguments: right(*arguments).where("k1 % 2 = 0"))
    write_run(jobs, "lossy", [])
    write_run(jobs, "lossy-filled", items_of(100))

    with pytest.raises(RowsNotConserved, match=r"Thing: 100 puts were counted, and \d+ written; resume the run"):
        run_delta(jobs, "lossy-filled", *base_of(jobs, "lossy"))
    assert not (folder_of(jobs, "lossy-filled") / "parts.json").exists()


def test_what_a_killed_attempt_left_is_no_part_of_the_next_one(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    write_run(jobs, "killed", items_of(10))
    write_run(jobs, "killed-changed", [item(number, title={"S": "t"}) for number in range(10)])
    stale = folder_of(jobs, "killed-changed") / "puts-0123.jsonl.gz"
    stale.parent.mkdir(parents=True)
    stale.write_bytes(gzip.compress(b"{}\n"))
    base = base_of(jobs, "killed")

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(Storage, "copy", die)
        with pytest.raises(KeyboardInterrupt):
            run_delta(jobs, "killed-changed", *base, *ALL)
    assert not (jobs.folder / "changes/d/killed-changed/c1/summary.json").exists()

    run_delta(jobs, "killed-changed", *base, *ALL)
    (part,) = parts_of(jobs, "killed-changed")["puts"]
    assert {path.name for path in folder_of(jobs, "killed-changed").iterdir()} == {part["name"], "parts.json"}
    scratch = jobs.folder / "raw/d/killed-changed/Thing$changes"
    assert [path for path in scratch.rglob("*") if path.is_file()] == []


def test_where_nothing_differs_there_is_no_part(jobs: Jobs) -> None:
    write_run(jobs, "alike", items_of(5))
    write_run(jobs, "alike-again", items_of(5)[::-1])
    summary = run_delta(jobs, "alike-again", *base_of(jobs, "alike"))

    assert summary == {
        "inserted": 0,
        "updated": 0,
        "deleted": 0,
        "unchanged": 5,
        "base": 5,
        "items": 5,
        "puts": 0,
        "deletes": 0,
    }
    assert json.loads((folder_of(jobs, "alike-again") / "parts.json").read_text()) == {"puts": [], "deletes": []}


def test_the_documents_say_what_was_compared_and_the_progress_ends(jobs: Jobs) -> None:
    write_run(jobs, "documented", items_of(6))
    write_run(jobs, "documented-changed", [*items_of(5), item(9)])
    run_delta(jobs, "documented-changed", *base_of(jobs, "documented"), *ALL)

    summary = jobs.read("changes/d/documented-changed/c1/summary.json")
    manifest = jobs.read("changes/d/documented-changed/c1/manifest.json")
    assert (summary["changed"], summary["attempt"], summary["release"]) == (2, "c1", manifest["release"])
    assert manifest["base"] == {"run": "documented", "attempt": "a1"}
    assert manifest["tables"]["Thing"]["puts"] == parts_of(jobs, "documented-changed")["puts"]
    progress = jobs.read("progress/d/documented-changed/delta.json")
    assert (progress["job"], progress["state"], progress["phase"]) == ("delta", "ended", "write")
    stages = progress["tables"]["Thing"]
    assert {name: (stage["rows"], stage["ended"]) for name, stage in stages.items()} == {
        "read": (12, True),
        "compared": (7, True),
        "written": (2, True),
    }


def test_a_repair_makes_of_an_export_what_the_items_are(jobs: Jobs) -> None:
    items = [
        {**item(number), "n": {"N": "1.5"}, "tags": {"SS": ["a", "b"]}, "document": {"M": {"x": {"N": "1"}}}}
        for number in range(8)
    ]
    write_run(jobs, "repaired", items)
    table = copy.deepcopy(items)
    table[0]["note"] = {"S": "another"}
    table[1]["note"] = {"N": "1"}  # of a wrong type
    table[2]["added"] = {"S": "by somebody"}
    del table[3]["note"]
    table[4]["document"]["M"]["x"] = {"N": "1.00"}  # the same number
    table[4]["tags"] = {"SS": ["b", "a"]}  # the same set
    table[5]["id"] = {"S": "k77777"}
    jobs.export(table)

    summary = run_delta(jobs, "repaired", *REPAIR, *ALL)

    assert counts_of(summary) == (1, 4, 1, 3)
    after = applied(by_id(table), lines_of(jobs, "repaired"))
    assert after == {**by_id(items), "k00004": table[4]}
