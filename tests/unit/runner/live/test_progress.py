"""Progress is read from real histories."""

from __future__ import annotations

import datetime as dt
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from rich.console import Console

from catalog.loader import load_catalog
from runner.errors import UsageError
from runner.labels import CLONE_STAGES, PHASES, TABLE_STAGES
from runner.live.history.progress import Progress
from runner.live.poll import follow
from runner.live.views.progress_table import execution_table
from runner.live.views.progress_views import LineView, LiveView, view_for
from statemachine.limits import Limits
from statemachine.names import DeployedNames
from statemachine.render import definition

if TYPE_CHECKING:
    from runner.live.history.changes import Change

ARN = "arn:aws:states:eu-west-1:971779422973:execution:migration-test-rates:run-1"
BEGAN = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def event(number: int, kind: str, previous: int, **details: Any) -> dict[str, Any]:  # noqa: ANN401 - an event's details
    return {
        "id": number,
        "type": kind,
        "previousEventId": previous,
        "timestamp": BEGAN + dt.timedelta(seconds=number),
        **details,
    }


def entered(number: int, name: str, previous: int, state_input: dict[str, Any] | None = None) -> dict[str, Any]:
    details = {"name": name, "input": json.dumps(state_input or {})}
    return event(number, "PassStateEntered", previous, stateEnteredEventDetails=details)


def exited(number: int, name: str, previous: int, **assigned: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    variables = {key: json.dumps(value) for key, value in assigned.items()}
    details = {"name": name, "output": "{}", "assignedVariables": variables}
    return event(number, "TaskStateExited", previous, stateExitedEventDetails=details)


# Two clones at once: their events come interleaved, and only the chain of events tells them apart.
HISTORY = [
    event(1, "ExecutionStarted", 0),
    entered(2, "DefineVariables", 1),
    entered(3, "CloneClusters", 2),
    event(4, "MapStateStarted", 3),
    event(5, "MapIterationStarted", 4),
    event(6, "MapIterationStarted", 4),
    entered(7, "TakeCluster", 5, {"cluster": "lipsdb"}),
    entered(8, "TakeCluster", 6, {"cluster": "p1"}),
    entered(9, "StartClone", 7),
    entered(10, "CloneReady", 8),
    entered(11, "CloneReady", 9),
    event(12, "MapStateSucceeded", 11),
    entered(13, "ListJars", 12),
    entered(14, "ListJars", 13),
    entered(15, "MigrateTables", 14),
    event(16, "MapIterationStarted", 15),
    entered(17, "TakeTable", 16, {"table": "BaseRate", "plan": {}}),
    entered(18, "ImportTable", 17),
    event(
        19,
        "PassStateExited",
        18,
        stateExitedEventDetails={
            "name": "TableMigrated",
            "output": json.dumps({"name": "BaseRate", "imported": 1200, "exported": 1199}),
        },
    ),
    exited(20, "ReadSummary", 15, summary={"tables": {"BaseRate": {"rowsRead": 1300, "items": 1200, "rejected": 0}}}),
]


class Service:
    """Step Functions with an execution whose history grows with each poll."""

    def __init__(self, end: dict[str, Any]) -> None:
        self._end = end
        self._seen = 6
        self.pages = 0

    def describe_execution(self, **_: object) -> dict[str, Any]:
        self._seen = min(self._seen + 7, len(HISTORY))
        return self._end if self._seen == len(HISTORY) else {"status": "RUNNING"}

    def get_execution_history(self, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - a call's arguments
        self.pages += 1
        newest_first = HISTORY[: self._seen][::-1]
        start = int(arguments.get("nextToken", 0))
        page: dict[str, Any] = {"events": newest_first[start : start + 3]}
        if start + 3 < len(newest_first):
            page["nextToken"] = str(start + 3)
        return page


def texts(changes: list[Change]) -> list[str]:
    return [change.text for change in changes]


def progress_of(events: list[dict[str, Any]]) -> Progress:
    progress = Progress(ARN)
    for entry in events:
        progress.apply(entry)
    return progress


def test_phases_follow_each_other_and_loops_do_not_begin_them_again() -> None:
    progress = progress_of(HISTORY)

    assert [(p.name, p.began.second) for p in progress.phases] == [
        ("Prepare", 2),
        ("Clone", 3),
        ("Locate Spark", 13),
        ("Tables", 15),
    ]
    assert progress.seconds_by_phase(BEGAN + dt.timedelta(seconds=20)) == {
        "Prepare": 1.0,
        "Clone": 10.0,
        "Locate Spark": 2.0,
        "Tables": 5.0,
    }


def test_interleaved_items_are_told_apart() -> None:
    progress = progress_of(HISTORY)

    assert progress.clones == {"lipsdb": "ready", "p1": "ready"}
    assert progress.tables == {"BaseRate": "importing"}
    assert progress.counts == {"BaseRate": {"imported": 1200, "exported": 1199, "rowsRead": 1300, "items": 1200}}
    assert progress_of(HISTORY[:10]).clones == {"lipsdb": "cloning", "p1": "ready"}


def test_following_reads_each_event_once_however_the_pages_fall() -> None:
    end = {"status": "FAILED", "error": "ImportFailed", "cause": "because", "stopDate": BEGAN + dt.timedelta(minutes=1)}
    console = Console(file=io.StringIO(), width=120)
    slept: list[float] = []

    (progress,) = follow(Service(end), [ARN], LineView(console), sleep=slept.append)

    written = console.file.getvalue()  # type: ignore[attr-defined]  # a StringIO
    assert (progress.status, progress.error, progress.cause) == ("FAILED", "ImportFailed", "because")
    assert written.count("Prepare") == 1
    assert written.count("lipsdb: ready") == 1
    assert "failed ImportFailed" in written
    assert slept
    assert progress.phases[-1].seconds(BEGAN) == 45.0


def test_the_picture_shows_what_is_done_what_runs_and_what_failed() -> None:
    progress = progress_of(HISTORY)
    console = Console(file=io.StringIO(), width=160)
    console.print(execution_table(progress, BEGAN + dt.timedelta(seconds=30)))
    progress.finish({"status": "FAILED", "error": "ImportFailed", "cause": "because"})
    console.print(execution_table(progress, BEGAN + dt.timedelta(seconds=30)))
    shown = console.file.getvalue()  # type: ignore[attr-defined]  # a StringIO

    assert "✓ Clone 10 s" in shown
    assert "▶ Tables 15 s" in shown
    assert "· Compare" in shown
    assert "  lipsdb ready   p1 ready" in shown
    assert next(line.split() for line in shown.splitlines() if line.startswith("  BaseRate")) == [
        "BaseRate", "importing", "1,300", "1,200", "1,200", "1,199", "·",
    ]  # fmt: skip
    assert "✗ Tables" in shown
    assert "ImportFailed: because" in shown


def test_counts_show_as_they_become_known() -> None:
    progress = progress_of(HISTORY[:17])

    assert progress.apply(exited(30, "DescribeImport", 17, imported=0)) == []
    assert texts(progress.apply(exited(31, "DescribeImport", 30, imported=600))) == ["BaseRate: 600 imported"]
    assert progress.apply(exited(32, "DescribeImport", 31, imported=600)) == []
    assert texts(progress.apply(exited(33, "DescribeExport", 32, exported=599))) == ["BaseRate: 599 exported"]
    assert texts(progress.apply(exited(34, "ReadVerdict", 2, verdict={"tables": {"BaseRate": {"compared": 600}}}))) == [
        "BaseRate: 600 compared"
    ]
    assert progress.counts == {"BaseRate": {"imported": 600, "exported": 599, "compared": 600}}


def test_compared_are_keys_also_where_an_older_verdict_counted_rows() -> None:
    progress = progress_of(HISTORY[:17])
    classes = {"matched": 590, "changed": 1, "missing": 2, "extra": 3, "duplicate": 0, "expired": 4}
    others = {"undecodable": 7, "rejected": 8, "superseded": 9}
    verdict = {"tables": {"BaseRate": {"compared": 617, **classes, **others}}}

    assert texts(progress.apply(exited(34, "ReadVerdict", 2, verdict=verdict))) == ["BaseRate: 600 compared"]


def test_what_an_earlier_attempt_left_counts_once_it_is_adopted() -> None:
    progress = progress_of(HISTORY[:2])
    summary = {"tables": {"BaseRate": {"rowsRead": 1300, "items": 1200}}}

    assert progress.apply(exited(30, "FindSummary", 2, summary=summary)) == []
    assert texts(progress.apply(entered(31, "AdoptSummary", 30))) == ["BaseRate: 1,300 rows read, 1,200 items"]


def test_a_limit_of_time_ends_the_following_and_not_the_execution() -> None:
    times = iter(range(0, 1000, 10))

    (progress,) = follow(
        Service({"status": "RUNNING"}),
        [ARN],
        LineView(Console(file=io.StringIO())),
        limit_seconds=60,
        sleep=lambda _: None,
        clock=lambda: next(times),
    )

    assert progress.status == "RUNNING"
    assert next(times) <= 80


class Faulty(Service):
    """A service that first answers with errors."""

    def __init__(self, code: str, status: int, times: int) -> None:
        super().__init__({"status": "SUCCEEDED", "output": "{}"})
        self._error = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
        self._left = times

    def describe_execution(self, **arguments: object) -> dict[str, Any]:
        self._left -= 1
        if self._left >= 0:
            raise ClientError(self._error, "DescribeExecution")  # type: ignore[arg-type]  # as botocore has it
        return super().describe_execution(**arguments)


def test_throttling_and_faults_are_waited_out() -> None:
    for service in (Faulty("ThrottlingException", 400, 3), Faulty("InternalError", 500, 3)):
        (progress,) = follow(service, [ARN], LineView(Console(file=io.StringIO())), sleep=lambda _: None)

        assert progress.status == "SUCCEEDED"


def test_a_lost_right_and_a_long_silence_end_the_following() -> None:
    view = LineView(Console(file=io.StringIO()))
    times = iter(range(0, 10_000, 100))

    with pytest.raises(UsageError, match=r"cannot be followed: .*ExpiredTokenException"):
        follow(Faulty("ExpiredTokenException", 400, 1), [ARN], view, sleep=lambda _: None)
    with pytest.raises(UsageError, match="cannot be followed"):
        follow(Faulty("InternalError", 500, 99), [ARN], view, sleep=lambda _: None, clock=lambda: next(times))


def test_a_terminal_gets_the_live_view_and_a_pipe_the_lines() -> None:
    terminal = Console(file=io.StringIO(), width=160, force_terminal=True)
    end = {"status": "SUCCEEDED", "output": "{}", "stopDate": BEGAN + dt.timedelta(minutes=1)}

    with view_for(terminal) as view:
        follow(Service(end), [ARN], view, sleep=lambda _: None)

    assert isinstance(view, LiveView)
    assert isinstance(view_for(Console(file=io.StringIO())), LineView)
    shown = terminal.file.getvalue()  # type: ignore[attr-defined]  # a StringIO
    assert "rates " in shown
    assert "Locate Spark" in shown


def test_every_state_that_progress_is_read_from_exists() -> None:
    machine = definition(load_catalog(), "availability", DeployedNames.placeholder("test"), Limits())
    inner = {
        name
        for state in machine["States"].values()
        if state["Type"] == "Map"
        for name in state["ItemProcessor"]["States"]
    }

    assert set(PHASES) <= set(machine["States"])
    assert set(CLONE_STAGES) | set(TABLE_STAGES) <= inner


def reusing(*moments: str) -> Progress:
    """Return an execution that began at BEGAN and reuses its clones."""
    progress = progress_of(HISTORY)
    progress.describe({"startDate": BEGAN})
    for number, moment in enumerate(moments):
        details = {"name": "CloneReady", "output": json.dumps({"name": f"c{number}", "createdAt": moment})}
        progress.apply(event(100 + number, "PassStateExited", 7, stateExitedEventDetails=details))
    return progress


def test_clones_show_their_ages_and_which_were_made_before() -> None:
    progress = reusing("2025-12-31T20:40:00+00:00", "2025-12-31T21:40:00+00:00", "2026-01-01T00:00:10+00:00")
    progress.clones = {"c0": "ready", "c1": "ready", "c2": "ready", "c3": "cloning"}

    assert texts(progress.apply(exited(200, "CloneClusters", 3))) == [
        "reuses 2 clones, the oldest made 3 h 20 min before this execution began"
    ]
    console = Console(file=io.StringIO(), width=160)
    console.print(execution_table(progress, BEGAN + dt.timedelta(seconds=30)))
    lines = [line.strip() for line in console.file.getvalue().splitlines()]  # type: ignore[attr-defined]  # a StringIO
    assert "c0 ready 3 h 20 min   c1 ready 2 h 20 min   c2 ready 20 s   c3 cloning" in lines
    assert "reuses 2 clones, the oldest made 3 h 20 min before this execution began" in lines


def test_clones_that_the_execution_made_are_not_reused() -> None:
    progress = reusing("2026-01-01T00:00:10+00:00")

    assert progress.apply(exited(200, "CloneClusters", 3)) == []


def test_the_moments_of_clones_are_known_from_what_the_map_assigned() -> None:
    progress = progress_of(HISTORY)
    progress.describe({"startDate": BEGAN})
    clones = {"lipsdb": {"host": "h", "createdAt": "2025-12-31T23:00:00+00:00"}, "p1": {"host": "h", "createdAt": ""}}

    assert texts(progress.apply(exited(200, "CloneClusters", 3, clones=clones))) == [
        "reuses 1 clone, the oldest made 1 h 00 min before this execution began"
    ]
    assert list(progress.cloned) == ["lipsdb"]


def test_a_table_that_is_verified_is_counted_by_its_export() -> None:
    begun = progress_of(HISTORY[:18])
    output = json.dumps({"name": "BaseRate", "exported": 1199})

    changes = begun.apply(
        event(19, "PassStateExited", 18, stateExitedEventDetails={"name": "TableVerified", "output": output})
    )

    assert [change.text for change in changes] == ["BaseRate: 1,199 exported"]


def test_a_table_that_is_left_out_is_not_counted() -> None:
    begun = progress_of(HISTORY[:18])
    output = json.dumps({"ok": True, "name": "BaseRate", "leftOut": True})

    changes = begun.apply(
        event(19, "PassStateExited", 18, stateExitedEventDetails={"name": "TableLeftOut", "output": output})
    )

    assert (changes, "BaseRate" in begun.counts) == ([], False)
