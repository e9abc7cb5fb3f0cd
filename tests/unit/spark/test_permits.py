"""Permits: no clone has more reading sessions than it allows, and no request waits forever."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from migration_spark import read_permits
from migration_spark.read_permits import Permits, caps
from migration_spark.spec import Cluster, Spec

from tests.spark.tables import CLUSTER, extract, table

TWO = Cluster("two", "g", "aurora-postgresql", "d", "u")


def entered(permits: Permits, wish: dict[str, int]) -> tuple[threading.Thread, threading.Event, threading.Event]:
    """Begin to hold permits in a thread; return it, whether it holds them, and the event that ends it."""
    holds, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with permits.held(wish):
            holds.set()
            leave.wait(60)

    thread = threading.Thread(target=hold, daemon=True)
    thread.start()
    # On a busy machine a thread begins late, and who comes first decides.
    while not holds.is_set() and wish not in permits._waiting:
        time.sleep(0.01)
    return thread, holds, leave


def test_a_clone_allows_what_its_most_demanding_extract_does() -> None:
    small = replace(extract({"id": "text"}), connections=1, clusters=(CLUSTER, TWO))
    large = replace(extract({"id": "text"}), connections=5, clusters=(CLUSTER,))
    clusters = {"one": CLUSTER, "two": TWO, "unread": Cluster("unread", "h", "aurora-postgresql", "d", "u")}
    spec = Spec("d", "0", clusters, (table({"id": "text"}, extracts=(small, large)),))

    assert caps(spec) == {"one": 5, "two": 1, "unread": 1}


def test_no_clone_is_read_by_more_than_it_allows() -> None:
    permits, lock = Permits({"a": 3, "b": 1}, 2), threading.Lock()
    now, most = {"a": 0, "b": 0}, {"a": 0, "b": 0}

    def read(wish: dict[str, int]) -> None:
        with permits.held(wish):
            with lock:
                for name, count in wish.items():
                    now[name] += count
                    most[name] = max(most[name], now[name])
            time.sleep(0.001)
            with lock:
                for name, count in wish.items():
                    now[name] -= count

    wishes = [{"a": 1}, {"a": 2, "b": 1}, {"b": 1}, {"a": 3}] * 10
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(read, wishes))

    assert most == {"a": 3, "b": 1}
    assert now == {"a": 0, "b": 0}


def test_a_wish_for_more_than_a_clone_allows_is_granted_what_there_is() -> None:
    permits = Permits({"a": 2}, 9)
    with permits.held({"a": 5}):
        _, holds, leave = entered(permits, {"a": 1})
        assert not holds.wait(0.1)
    assert holds.wait(30)
    leave.set()


def test_permits_that_are_given_back_wake_who_waits_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_permits, "_LOOK_SECONDS", 60)
    permits = Permits({"a": 1}, 9)
    with permits.held({"a": 1}):
        _, holds, leave = entered(permits, {"a": 1})
    assert holds.wait(5)
    leave.set()


def test_who_came_first_is_not_overtaken_on_its_clones_but_on_others() -> None:
    permits = Permits({"a": 2, "b": 1}, 9)
    _, first_holds, first_leaves = entered(permits, {"a": 1})
    assert first_holds.wait(30)
    _, both_holds, both_leave = entered(permits, {"a": 2})
    assert not both_holds.wait(0.1)
    _, late_holds, late_leaves = entered(permits, {"a": 1})
    _, other_holds, other_leaves = entered(permits, {"b": 1})

    assert other_holds.wait(30)
    assert not late_holds.wait(0.1), "a permit of a is free, but somebody waits for both"
    first_leaves.set()
    assert both_holds.wait(30)
    assert not late_holds.is_set()
    both_leave.set()
    assert late_holds.wait(30)
    for event in (late_leaves, other_leaves):
        event.set()


def test_so_many_clones_are_read_at_once_and_a_wish_for_more_waits_for_all_others() -> None:
    permits = Permits({"a": 1, "b": 1, "c": 1}, 1)
    _, holds, leave = entered(permits, {"a": 1})
    assert holds.wait(30)
    _, all_hold, all_leave = entered(permits, {"b": 1, "c": 1})
    assert not all_hold.wait(0.1)
    _, late_holds, late_leaves = entered(permits, {"a": 1})
    leave.set()

    assert all_hold.wait(30)
    assert not late_holds.wait(0.1)
    all_leave.set()
    assert late_holds.wait(30)
    late_leaves.set()


def test_waiting_ends_with_the_first_error_of_the_job() -> None:
    errors: list[Exception] = []

    def check() -> None:
        if errors:
            raise errors[0]

    permits = Permits({"a": 1}, 9, check)
    with permits.held({"a": 1}), ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(lambda: permits.held({"a": 1}).__enter__())
        time.sleep(0.1)
        errors.append(ValueError("the cause"))
        with pytest.raises(ValueError, match="the cause"):
            waiting.result(timeout=30)
    errors.clear()
    with permits.held({"a": 1}):
        pass


def test_a_job_with_an_error_begins_to_read_nothing() -> None:
    def check() -> None:
        raise ValueError("the cause")

    permits = Permits({"a": 1}, 9, check)
    with pytest.raises(ValueError, match="the cause"), permits.held({"a": 1}):
        pass
    assert permits._free == {"a": 1}


def test_who_waits_no_more_wakes_those_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_permits, "_LOOK_SECONDS", 60)
    errors: list[Exception] = []

    def check() -> None:
        if errors:
            raise errors.pop()

    permits = Permits({"a": 2}, 9, check)
    with permits.held({"a": 1}), ThreadPoolExecutor(1) as pool:
        first = pool.submit(lambda: permits.held({"a": 2}).__enter__())
        while not permits._waiting:
            time.sleep(0.01)
        _, holds, leave = entered(permits, {"a": 1})
        errors.append(ValueError("the cause"))
        with permits._changed:
            permits._changed.notify()
        with pytest.raises(ValueError, match="the cause"):
            first.result(timeout=30)
        assert holds.wait(5)
        leave.set()
