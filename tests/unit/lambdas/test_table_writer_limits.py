"""Settling at its limits: items larger than an expression, items that expired, and threads of which one fails."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from table_writer import threads
from table_writer.conditions import MOST_VALUE_BYTES
from table_writer.settling import APPLIED, Settled
from table_writer.table import OutOfTime
from table_writer.threads import settle_in_order

from tests.unit.lambdas.tables import NOW, ORDER, CrashError, MemoryStore, MemoryTable, item, put, writer

if TYPE_CHECKING:
    from table_writer.changes import Change
    from table_writer.items import Item

PAST = int(NOW) - 1
KEPT = item("k", **{f"k{number}": 0 for number in range(200)})


@pytest.mark.parametrize(
    ("was", "new", "theirs"),
    [
        pytest.param(
            {**KEPT, **item("k", **{f"r{number}": 0 for number in range(200)})}, KEPT, {"r0": {"S": "x"}}, id="removed"
        ),
        pytest.param(
            {**KEPT, **item("k", text="", version=1)},
            {**KEPT, **item("k", text="x" * MOST_VALUE_BYTES, version=1)},
            {"version": {"N": "2"}},
            id="version",
        ),
    ],
)
def test_a_large_item_is_replaced_on_the_condition_of_what_goes_and_of_its_version(
    was: Item, new: Item, theirs: Item
) -> None:
    table = MemoryTable.of(was)

    def write(call: str) -> None:
        if call == "put":
            table.items["k"] = {**was, **theirs}

    table.before = write
    answer = writer(table, MemoryStore([put(new, was)])).apply(replace(ORDER, version=("version",)))

    assert (answer["conflicts"], table.items) == (1, {"k": {**was, **theirs}})
    assert table.calls == ["get", "put"]


def test_an_item_that_somebody_changed_is_a_conflict_though_the_old_and_the_new_one_expired() -> None:
    theirs = item("k", ttl=PAST, price=5)
    table = MemoryTable.of(theirs)

    answer = writer(table, MemoryStore([put(item("k", ttl=int(NOW)), item("k", ttl=PAST - 1))]), ttl="ttl").apply(ORDER)

    assert (answer["conflicts"], answer["expired"], table.items) == (1, 0, {"k": theirs})


@pytest.mark.parametrize("error", [OutOfTime, CrashError])
def test_no_thread_begins_a_change_after_another_one_failed(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    closed, close = threading.Event(), threads._Queue.close
    begun: list[str] = []

    def closing(queue: threads._Queue) -> None:
        close(queue)
        closed.set()

    def settle(change: Change) -> Settled:
        key = change.key(("id",))["id"]["S"]
        begun.append(key)
        if key == "b":
            raise error
        closed.wait(5)
        return Settled(APPLIED)

    monkeypatch.setattr(threads._Queue, "close", closing)
    changes = [put(item(key)) for key in "abcd"]

    def settled() -> list[Settled]:
        return settle_in_order(changes, settle, threads=2, most_conflicts=9, has_time=lambda: True)

    if error is OutOfTime:
        assert settled() == [Settled(APPLIED)]
    else:
        with pytest.raises(CrashError):
            settled()
    assert sorted(begun) == ["a", "b"]
