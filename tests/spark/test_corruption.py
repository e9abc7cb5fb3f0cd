"""Compare detects every kind of damage after the import, names and locates it, and reports nothing else."""

from __future__ import annotations

import copy
import gzip
import json
import unicodedata
from typing import TYPE_CHECKING, Any

import pytest
from migration_spark import job
from migration_spark.errors import CloneChanged, ExportDamaged, ReleaseChanged

from tests.spark.jobs import Jobs, thing

if TYPE_CHECKING:
    from collections.abc import Iterator

ROWS = 24
EXPIRED, NOT_A_NUMBER, INFINITE = "k20", "k21", "k22"
LONG_EXPIRED = "k19"  # more than five years, so that DynamoDB keeps it


@pytest.fixture(scope="module")
def filled(jobs: Jobs) -> Iterator[Jobs]:
    rows = [thing(number) for number in range(ROWS)]
    jobs.fill({"one": rows[::2], "two": rows[1::2]})
    jobs.sql("one", f"UPDATE thing SET expires = '2026-12-31 23:59:59+00' WHERE id = '{EXPIRED}'")
    jobs.sql("two", f"UPDATE thing SET expires = '2020-01-01 00:00:00+00' WHERE id = '{LONG_EXPIRED}'")
    jobs.sql("two", f"UPDATE thing SET precise = 'NaN' WHERE id = '{NOT_A_NUMBER}'")
    jobs.sql("one", f"UPDATE thing SET expires = 'infinity' WHERE id = '{INFINITE}'")
    kept = copy.deepcopy(jobs.table)
    jobs.table["maxRejects"] = 2
    assert jobs.bootstrap()["failure"] is None
    yield jobs
    jobs.table.clear()
    jobs.table.update(kept)


def damaged(items: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the items with a damage each; DAMAGES has the keys."""
    items = copy.deepcopy(items)
    del items["k00"]
    extra = {**items["k01"], "id": {"S": "k01 "}}
    twice = copy.deepcopy(items["k02"])
    items["k03"]["ratio"] = {"N": "0.10000000000000002"}
    items["k04"]["precise"] = {"N": "1234567890123456789.1234567890123456788"}
    items["k05"]["title"]["S"] += " "
    items["k06"]["title"]["S"] = unicodedata.normalize("NFD", items["k06"]["title"]["S"])
    items["k07"]["title"]["S"] = items["k07"]["title"]["S"].lower()
    items["k08"]["note"] = {"N": "1"}
    items["k09"]["note"] = {"NULL": True}
    del items["k10"]["note"]
    items["k11"]["list"] = {"L": [{"S": "x"}, {"S": "x"}, {"S": "y"}]}
    items["k12"]["tags"] = {"SS": ["c", "b", "a"]}
    items["k13"]["document"]["M"]["deep"]["M"]["list"]["L"][1]["M"]["n"] = {"S": "1.5"}
    items["k14"]["added"] = {"S": ""}
    # A sum or an exclusive or over the column would not change.
    items["k15"]["title"], items["k16"]["title"] = items["k16"]["title"], items["k15"]["title"]
    items["k17"]["document"]["M"]["number"] = {"S": "17"}
    items["k18"]["tags"] = {"SS": ["a", "b"]}
    return [*items.values(), extra, twice]


CHANGED = {
    "k03": "ratio",
    "k04": "precise",
    "k05": "title",
    "k06": "title",
    "k07": "title",
    "k08": "note",
    "k09": "note",
    "k10": "note",
    "k11": "list",
    "k13": "document",
    "k14": "(unknown attributes)",
    "k15": "title",
    "k16": "title",
    "k17": "document",
    "k18": "tags",
}


def written(filled: Jobs) -> list[tuple[Any, ...]]:
    """Return the differences in the files of differences.json, which lists all files."""
    listed = filled.read("reports/d/run/differences.json")
    assert listed["attempt"] == "a1"
    files = {file["key"]: file["bytes"] for file in listed["tables"]["Thing"]}
    paths = sorted((filled.folder / "reports/d/run/mismatches").rglob("*.parquet"))
    assert {str(path.relative_to(filled.folder)): path.stat().st_size for path in paths} == files
    rows = filled.spark.read.parquet(*[f"file://{path}" for path in paths]).collect()
    return [tuple(row) for row in rows]


def test_an_undamaged_export_matches_whatever_its_order(filled: Jobs) -> None:
    items = filled.items()
    assert set(items) == {thing(number)[0] for number in range(ROWS)} - {NOT_A_NUMBER, INFINITE}
    filled.export(list(items.values())[::-1])
    report = filled.compare()

    counts = {name: count for name, count in report["tables"]["Thing"].items() if isinstance(count, int) and count}
    assert report["verdict"] == "MATCH"
    assert counts == {"compared": 22, "matched": 22, "exported": 22, "rejected": 2}


def test_every_damage_is_found_called_by_its_name_and_located(filled: Jobs) -> None:
    filled.export(damaged(filled.items()))
    report = filled.compare()

    thing_ = report["tables"]["Thing"]
    counts = {name: count for name, count in thing_.items() if isinstance(count, int) and count}
    assert report["verdict"] == "MISMATCH"
    assert counts == {
        "compared": 23,
        "exported": 23,
        "matched": 5,
        "changed": 15,
        "missing": 1,
        "extra": 1,
        "duplicate": 1,
        "rejected": 2,
    }
    differences = written(filled)
    assert {key: column for kind, key, column, *_ in differences if kind == "changed"} == CHANGED
    assert {tuple(difference[:5]) for difference in differences} == {
        tuple(sample[name] for name in ("class", "key", "column", "source", "target")) for sample in thing_["samples"]
    }
    located = {sample["key"]: sample["column"] for sample in thing_["samples"] if sample["class"] == "changed"}
    assert located == CHANGED
    others = sorted((sample["class"], sample["key"]) for sample in thing_["samples"] if sample["class"] != "changed")
    assert others == [("duplicate", "k02"), ("extra", "k01 "), ("missing", "k00")]
    assert thing_["changedAttributes"] == {
        "(unknown attributes)": 1,
        "document": 2,
        "list": 1,
        "note": 3,
        "precise": 1,
        "ratio": 1,
        "tags": 1,
        "title": 5,
    }


def test_an_expired_item_may_be_gone_and_no_other(filled: Jobs) -> None:
    items = filled.items()
    del items[EXPIRED]
    filled.export(list(items.values()))
    report = filled.compare()

    assert (report["verdict"], report["tables"]["Thing"]["expired"], report["tables"]["Thing"]["missing"]) == (
        "MATCH",
        1,
        0,
    )


def test_the_witness_misses_an_item_that_dynamodb_never_deletes(filled: Jobs) -> None:
    items = filled.items()
    del items[EXPIRED], items[LONG_EXPIRED]
    filled.export(list(items.values()))
    report = filled.compare()

    assert (report["tables"]["Thing"]["expired"], report["tables"]["Thing"]["missing"]) == (1, 1)
    assert [(sample["key"], sample["column"]) for sample in report["witnessSamples"]] == [
        (LONG_EXPIRED, "(whole item)")
    ]


def test_an_empty_export_is_all_missing(filled: Jobs) -> None:
    filled.export([])
    report = filled.compare()

    assert report["verdict"] == "MISMATCH"
    assert (report["tables"]["Thing"]["missing"], report["tables"]["Thing"]["expired"]) == (21, 1)


def test_cut_and_meaningless_lines_are_no_items(filled: Jobs) -> None:
    lines = [json.dumps({"Item": item}) for item in filled.items().values()]
    filled.export_lines([lines[0][: len(lines[0]) // 2], "{}", '{"Item": {}}', *lines[3:]])
    report = filled.compare()

    assert (report["tables"]["Thing"]["undecodable"], report["tables"]["Thing"]["missing"]) == (3, 3)
    assert sorted((kind, line) for kind, _, _, _, line, _ in written(filled)) == [
        *[("missing", "absent")] * 3,
        *[("undecodable", line) for line in sorted([lines[0][: len(lines[0]) // 2], "{}", '{"Item": {}}'])],
    ]


def test_a_cut_lost_or_exchanged_file_is_named(filled: Jobs) -> None:
    items = list(filled.items().values())
    for damage in ("cut", "lost", "exchanged"):
        path = filled.export(items)[1]
        if damage == "cut":
            path.write_bytes(path.read_bytes()[:-20])
        elif damage == "exchanged":
            path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()).replace(b"Caf", b"Cap")))
        else:
            path.unlink()
        with pytest.raises(ExportDamaged, match=r"data/1\.json\.gz is missing or is not what its manifest describes"):
            filled.compare()


def test_a_manifest_that_lists_a_file_less_is_no_proof(filled: Jobs) -> None:
    filled.export(list(filled.items().values()))
    manifest = filled.folder / "export/AWSDynamoDB/1/manifest-files.json"
    manifest.write_text("".join(manifest.read_text().splitlines(keepends=True)[:-1]))

    with pytest.raises(ExportDamaged, match="counts other items than its summary"):
        filled.compare()


def test_a_clone_that_was_written_to_after_bootstrap_is_named(filled: Jobs) -> None:
    filled.export(list(filled.items().values()))
    filled.sql("two", "UPDATE thing SET note = note WHERE id = 'k01'")

    with pytest.raises(CloneChanged, match="the clone of two was written to"):
        filled.compare()


def test_items_of_another_release_are_not_compared(filled: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    filled.export(list(filled.items().values()))
    monkeypatch.setattr(job, "own_release", lambda: "1.0.0-00000000000b")

    with pytest.raises(
        ReleaseChanged, match=r"were written by the release 1\.0\.0, and this is 1\.0\.0-00000000000b\."
    ):
        filled.compare()
