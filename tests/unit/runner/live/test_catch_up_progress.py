"""Progress of a catch-up: differences per table, writes so far, conflicts and instants."""

from __future__ import annotations

import datetime as dt
import io
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from catalog.loader import load_catalog
from runner.labels import CATCH_UP_PHASES, CATCH_UP_TABLE_STAGES, CLONE_STAGES
from runner.live.eta import expect
from runner.live.history.progress import Phase, Progress
from runner.live.views.progress_table import execution_table, execution_tables
from runner.live.views.stages import state_words
from statemachine.kinds import CATCH_UP
from statemachine.limits import Limits
from statemachine.names import DeployedNames
from statemachine.render import definition
from tests.unit.runner.fakes import BEGAN, States, environment
from tests.unit.runner.histories import entered, left, numbered

if TYPE_CHECKING:
    from runner.live.history.changes import Change

STATES = "arn:aws:states:eu-west-1:971779422973:execution:migration-test-rates-catch-up"
ARN = f"{STATES}:c-1"
CHANGES = {
    "tables": {
        "BaseRate": {"inserted": 1, "updated": 30, "deleted": 2, "unchanged": 967, "puts": 2, "deletes": 1},
        "Allotment": {"inserted": 0, "updated": 0, "deleted": 0, "unchanged": 50, "puts": 0, "deletes": 0},
    }
}
READ = [
    {"type": "ExecutionStarted"},
    entered("DefineVariables"),
    entered("CloneClusters"),
    left("CloneClusters", clones={"lipsdb": {"createdAt": "2026-01-01T00:00:04+00:00"}}),
    entered("FindSummary"),
    entered("ChangesKnown"),
    left("ReadChanges", changes=CHANGES),
    entered("ApplyPuts"),
]


def settled(applied: int, already: int = 0, expired: int = 0, conflicts: int = 0) -> dict[str, int]:
    return {"applied": applied, "already": already, "expired": expired, "conflicts": conflicts}


def lane(kind: str, name: str, *written: dict[str, int], first: int) -> tuple[str, list[dict[str, object]]]:
    """Return a lane's ARN and its history, with a call of the table writer per count of settled changes."""
    calls = [event for counts in written for event in (entered(f"Write{kind}"), left(f"Write{kind}", written=counts))]
    events = numbered(entered(f"Take{kind}", {"table": "BaseRate", "lane": 0}), *calls, first=first)
    return f"{STATES}/Apply{kind}:{name}", events


def followed(*lanes: tuple[str, list[dict[str, object]]]) -> tuple[Progress, list[Change]]:
    progress = Progress(ARN)
    changes = [change for event in numbered(*READ) for change in progress.apply(event)]
    for arn, events in lanes:
        changes += [change for event in events for change in progress.apply(event, arn)]
    return progress, changes


def test_what_differs_is_known_when_delta_has_ended() -> None:
    progress, changes = followed()

    assert [change.text for change in changes if change.event == "writes"] == [
        "BaseRate: 1 inserted, 30 updated, 2 deleted, 967 unchanged",
        "Allotment: 0 inserted, 0 updated, 0 deleted, 50 unchanged",
    ]
    assert progress.table_writes.by_table()["BaseRate"].facts() == {
        "inserted": 1,
        "updated": 30,
        "deleted": 2,
        "unchanged": 967,
        "written": 0,
        "expired": 0,
        "conflicts": 0,
    }


def test_the_lanes_of_a_table_add_up_and_each_counts_from_its_begin() -> None:
    progress, changes = followed(
        lane("Puts", "a", settled(10), settled(15, already=5), first=20),
        lane("Puts", "b", settled(9, expired=1, conflicts=1), first=30),
        lane("Deletes", "c", settled(2), first=40),
    )

    assert [change.text for change in changes if "written" in change.text] == [
        "BaseRate: 10 of 33 changes written",
        "BaseRate: 20 of 33 changes written",
        "BaseRate: 29 of 33 changes written, 1 expired, 1 conflict",
        "BaseRate: 31 of 33 changes written, 1 expired, 1 conflict",
    ]
    assert changes[-1].moment == BEGAN + dt.timedelta(seconds=42)
    assert changes[-1].facts["written"] == 31
    assert progress.tables == {"BaseRate": "deleting"}


def test_a_silent_minute_says_how_much_of_each_table_is_written() -> None:
    progress, _ = followed(lane("Puts", "a", settled(10), first=20))

    assert state_words(progress, BEGAN + dt.timedelta(seconds=68), "about 5 s left") == (
        "Apply, 1 min 00 s so far, about 5 s left; 1 table: 1 writing; BaseRate: 10 of 33 changes written"
    )


@pytest.mark.parametrize("width", [80, 100, 140])
def test_every_width_shows_the_classes_what_is_written_and_the_conflicts(width: int) -> None:
    progress, _ = followed(lane("Puts", "a", settled(10, conflicts=2), first=20))
    console = Console(file=io.StringIO(), width=width)
    console.print(execution_table(progress, BEGAN + dt.timedelta(seconds=30), width=width))
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]  # a StringIO

    row = next(line.split() for line in lines if line.startswith("  BaseRate"))
    assert row[:8] == ["BaseRate", "writing", "1", "30", "2", "967", "10", "2"]
    assert max(map(len, lines)) <= width
    progress.tables["RestrictionAssociation"] = "exporting its base"
    console.print(execution_table(progress, BEGAN, width=width))
    shown = console.file.getvalue()  # type: ignore[attr-defined]  # a StringIO
    assert "  RestrictionAssociation " in shown
    titles = [line.split() for line in shown.splitlines() if " stage" in line]
    assert [title[-1] for title in titles] == ["compared" if width >= 140 else "conflicts"] * 2
    assert any("the tables will represent the clusters as of 2026-01-01 00:00:04Z" in line for line in lines)


def test_a_low_terminal_shows_every_execution_with_its_phases_clones_and_tables() -> None:
    crowds = [Progress(ARN), Progress(ARN.replace("rates", "other"))]
    for progress in crowds:
        progress.phases = [Phase("Prepare", BEGAN), Phase("Tables", BEGAN)]
        progress.clones = {f"cluster-{n}": "ready" for n in range(64)}
        progress.tables = {f"Table{n}": "exporting" if n < 30 else "exported" for n in range(40)}
    console = Console(file=io.StringIO(), width=80, height=24, force_terminal=True)
    drawn = execution_tables(crowds, BEGAN, {}, console)
    lines = console.render_lines(drawn, console.options.update(height=None))
    text = "\n".join("".join(segment.text for segment in line).rstrip() for line in lines)

    assert len(lines) < 24
    assert text.count("▶ Tables") == text.count("  64 clones: 64 ready") == 2
    assert text.count("  40 tables: 30 exporting, 10 exported") == 2
    tall = Console(file=io.StringIO(), width=80, height=400)
    assert len(tall.render_lines(execution_tables(crowds, BEGAN, {}, tall), tall.options.update(height=None))) > 100


def test_few_tables_stay_whole_in_a_terminal_of_middle_height() -> None:
    progress = Progress(ARN, phases=[Phase("Tables", BEGAN)])
    progress.clones = {f"cluster-{n}": "ready" for n in range(64)}
    progress.tables = {f"Table{n}": "exporting" if n < 9 else "exported" for n in range(40)}
    console = Console(file=io.StringIO(), width=80, height=24)
    console.print(execution_tables([progress], BEGAN, {}, console))
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]  # a StringIO

    assert len([line for line in lines if line.startswith("  Table")]) == 6
    assert any(line.startswith("  34 other tables: 31 exported, 3 exporting") for line in lines)


def test_what_has_ended_is_drawn_whole_in_any_terminal() -> None:
    progress = Progress(ARN, phases=[Phase("Tables", BEGAN)], status="FAILED")
    progress.tables = {f"Table{n}": "exported" for n in range(40)}
    console = Console(file=io.StringIO(), width=80, height=10)

    drawn = execution_tables([progress], BEGAN, {}, console)

    assert len(console.render_lines(drawn, console.options.update(height=None))) > 40


def test_the_remaining_time_of_a_catch_up_is_that_of_earlier_catch_ups() -> None:
    states = States()
    names = [name for name in CATCH_UP_PHASES if name not in ("DestroyClones", "ExportTables")]
    seconds = dict(zip(names, range(0, 1000, 100), strict=False))
    whole = [
        {**event, "timestamp": BEGAN + dt.timedelta(seconds=seconds[name])}
        for name in names
        for event in numbered(entered(name), first=1 + names.index(name))
    ]
    end = BEGAN + dt.timedelta(seconds=900)
    done = {"id": 99, "previousEventId": 0, "type": "ExecutionSucceeded", "timestamp": end}
    bootstrap = states.add("rates", "r-1", "SUCCEEDED")
    catch_up = states.add("rates-catch-up", "c-0", "SUCCEEDED")
    repair = states.add("rates-catch-up", "c-2", "SUCCEEDED", {"repair": True})
    states.histories = {bootstrap: [], catch_up: [*whole, done], repair: [*whole[:2], done]}

    expected = expect(environment(stepfunctions=states), "rates", catch_up=True)
    progress = Progress(ARN, phases=[Phase("Delta", BEGAN)])

    assert (expected.runs, expected.seconds["Delta"]) == (1, 100.0)
    # Of Delta 60 s are left, and the four phases after it take 100 s each.
    assert expected.remaining(progress, BEGAN + dt.timedelta(seconds=40)) == 60 + 4 * 100 + 0.0
    assert expected.words(progress, BEGAN) == "about 8 min 20 s left, by the last successful run"


def test_a_resumed_run_with_nothing_left_to_write_goes_on_with_its_tables() -> None:
    progress = Progress(ARN)
    instant = "2026-01-01T00:00:03+00:00"
    events = numbered(
        entered("ChangesKnown"),
        left("ChangesKnown", instant=instant),
        entered("ExportTables"),
        left("RecordApplied", instant=instant),
    )
    changes = [change for event in events for change in progress.apply(event)]

    assert [change.text for change in changes] == ["Delta", f"tables are exported as of {instant}", "Tables"]
    assert progress.instant == dt.datetime.fromisoformat(instant)
    console = Console(file=io.StringIO(), width=140)
    console.print(execution_table(progress, BEGAN, width=140))
    assert console.file.getvalue().count("Tables") == 1  # type: ignore[attr-defined]  # a StringIO


def test_every_state_that_a_catch_up_is_read_from_exists() -> None:
    machine = definition(load_catalog(), "availability", DeployedNames.placeholder("test"), Limits(), CATCH_UP)
    inner = {
        name
        for state in machine["States"].values()
        if state["Type"] == "Map"
        for name in state["ItemProcessor"]["States"]
    }

    assert set(CATCH_UP_PHASES) <= set(machine["States"])
    assert set(CLONE_STAGES) | set(CATCH_UP_TABLE_STAGES) <= inner
    assert {"TakePuts", "TakeDeletes", "TakeWrittenTable", "TakeTableOfBase"} <= inner
