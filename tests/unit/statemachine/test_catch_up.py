"""Properties of every path of a catch-up, whatever the services answer, read from its graph."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.loader import load_catalog
from statemachine.graph import all_states, targets
from statemachine.kinds import CATCH_UP
from statemachine.limits import Limits
from statemachine.names import DeployedNames
from statemachine.render import definition
from tests.unit.statemachine.stepping import leave

MACHINE = definition(load_catalog(), "rates", DeployedNames.placeholder("test"), Limits(), CATCH_UP)
STATES: dict[str, Any] = MACHINE["States"]


def reached(*, without: str = "", start: str = "DefineVariables") -> set[str]:
    """Return the states that paths from one lead to, if another is taken away."""
    seen, waiting = set[str](), [start]
    while waiting:
        name = waiting.pop()
        if name not in seen and name != without:
            seen.add(name)
            waiting += targets(STATES[name])
    return seen


@pytest.mark.parametrize(
    "before",
    ["VerifyTables", "CloneClusters", "CheckSummary", "ReadChanges", "CheckChanges", "KeepChanges", "BeginWriting"],
)
def test_nothing_is_written_before(before: str) -> None:
    assert "ApplyPuts" in reached()
    assert reached(without=before) & {"ApplyPuts", "ApplyDeletes"} == set()


@pytest.mark.parametrize(
    "between", ["PutsCounted", "ApplyDeletes", "DeletesCounted", "WaitUntilQuiet", "TakeInstant", "RecordApplied"]
)
@pytest.mark.parametrize("start", ["FindChanges", "ExportBase"])
def test_nothing_is_exported_as_proof_before_all_is_written_and_quiet(start: str, between: str) -> None:
    assert "ExportTables" not in reached(start=start, without=between)


APPLIED = "2026-02-03T04:05:06Z"


@pytest.mark.parametrize(
    ("applied", "cloned", "leads_to", "instant"),
    [
        ("", "2026-02-03T03:00:00Z", "FindChanges", "of before"),
        (APPLIED, "2026-02-03T03:00:00Z", "ExportTables", APPLIED),
        (APPLIED, APPLIED, "ExportTables", APPLIED),
        (APPLIED, "2026-02-03T04:05:07Z", "RecordClonesNewer", "of before"),
    ],
)
def test_a_run_that_has_applied_its_changes_only_exports_and_compares_them(
    applied: str, cloned: str, leads_to: str, instant: str
) -> None:
    clones = {name: {"createdAt": "2026-02-03T03:00:00Z"} for name in load_catalog().clusters}
    clones["lipsdb"] = {"createdAt": cloned}

    left = leave(STATES["ChangesKnown"], applied=applied, repair=False, clones=clones, instant="of before")

    assert (left.to, left.kept["instant"]) == (leads_to, instant)


def test_the_registry_learns_of_the_applied_changes_before_the_export() -> None:
    answer = {"Payload": {"status": "APPLIED", "instant": APPLIED}}
    left = leave(STATES["RecordApplied"], answer=answer, run="r1", execution="e1", instant="2026-02-03T05:00:00Z")

    payload = {"operation": "applied", "domain": "rates", "run": "r1", "execution": "e1"}
    assert left.asked["Payload"] == {**payload, "instant": "2026-02-03T05:00:00Z"}
    assert (left.to, left.kept["instant"]) == ("ExportTables", APPLIED)


@pytest.mark.parametrize(
    ("applied", "leads_to"),
    [("", "ReportTableLive"), (APPLIED, "TableIsProven")],
    ids=["writes", "verifies"],
)
def test_a_live_table_is_refused_but_to_the_run_whose_verdict_is_to_come(applied: str, leads_to: str) -> None:
    own = {"tableId": "id-1", "applied": applied, "mode": "official", "tableName": "T", "run": "r1"}
    left = leave(
        all_states(MACHINE)["ProvenTableMatches"],
        own=own,
        pageToken="",
        tableTags=["migration:live=x"],
        existing={"id": "id-1"},
    )

    assert left.to == leads_to


def test_whoever_has_written_ends_well_only_over_a_comparison() -> None:
    assert "Succeed" in reached(start="ApplyPuts")
    assert "DeleteStatus" not in reached(start="ApplyPuts", without="DataMatches")


def test_deletions_come_after_all_puts_are_counted() -> None:
    assert STATES["PutsCounted"]["Default"] == "ApplyDeletes"
    assert STATES["DeletesCounted"]["Default"] == "WaitUntilQuiet"


def test_the_export_is_of_an_instant_more_than_a_minute_after_the_last_write() -> None:
    assert STATES["WaitUntilQuiet"] == {"Type": "Wait", "Seconds": 90, "Next": "TakeInstant"}
    assert STATES["TakeInstant"]["Assign"] == {"instant": "{% $now() %}"}
    assert STATES["ExportTables"]["ItemSelector"]["instant"] == "{% $instant %}"
    assert all_states(MACHINE)["ExportTable"]["Arguments"]["ExportTime"] == "{% $own.instant %}"


@pytest.mark.parametrize(("kind", "writes"), [("puts", "WritePuts"), ("deletes", "WriteDeletes")])
def test_each_write_names_the_table_that_was_proven(kind: str, writes: str) -> None:
    arguments = all_states(MACHINE)[writes]["Arguments"]

    assert arguments["FunctionName"] == DeployedNames.placeholder("test").writer_function_arn
    assert arguments["Payload"] == {
        "operation": "apply",
        "domain": "rates",
        "run": "{% $own.run %}",
        "attempt": "{% $own.attempt %}",
        "execution": "{% $own.execution %}",
        "table": "{% $own.table %}",
        "tableName": "{% $own.tableName %}",
        "tableId": "{% $own.tableId %}",
        "kind": kind,
        "lane": "{% $own.lane %}",
        "lanes": "{% $own.lanes %}",
        "part": "{% $cursor.part %}",
        "offset": "{% $cursor.offset %}",
        "writesPerSecond": "{% $own.rate %}",
        "version": "{% [$lookup({'BaseRate': [], 'BaseRateAssociation': []}, $own.table)] %}",
    }


def test_only_an_export_time_out_of_reach_is_waited_for() -> None:
    export = all_states(MACHINE)["ExportTable"]

    assert [rule["Next"] for rule in export["Catch"]] == ["ReachAwaited", "ReportExportRefused"]
    assert export["Catch"][0]["ErrorEquals"] == ["DynamoDb.InvalidExportTimeException"]
    assert "DynamoDb.InvalidExportTimeException" not in str(export["Retry"])
