"""The first error of a job ends running and waiting work, and is the reported one."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from migration_spark.first_error import FirstError

from tests.unit.spark.fake_context import FakeContext


@pytest.fixture
def context() -> FakeContext:
    return FakeContext()


@pytest.fixture
def first_error(context: FakeContext) -> FirstError:
    spark: Any = context
    return FirstError(spark)


def test_the_first_error_is_raised_and_not_those_of_what_it_cancels(
    context: FakeContext, first_error: FirstError
) -> None:
    def fails() -> None:
        time.sleep(0.1)
        raise ValueError("the cause")

    def is_cancelled() -> None:
        context.cancelled.wait(30)
        raise RuntimeError("Job 3 cancelled")

    began = time.monotonic()
    with pytest.raises(ValueError, match="the cause"), first_error.leaving():
        first_error.run_all([(is_cancelled,), (fails,), (is_cancelled,)])
    assert time.monotonic() - began < 10


def test_what_is_queued_does_not_begin(first_error: FirstError) -> None:
    began: list[int] = []

    def fails(n: int) -> None:
        began.append(n)
        raise ValueError(n)

    with pytest.raises(ValueError, match="0"), first_error.leaving():
        first_error.run_all([(fails, n) for n in range(50)], at_once=1)
    time.sleep(0.2)
    assert began == [0]


def test_an_error_is_raised_though_other_work_goes_on(first_error: FirstError) -> None:
    ends = threading.Event()

    def fails() -> None:
        raise ValueError("the cause")

    began = time.monotonic()
    with pytest.raises(ValueError, match="the cause"):
        first_error.run_all([(ends.wait, 60), (fails,)])
    assert time.monotonic() - began < 10
    ends.set()


def test_an_error_of_work_that_nobody_waits_for_ends_what_is_waited_for(first_error: FirstError) -> None:
    ends = threading.Event()

    def fails() -> None:
        raise ValueError("an audit")

    def audit() -> None:
        with pytest.raises(ValueError, match="an audit"):
            first_error.watched(fails)()

    threading.Timer(0.1, audit).start()
    with pytest.raises(ValueError, match="an audit"):
        first_error.run_all([(ends.wait, 60)])
    ends.set()


def test_an_error_ends_all_that_can_be_ended_and_its_own_errors_are_no_cause(first_error: FirstError) -> None:
    ended: list[str] = []

    def is_gone() -> None:
        raise OSError("the clone is gone")

    first_error.ends(is_gone)
    first_error.ends(lambda: ended.append("statements"))
    with pytest.raises(ValueError, match="the cause"), first_error.leaving():
        raise ValueError("the cause")
    assert ended == ["statements"]


def test_what_a_cancelled_task_begins_late_is_ended_too(context: FakeContext, first_error: FirstError) -> None:
    passes: list[int] = []

    def end() -> None:
        passes.append(context.running_tasks)
        if len(passes) == 2:
            context.running_tasks = 0

    context.running_tasks = 1
    first_error.ends(end)
    with pytest.raises(ValueError, match="the cause"), first_error.leaving():
        raise ValueError("the cause")
    assert passes == [1, 1]


def test_what_can_not_be_ended_is_not_waited_for_long(first_error: FirstError, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("migration_spark.first_error._ENDING_SECONDS", 0.5)
    ends = threading.Event()
    first_error.ends(lambda: ends.wait(60) and None)
    began = time.monotonic()
    with pytest.raises(ValueError, match="the cause"), first_error.leaving():
        raise ValueError("the cause")
    assert 0.4 < time.monotonic() - began < 20
    ends.set()


def test_an_error_that_comes_while_another_begins_to_end_the_work_waits_for_it(
    first_error: FirstError, monkeypatch: pytest.MonkeyPatch
) -> None:
    starting, ended = threading.Event(), threading.Event()

    class SlowToStart(threading.Thread):
        def start(self) -> None:
            starting.set()
            time.sleep(0.3)
            super().start()

    first = threading.Thread(target=first_error.note, args=(ValueError("the cause"),))
    first_error.ends(ended.set)
    monkeypatch.setattr("migration_spark.first_error.threading.Thread", SlowToStart)
    first.start()
    assert starting.wait(30)

    with pytest.raises(ValueError, match="the cause"), first_error.leaving():
        raise RuntimeError("Job 3 cancelled")
    assert ended.is_set()


def test_results_come_in_the_order_of_the_work(first_error: FirstError) -> None:
    def late(seconds: float) -> float:
        time.sleep(seconds)
        return seconds

    with first_error.leaving():
        assert first_error.run_all([(late, 0.1), (late, 0.0)]) == [0.1, 0.0]
        assert first_error.run_all([]) == []
