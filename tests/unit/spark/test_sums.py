"""Sums of both jobs, and their checks: each wrong by one, on either side."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import pytest
from migration_spark import buckets, comparison
from migration_spark.audit import AuditedRows, added_up, check_audit, figure_names
from migration_spark.bootstrap import _check_references
from migration_spark.buckets import Agreement
from migration_spark.compare import _check_sums, _check_unchanged
from migration_spark.comparison import CLASSES, COMPARED, KeyCounts
from migration_spark.conservation import Traces
from migration_spark.errors import AuditMismatch, CloneChanged, RowsNotConserved, UnreadableReference
from migration_spark.fingerprint_rows import Bootstrapped, Sides
from migration_spark.reports import differs

from tests.spark.tables import extract, table

TABLE = table({"id": "text"})
WRITTEN = {"rowsRead": 20, "filtered": 2, "rejected": 3, "superseded": 4}
TALLY = {"source": 17, "rejected": 3, "superseded": 4, "target": 10}


def test_every_row_is_counted_somewhere_by_both_jobs() -> None:
    _check_sums(TABLE, TALLY, WRITTEN, 10, 1)


@pytest.mark.parametrize(
    ("tally", "written", "exported", "unread"),
    [
        ({"source": 16}, {}, 10, 1),
        ({"source": 18}, {}, 10, 1),
        ({}, {"rowsRead": 21}, 10, 1),
        ({}, {"filtered": 1}, 10, 1),
        ({}, {}, 10, 0),
        ({}, {}, 10, 2),
        ({"rejected": 2}, {}, 10, 1),
        ({"rejected": 4}, {}, 10, 1),
        ({"superseded": 3}, {}, 10, 1),
        ({"superseded": 5}, {}, 10, 1),
        ({"target": 9}, {}, 10, 1),
        ({"target": 11}, {}, 10, 1),
        ({}, {}, 11, 1),
    ],
)
def test_a_row_that_is_counted_nowhere_is_a_lost_row(
    tally: dict[str, int], written: dict[str, int], exported: int, unread: int
) -> None:
    with pytest.raises(RowsNotConserved):
        _check_sums(TABLE, {**TALLY, **tally}, {**WRITTEN, **written}, exported, unread)


@dataclass
class Counting:
    """Fake reading with the clones' current counters."""

    now: dict[str, dict[str, list[int]]]

    def counters(self, _: object) -> dict[str, dict[str, list[int]]]:
        return self.now


def test_a_clone_whose_counters_moved_was_written_to() -> None:
    before = {"Thing-thing": {"one": [5, 6, 7], "two": [0, 0, 0]}}
    unmoved: Any = Counting(before)
    _check_unchanged(unmoved, [], before)

    for moved in ([6, 6, 7], [5, 7, 7], [5, 6, 8], [4, 6, 7]):
        now: Any = Counting({"Thing-thing": {"one": [5, 6, 7], "two": moved}})
        with pytest.raises(CloneChanged, match=r"the clone of two was written to \(Thing-thing"):
            _check_unchanged(now, [], before)


EXTRACT = extract({"id": "text", "note": "text"})
READ: list[Any] = [6, 5, 50, 4, 40, 0, None]
COUNTED = {"one": [6, 5, 50, 4, 40]}


def test_figures_are_named_by_what_they_count() -> None:
    assert figure_names(EXTRACT) == ["rows", "values of id", "bytes of id", "values of note", "bytes of note", "unreadable", "sample"]  # fmt: skip


def test_what_was_read_is_what_the_database_counts() -> None:
    assert check_audit(EXTRACT, {"one": READ}, COUNTED) == AuditedRows({"one": 6}, {}, "")
    unread = [*READ[:-2], 2, "row 7"]
    assert check_audit(EXTRACT, {"one": READ, "two": unread}, {**COUNTED, "two": COUNTED["one"]}) == AuditedRows(
        {"one": 6, "two": 6}, {"two": 2}, "row 7 in two"
    )


@pytest.mark.parametrize("number", range(5))
@pytest.mark.parametrize("by", [-1, 1])
def test_a_row_a_value_or_a_byte_more_or_less_is_named(number: int, by: int) -> None:
    read = [*READ[:number], READ[number] + by, *READ[number + 1 :]]

    with pytest.raises(AuditMismatch, match=f"{figure_names(EXTRACT)[number]}, but {read[number]} were read"):
        check_audit(EXTRACT, {"one": read}, COUNTED)


def test_splits_add_up_and_the_first_sample_is_told() -> None:
    assert added_up([[1, 2, 3, None], [4, 5, 6, "b"], [7, 8, 9, "a"]]) == [12, 15, 18, "a"]
    assert added_up([[1, 2, None]]) == [1, 2, None]


def test_a_reference_that_cannot_be_read_is_refused_and_a_driving_row_is_not() -> None:
    reference = replace(extract({"id": "text"}), name="plan")
    of = table({"id": "text"}, extracts=(extract({"id": "text"}), reference))
    good, bad = AuditedRows({"one": 5}, {}, ""), AuditedRows({"one": 5}, {"one": 1}, "row 7 in one")

    _check_references((of,), {("Thing", "thing"): bad, ("Thing", "plan"): good})
    with pytest.raises(UnreadableReference, match=r"1 rows of thing do not fit the catalog's types \(row 7 in one\)"):
        _check_references((of,), {("Thing", "thing"): good, ("Thing", "plan"): bad})


def test_identities_add_up_as_words_of_64_bits() -> None:
    assert Traces(3, 5) == Traces(3, 5 + 2**64) == Traces(3, 5 - 2**64)
    assert len({Traces(3, 5), Traces(3, 5 + 2**64), Traces(3, 6), Traces(4, 5)}) == 3
    assert Traces(3, 5) != Traces(4, 5)
    assert Traces(3, 5) != Traces(3, 5 + 2**63)
    assert Traces(3, 5) != Traces(3, 5 + 2**32)
    assert Traces(3, 5) != (3, 5)


@pytest.mark.parametrize("kind", CLASSES)
def test_what_differs_is_every_class_but_those_that_agree(kind: str) -> None:
    tally = {**dict.fromkeys(CLASSES, 0), kind: 2}

    assert differs(tally) == (0 if kind in ("matched", "expired", "rejected", "superseded") else 2)
    assert (kind in COMPARED) is (kind not in ("undecodable", "rejected", "superseded"))


def agreement(differing: list[int], **changes: Any) -> Agreement:
    facts: dict[str, Any] = {"matched": 10, "rejected": 0, "undecodable": 0, "key_sum": 7}
    return Agreement(buckets=8, **{**facts, **changes}, differing=differing)


def test_the_share_of_buckets_that_differ_counts_buckets_alone() -> None:
    assert agreement([]).differing_share == 0
    assert agreement([0, 7]).differing_share == 0.25
    assert agreement([0, -1, -2]).differing_share == 0.125
    assert [agreement(of).may_be_gone for of in ([0], [-1], [-2], [0, -2])] == [False, False, True, True]


@pytest.mark.parametrize(
    ("rows", "tasks", "count"),
    [
        (0, 1, 1),
        (63, 1, 1),
        (128, 1, 2),
        (255, 1, 2),
        (256, 1, 4),
        (256, 4, 2),
        (10_000, 10, 16),
        (10_000, 0, 128),
        (2**28, 1, 2**22),
        (2**40, 1, 2**22),
        (2**40, 2**20, 2**15),
    ],
)
def test_buckets_are_a_power_of_two_and_no_more_than_their_sums_are_worth(rows: int, tasks: int, count: int) -> None:
    assert buckets.count(rows, tasks) == count


KNOWN = Bootstrapped(items=1000, repeated=0, key_sum=7, tasks=1)
WHOLE = KeyCounts({"matched": 99}, {}, {})


class Looked:
    """Fake comparison that records its ways, without Spark."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, agreed: Agreement, key_counts: KeyCounts) -> None:
        self.ways: list[tuple[Any, float, Any]] = []

        def tallied(sides: Sides, *_: Any) -> KeyCounts:
            self.ways.append(("some" if sides.kept else "all", sides.share, sides.sampled))
            return key_counts if sides.kept else KeyCounts({"matched": 99, "s": 99, "t": 99})

        monkeypatch.setattr(comparison, "_tally", tallied)
        monkeypatch.setattr(buckets, "agreement", lambda *_: agreed)
        monkeypatch.setattr(Agreement, "kept", lambda *_: lambda _: True)


def sides(known: Bootstrapped | None = KNOWN, **of: Any) -> Sides:
    export: Any = SimpleNamespace(exported_at_seconds=0)
    result: Any = None
    made = Sides(table({"id": "text"}, **of), result, export, sampled=3, bootstrapped=known)
    object.__setattr__(made, "kinds", {"id": "S"})
    return made


def counts(
    monkeypatch: pytest.MonkeyPatch,
    agreed: Agreement,
    key_counts: KeyCounts,
    known: Bootstrapped | None = KNOWN,
    **of: Any,
) -> tuple[dict[str, Any], list[Any]]:
    looked = Looked(monkeypatch, agreed, key_counts)
    document, *_ = comparison.tally(sides(known, **of))
    return {name: number for name, number in document.items() if number}, looked.ways


def test_sides_whose_sums_agree_are_not_looked_at_by_key(monkeypatch: pytest.MonkeyPatch) -> None:
    tally, ways = counts(monkeypatch, agreement([]), KeyCounts())

    assert (tally, ways) == ({"matched": 10, "source": 10, "target": 10}, [])


def test_buckets_that_differ_are_looked_at_and_added_to_those_that_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    few = KeyCounts({"matched": 1, "changed": 2, "s": 3, "t": 3})
    tally, ways = counts(monkeypatch, agreement([1], rejected=4, undecodable=5), few)

    assert tally == {"matched": 11, "changed": 2, "rejected": 4, "undecodable": 5, "source": 17, "target": 18}
    assert ways == [("some", 0.125, None)]


def test_where_most_buckets_differ_all_keys_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    at_bound, ways = counts(monkeypatch, agreement([0, 1, 2, 3, 4, 5]), KeyCounts())
    assert (at_bound["matched"], ways[0][0]) == (10, "some")
    beyond, ways = counts(monkeypatch, agreement([0, 1, 2, 3, 4, 5, 6]), KeyCounts())
    assert (beyond["matched"], [way for way, *_ in ways]) == (99, ["all"])


def test_an_extra_item_beside_ones_that_may_be_gone_is_looked_at_among_all(monkeypatch: pytest.MonkeyPatch) -> None:
    extra = KeyCounts({"extra": 1, "t": 1})
    tally, ways = counts(monkeypatch, agreement([-2]), extra)
    assert (tally["matched"], [(way, share) for way, share, _ in ways]) == (99, [("some", 1.0), ("all", 1.0)])
    tally, ways = counts(monkeypatch, agreement([1]), extra)
    assert (tally["extra"], len(ways)) == (1, 1)
    tally, ways = counts(monkeypatch, agreement([-2]), KeyCounts({"expired": 1, "s": 1}))
    assert (tally["expired"], tally["matched"], len(ways)) == (1, 10, 1)


@pytest.mark.parametrize(
    ("key_sum", "is_same"),
    [(7, True), (7 + 2**64, True), (7 - 2**64, True), (8, False), (6, False), (7 + 2**63, False)],
)
def test_the_keys_that_compare_reads_are_those_of_the_items(
    monkeypatch: pytest.MonkeyPatch, key_sum: int, *, is_same: bool
) -> None:
    if is_same:
        assert counts(monkeypatch, agreement([], key_sum=key_sum), KeyCounts())[0]["matched"] == 10
    else:
        with pytest.raises(RowsNotConserved, match="are not those of the items that Bootstrap wrote"):
            counts(monkeypatch, agreement([], key_sum=key_sum), KeyCounts())


def test_ranked_rows_are_counted_key_by_key(monkeypatch: pytest.MonkeyPatch) -> None:
    ranked = replace(KNOWN, repeated=1)
    few = KeyCounts({"rejected": 2, "superseded": 1, "matched": 1, "s": 1, "t": 1})
    tally, ways = counts(monkeypatch, agreement([1], rejected=9, key_sum=0), few, ranked, latest="version")

    assert tally == {"matched": 11, "rejected": 2, "superseded": 1, "source": 14, "target": 11}
    assert len(ways) == 1


@pytest.mark.parametrize(
    ("known", "way"),
    [
        (None, "all"),
        (replace(KNOWN, items=100_000, repeated=256), "sums"),
        (replace(KNOWN, items=100_000, repeated=257), "all"),
    ],
)
def test_where_many_rows_share_a_key_or_nobody_counted_all_keys_are_looked_at(
    monkeypatch: pytest.MonkeyPatch, known: Bootstrapped | None, way: str
) -> None:
    tally, ways = counts(monkeypatch, agreement([]), KeyCounts(), known)

    assert (tally["matched"], len(ways)) == ((99, 1) if way == "all" else (10, 0))
