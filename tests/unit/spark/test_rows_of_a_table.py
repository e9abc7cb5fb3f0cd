"""Each driving row is an item, rejected, superseded, a duplicate or filtered, per cluster."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from migration_spark import table_bootstrap
from migration_spark.conservation import FilteredRows, Traces
from migration_spark.errors import RowsNotConserved
from migration_spark.table_bootstrap import TableBootstrap
from migration_spark.writing import Written

from tests.spark.tables import table

RESULT: Any = SimpleNamespace(sparkSession=None)
# Of ten rows in one and five in two, one of which cannot be read.
AUDIT, UNREAD, READABLE = {"one": [10, 0], "two": [5, 0]}, {"two": 1}, 14
FIRST_CLUSTER = {"item": 6, "duplicate": 1, "rejected": 2, "superseded": 1, "unmatched": 3}
SECOND_CLUSTER = {"item": 3, "duplicate": 0, "rejected": 1, "superseded": 0, "unmatched": 0}


def rows(**facts: Any) -> TableBootstrap:
    made = object.__new__(TableBootstrap)
    made._table = table({"id": "text"}, **facts)
    made._audit, made._unread, made._frames = AUDIT, UNREAD, {}
    made._raw = SimpleNamespace(traces=Traces(READABLE, 77))  # type: ignore[assignment]  # of which only this is asked
    return made


def written(
    first: dict[str, int] = FIRST_CLUSTER, second: dict[str, int] = SECOND_CLUSTER, traces: Traces | None = None
) -> Written:
    totals = {name: first[name] + second[name] for name in first}
    counted = sum(totals[name] for name in ("item", "duplicate", "rejected", "superseded"))
    return Written(totals, {"one": first, "two": second}, traces or Traces(counted, 77))


def test_rows_that_all_came_out_are_none_filtered() -> None:
    assert rows(traced="SELECT 1")._filtered(RESULT, written(), READABLE) == FilteredRows()
    assert rows()._filtered(RESULT, written(), READABLE) == FilteredRows({"one": 0, "two": 0})


def test_rows_that_did_not_come_out_are_filtered_where_they_were_read() -> None:
    fewer = written({**FIRST_CLUSTER, "item": 4})

    assert rows()._filtered(RESULT, fewer, READABLE) == FilteredRows({"one": 2, "two": 0})


@pytest.mark.parametrize("kind", ["item", "duplicate", "rejected", "superseded"])
def test_a_row_too_many_in_one_cluster_is_told_though_another_lacks_one(kind: str) -> None:
    moved = written({**FIRST_CLUSTER, "item": 5}, {**SECOND_CLUSTER, kind: SECOND_CLUSTER[kind] + 1})

    with pytest.raises(RowsNotConserved, match=r"the select multiplies rows of two; check its joins"):
        rows()._filtered(RESULT, moved, READABLE)


@pytest.mark.parametrize("by", [-1, 1])
def test_a_row_of_no_cluster_is_told(by: int) -> None:
    with pytest.raises(RowsNotConserved, match=f"{by} rows of the select name in _cluster no cluster of thing"):
        rows()._filtered(RESULT, written(traces=Traces(READABLE + by, 77)), READABLE)


def test_groups_are_filtered_in_all_and_never_more_than_there_are() -> None:
    grouped = rows(group_by=("id",))

    assert grouped._filtered(RESULT, written(), READABLE + 3) == FilteredRows({"": 3})
    assert grouped._filtered(RESULT, written(), READABLE) == FilteredRows({"": 0})
    with pytest.raises(RowsNotConserved, match="the select multiplies rows; check its joins"):
        grouped._filtered(RESULT, written(), READABLE - 1)


@pytest.mark.parametrize("traces", [Traces(READABLE, 78), Traces(READABLE, 77 + 2**63)])
def test_a_traced_table_whose_identities_differ_is_looked_at_row_by_row(
    monkeypatch: pytest.MonkeyPatch, traces: Traces
) -> None:
    looked = FilteredRows({"one": 1})
    monkeypatch.setattr(table_bootstrap, "count_filtered", lambda *_: looked)

    assert rows(traced="SELECT 1")._filtered(RESULT, written(traces=traces), READABLE) is looked


def test_every_cluster_is_told_with_the_fate_of_each_of_its_rows() -> None:
    complete = rows()._complete(written(), FilteredRows({"one": 4}))

    assert complete == {
        "one": {**FIRST_CLUSTER, "rowsRead": 10, "filtered": 4},
        "two": {**SECOND_CLUSTER, "rejected": 2, "rowsRead": 5, "filtered": 0},
    }
    assert rows(group_by=("id",))._complete(written(), FilteredRows()) == {"one": FIRST_CLUSTER, "two": SECOND_CLUSTER}


def test_what_cannot_be_read_is_no_row_that_could_become_an_item() -> None:
    assert rows()._readable_rows() == READABLE
    assert (rows()._readable("one"), rows()._readable("two")) == (10, 4)
