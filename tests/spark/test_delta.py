"""Delta writes exactly the differences between both sides of a table, for every kind of change of the source."""

from __future__ import annotations

import pytest

from tests.spark.deltas import ALL, applied, base_of, counts_of, lines_of, run_delta
from tests.spark.jobs import CLUSTERS, COLUMNS, Jobs, selects, thing

ROWS = 40
ALIASED = ", ".join(f"thing.{name} AS {name}" for name in COLUMNS)
CHANGES = {
    "precise": "precise = precise + 0.0000000000000000001",
    "ratio": "ratio = 0.10000000000000002",
    "title": "title = title || ' '",
    "note": "note = '2'",
    "tags": "tags = array['a']",
    "list": "list = array['x', 'x', 'y']",
    "document": 'document = \'{"deep": {"list": [1, {"n": "1.51"}]}}\'',
    "expires": "expires = '2040-01-01 00:00:00+00'",
}


@pytest.fixture(scope="module")
def filled(jobs: Jobs) -> Jobs:
    rows = [thing(number) for number in range(ROWS)]
    jobs.fill({"one": rows[: ROWS // 2], "two": rows[ROWS // 2 :]})
    assert jobs.bootstrap("before")["failure"] is None
    return jobs


def test_every_kind_of_change_arrives_and_nothing_else_is_written(filled: Jobs) -> None:
    updates = [f"UPDATE thing SET {change} WHERE id = 'k{n:02}'" for n, change in enumerate(CHANGES.values())]
    nulls = ", ".join(f"{name} = NULL" for name in COLUMNS if name != "id")
    # k15 moves to the other partition as it is, k16 with another note.
    moved = [thing(15), (*thing(16)[:4], "moved", *thing(16)[5:])]
    filled.sql(
        "one",
        *updates,
        # The same set in another order.
        "UPDATE thing SET tags = array['c', 'a', 'b'] WHERE id = 'k10'",
        f"UPDATE thing SET {nulls} WHERE id = 'k12'",
        "DELETE FROM thing WHERE id IN ('k13', 'k15', 'k16')",
        "UPDATE thing SET id = 'k99' WHERE id = 'k14'",
        "INSERT INTO thing (id, title) VALUES ('k50', 'new')",
    )
    filled.insert("two", moved)
    filled.bootstrap("after")

    summary = run_delta(filled, "after", *base_of(filled, "before"), *ALL)

    changes = lines_of(filled, "after")
    assert counts_of(summary) == (2, 10, 2, 28)
    assert {line["put"]["id"]["S"]: line["was"] is None for line in changes["puts"]} == {
        **{f"k{n:02}": False for n in range(len(CHANGES))},
        "k12": False,
        "k16": False,
        "k50": True,
        "k99": True,
    }
    assert sorted(line["delete"]["id"]["S"] for line in changes["deletes"]) == ["k13", "k14"]
    assert applied(filled.items("before"), changes) == filled.items("after")


def test_a_superseded_row_that_becomes_the_newest_is_an_update(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(jobs.table, "onDuplicateKey", {"latest": "ratio"})

    def versions(*of_keys: tuple[int, float, str]) -> list[tuple[object, ...]]:
        return [(*thing(n)[:2], ratio, note, *thing(n)[4:]) for n, ratio, note in of_keys]

    jobs.fill({"one": versions((0, 1.0, "old"), (1, 1.0, "old")), "two": versions((0, 2.0, "new"), (1, 2.0, "new"))})
    assert jobs.bootstrap("ranked")["failure"] is None
    # The newest of k00 is gone, and the older one of k01 becomes newer than the newest.
    jobs.sql("two", "DELETE FROM thing WHERE id = 'k00'")
    jobs.sql("one", "UPDATE thing SET ratio = 3 WHERE id = 'k01'")
    jobs.bootstrap("ranked-again")

    summary = run_delta(jobs, "ranked-again", *base_of(jobs, "ranked"), *ALL)

    assert counts_of(summary) == (0, 2, 0, 0)
    puts = lines_of(jobs, "ranked-again")["puts"]
    assert {line["put"]["id"]["S"]: (line["was"]["title"]["S"], line["put"]["title"]["S"]) for line in puts} == {
        "k00": ("new", "old"),
        "k01": ("new", "old"),
    }


def test_a_reference_row_on_which_a_thousand_items_depend_updates_them_all(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs.fill({"one": [(f"k{n:04}", *thing(0)[1:4], str(n % 2), *thing(0)[5:]) for n in range(2000)]})
    for cluster in CLUSTERS:
        jobs.sql(cluster, "DROP TABLE IF EXISTS label", "CREATE TABLE label (id text, text text)")
    jobs.sql("one", "INSERT INTO label VALUES ('0', 'zero'), ('1', 'one')")
    columns = [{"name": name, "type": "text"} for name in ("id", "text")]
    reference = {**jobs.table["extracts"][0], "name": "label", "source": "label", "columns": columns}
    chosen = f"{ALIASED}, label.text AS label, label.id IS NULL AS _unmatched_label"
    settings = selects("FROM thing LEFT JOIN label ON label.id = thing.note", chosen)
    for name, value in {**settings, "extracts": [*jobs.table["extracts"], reference]}.items():
        monkeypatch.setitem(jobs.table, name, value)
    assert jobs.bootstrap("labelled")["failure"] is None
    jobs.sql("one", "UPDATE label SET text = 'uno' WHERE id = '1'")
    jobs.bootstrap("relabelled")

    summary = run_delta(jobs, "relabelled", *base_of(jobs, "labelled"), *ALL)

    puts = lines_of(jobs, "relabelled")["puts"]
    assert counts_of(summary) == (0, 1000, 0, 1000)
    assert {(line["was"]["label"]["S"], line["put"]["label"]["S"], line["put"]["note"]["S"]) for line in puts} == {
        ("one", "uno", "1")
    }


def test_a_row_that_is_rejected_now_is_no_item_any_more(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs.fill({"one": [thing(1), thing(2)], "two": [thing(3)]})
    assert jobs.bootstrap("fit")["failure"] is None
    monkeypatch.setitem(jobs.table, "maxRejects", 1)
    jobs.sql("one", "UPDATE thing SET ratio = 'NaN' WHERE id = 'k02'")
    assert jobs.bootstrap("unfit")["failure"] is None

    summary = run_delta(jobs, "unfit", *base_of(jobs, "fit"), *ALL)

    assert counts_of(summary) == (0, 0, 1, 2)
    assert [line["delete"] for line in lines_of(jobs, "unfit")["deletes"]] == [{"id": {"S": "k02"}}]


def test_an_attribute_that_the_catalog_adds_or_drops_updates_every_item(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs.fill({"one": [thing(1), thing(2)], "two": [thing(3)]})
    assert jobs.bootstrap("narrow")["failure"] is None
    columns = ", ".join(f"thing.{name} AS {name}" for name in COLUMNS if name != "note")
    for name, text in selects("FROM thing", f"{columns}, upper(thing.title) AS shown").items():
        monkeypatch.setitem(jobs.table, name, text)
    monkeypatch.setitem(jobs.table, "plainAttributes", {})
    assert jobs.bootstrap("wide")["failure"] is None

    summary = run_delta(jobs, "wide", *base_of(jobs, "narrow"), *ALL)

    assert counts_of(summary) == (0, 3, 0, 0)
    assert [("note" in line["was"], "shown" in line["put"]) for line in lines_of(jobs, "wide")["puts"]] == [
        (True, True)
    ] * 3
