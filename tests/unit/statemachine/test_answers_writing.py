"""The writes of a catch-up and the exports around them: what is asked, and what is kept of each answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.statemachine.catch_up_stepping import (
    INSTANT,
    LIMITS,
    MACHINE,
    NAMES,
    OWN,
    STATES,
    TABLES,
    WHOSE,
    kept,
    step,
)
from tests.unit.statemachine.stepping import export_call, payload, value


def test_writing_begins_with_the_registrys_knowledge_and_a_lane_for_each_change_up_to_the_limit() -> None:
    changes = {"tables": {TABLES[0]: {"puts": 5, "deletes": 0}, TABLES[1]: {"puts": 1, "deletes": 2}}}

    begun = step("BeginWriting", answer=payload(status="CHANGING"), run="r1", execution="e", changes=changes)

    assert begun.asked == {"FunctionName": NAMES.registry_function_arn, "Payload": {"operation": "change", **WHOSE}}
    assert begun.kept["putLanes"] == [*({"table": TABLES[0], "lane": n} for n in range(3)), {"table": TABLES[1], "lane": 0}]  # fmt: skip  # noqa: E501 - one list
    assert begun.kept["deleteLanes"] == [{"table": TABLES[1], "lane": 0}, {"table": TABLES[1], "lane": 1}]
    assert begun.to == "ApplyPuts"


@pytest.mark.parametrize("kind", ["Puts", "Deletes"])
def test_a_lane_begins_at_its_first_part_and_continues_where_the_writer_stopped(kind: str) -> None:
    begun = step(f"Take{kind}", state_input=OWN).kept
    counts = {"applied": 0, "already": 0, "expired": 0, "conflicts": 0}
    assert begun == {"own": OWN, "applyCalls": 0, "cursor": {"part": 0, "offset": 0}, "written": counts}
    own = {**OWN, "table": TABLES[0], "lane": 1, "lanes": 3, "rate": 50}

    first = step(
        f"Write{kind}",
        answer=payload(done=False, part=2, offset=7, applied=10, already=20, expired=30, conflicts=40),
        **{**begun, "own": own},
    )
    second = step(
        f"Write{kind}",
        answer=payload(done=True, part=4, offset=0, applied=1, already=2, expired=3, conflicts=4),
        **first.kept,
    )

    call = {
        "operation": "apply", **WHOSE, "attempt": "x1", "table": TABLES[0], "tableName": "T-n", "tableId": "i",
        "kind": kind.lower(), "lane": 1, "lanes": 3, "part": 0, "offset": 0, "writesPerSecond": 50, "version": [],
    }  # fmt: skip
    assert first.asked == {"FunctionName": NAMES.writer_function_arn, "Payload": call}
    assert second.asked["Payload"] == {**call, "part": 2, "offset": 7}
    assert [call.kept["isDone"] for call in (first, second)] == [False, True]
    assert [call.kept["applyCalls"] for call in (first, second)] == [1, 2]
    assert second.kept["cursor"] == {"part": 4, "offset": 0}
    assert second.kept["written"] == {"applied": 11, "already": 22, "expired": 33, "conflicts": 44}
    ended = step(f"{kind}Applied", own=own, written=second.kept["written"]).output
    assert ended == {"ok": True, "name": TABLES[0], "applied": 11, "already": 22, "expired": 33}


@pytest.mark.parametrize(("kind", "of", "lanes"), [("Puts", "puts", "putLanes"), ("Deletes", "deletes", "deleteLanes")])
def test_the_writes_of_all_lanes_together_are_as_fast_as_the_input_or_the_catalog_says(
    kind: str, of: str, lanes: str
) -> None:
    selector = STATES[f"Apply{kind}"]["ItemSelector"]
    catalogs = json.loads(selector["rate"].split("$lookup(")[1].split(", $states")[0].replace("'", '"'))[TABLES[0]]
    own = {"table": TABLES[0], "lane": 1}

    def item(count: int, wanted: int, parallelism: int, of_lanes: int) -> dict[str, Any]:
        made: dict[str, Any] = value(
            selector,
            states={"context": {"Map": {"Item": {"Value": own}}}},
            changes={"tables": {TABLES[0]: {of: count}}},
            targets={TABLES[0]: {"tableName": "T-n", "id": "i"}},
            writesPerSecond=wanted, parallelism=parallelism, changesAttempt="x0", run="r1", execution="e",
            **{lanes: [own] * of_lanes},
        )  # fmt: skip
        return made

    assert item(9, 100, 4, 6) == {
        "table": TABLES[0], "lane": 1, "lanes": 3, "tableName": "T-n", "tableId": "i", "attempt": "x0", "rate": 25,
        "run": "r1", "execution": "e",
    }  # fmt: skip
    assert item(9, 100, 7, 6)["rate"] == 16
    assert item(9, 1, 7, 6)["rate"] == 1
    assert (item(9, 0, 1, 6)["rate"], item(9, 0, 1, 6)["lanes"]) == (catalogs // 3, 3)
    assert (item(2, 0, 1, 6)["rate"], item(2, 0, 1, 6)["lanes"]) == (catalogs // 2, 2)


@pytest.mark.parametrize(
    ("kind", "counts"),
    [("Puts", {"inserted": 4, "updated": 2, "deleted": 9}), ("Deletes", {"inserted": 9, "updated": 9, "deleted": 6})],
)
def test_every_change_is_applied_already_there_or_expired(kind: str, counts: dict[str, int]) -> None:
    changes = {"tables": {TABLES[0]: counts, TABLES[1]: {"inserted": 0, "updated": 0, "deleted": 0}}}
    lane = {"ok": True, "name": TABLES[0], "applied": 1, "already": 1, "expired": 1}

    def applied(lanes: list[dict[str, Any]]) -> dict[str, Any]:
        return kept(f"Apply{kind}", lanes, changes=changes)

    well = {"error": "", "cause": ""}
    assert applied([lane, lane]) == {"failure": well, "uncounted": ""}
    assert applied([lane]) == {"failure": well, "uncounted": f"{TABLES[0]}: 3 of 6"}
    assert applied([lane, lane, {**lane, "name": TABLES[1]}])["uncounted"] == f"{TABLES[1]}: 3 of 0"
    assert applied([])["uncounted"] == f"{TABLES[0]}: 0 of 6"
    bad = {"ok": False, "name": "T-n", "error": "WritersFound", "cause": "c"}
    failed = applied([lane, bad])
    assert failed == {"failure": {"error": "WritersFound", "cause": "T-n: c"}, "uncounted": f"{TABLES[0]}: 3 of 6"}


def test_the_export_is_of_a_quiet_instant_that_the_registry_keeps() -> None:
    assert step("WaitUntilQuiet").asked == LIMITS.quiet_seconds
    recorded = step(
        "RecordApplied", answer=payload(status="APPLIED", instant=INSTANT), run="r1", execution="e", instant="later"
    )

    assert recorded.asked == {
        "FunctionName": NAMES.registry_function_arn,
        "Payload": {"operation": "applied", **WHOSE, "instant": "later"},
    }
    assert recorded.kept["instant"] == INSTANT


def test_the_reach_of_recovery_is_looked_at_again_and_again() -> None:
    recovery = {"PointInTimeRecoveryDescription": {"LatestRestorableDateTime": INSTANT}}

    looked = step("FindReach", answer={"ContinuousBackupsDescription": recovery}, tableName="T-n", restorableChecks=2)

    assert looked.asked == {"TableName": "T-n"}
    assert (looked.kept["reach"], looked.kept["restorableChecks"]) == (INSTANT, 3)
    off: dict[str, Any] = {"ContinuousBackupsDescription": {"PointInTimeRecoveryDescription": {}}}
    assert step("FindReach", answer=off, tableName="T-n", restorableChecks=0).kept["reach"] == ""
    assert step("WaitForReach").asked == LIMITS.poll_seconds


@pytest.mark.parametrize(
    ("of", "token", "more"), [("", "export", {"ExportTime": INSTANT}), ("OfBase", "exportOfBase", {})]
)
def test_each_export_is_written_below_the_run_with_the_stacks_key(of: str, token: str, more: dict[str, str]) -> None:
    variables = {
        "own": {**OWN, "instant": INSTANT}, "options": {"name": "T"}, "tableName": "T-n", "tableArn": "a",
    }  # fmt: skip

    begun = step(f"ExportTable{of}", answer={"ExportDescription": {"ExportArn": "x"}}, **variables)

    assert begun.asked == {**export_call("T-n", token), **more}
    assert begun.kept["exportArn"] == "x"


@pytest.mark.parametrize("of", ["", "OfBase"])
def test_an_export_of_a_catch_up_is_followed_to_its_counts(of: str) -> None:
    export = {"ExportStatus": "COMPLETED", "ItemCount": 3, "ExportManifest": "m", "FailureCode": "C"}

    looked = step(f"DescribeExport{of}", answer={"ExportDescription": export}, exportArn="x", exportChecks=1)

    assert looked.asked == {"ExportArn": "x"}
    expected = {"exportState": "COMPLETED", "exported": 3, "exportManifest": "m", "exportChecks": 2}
    assert {key: looked.kept[key] for key in expected} == expected
    assert looked.kept["exportMessage"].startswith("C")
    waits = [step(f"WaitForExport{of}", exportChecks=checks).asked for checks in (1, 2, 5, 60)]
    assert waits == [LIMITS.poll_seconds, 60, LIMITS.longest_poll_seconds, LIMITS.longest_poll_seconds]
    table = {
        "options": {"name": "T"}, "tableName": "T-n", "tableArn": "a", "tableId": "i", "exportArn": "x", "exported": 3,
    }  # fmt: skip
    assert step(f"TableMigrated{of}", **table, exportManifest="m").output == {
        "ok": True, "name": "T", "tableName": "T-n", "tableArn": "a", "tableId": "i", "exportArn": "x", "exported": 3,
        "manifest": "m",
    }  # fmt: skip


def test_an_item_of_an_export_begins_with_the_table_that_was_verified() -> None:
    item = {"options": {"name": "T"}, "written": {"items": 3}, "target": {"tableName": "T-n", "arn": "a", "id": "i"}}
    own = {"own": item, "options": {"name": "T"}, "tableName": "T-n", "tableArn": "a", "tableId": "i"}

    of_base, at_end = (step(name, state_input=item) for name in ("TakeTableOfBase", "TakeWrittenTable"))

    assert of_base.kept == {**own, "exportChecks": 0}
    assert at_end.kept == {**own, "written": {"items": 3}, "caught": "", "restorableChecks": 0, "exportChecks": 0}
    assert (of_base.output, at_end.output) == ({}, {})


@pytest.mark.parametrize(
    ("state", "more"),
    [("ExportBase", {}), ("ExportTables", {"written": {"items": 3}, "instant": INSTANT})],
)
def test_each_export_of_a_catch_up_is_of_its_own_table(state: str, more: dict[str, Any]) -> None:
    options = {"name": TABLES[1], "exportChecks": 9}

    item = value(
        MACHINE["States"][state]["ItemSelector"],
        states={"context": {"Map": {"Item": {"Value": options}}}},
        targets={TABLES[0]: {"id": "other"}, TABLES[1]: {"id": "i"}},
        summary={"tables": {TABLES[0]: {}, TABLES[1]: {"items": 3}}},
        instant=INSTANT, run="r1", execution="e",
    )  # fmt: skip

    assert item == {"options": options, "target": {"id": "i"}, "run": "r1", "execution": "e", **more}


def test_what_was_exported_is_kept_for_the_next_job() -> None:
    good = {"ok": True, "name": "T", "manifest": "m", "exported": 3}
    bad = {"ok": False, "name": "U", "error": "ExportFailed", "cause": "c"}
    well, badly = {"error": "", "cause": ""}, {"error": "ExportFailed", "cause": "U: c"}

    exports = [{"table": "T", "manifest": "m"}]
    assert kept("ExportBase", [good]) == {"failure": well, "exports": exports}
    assert kept("ExportBase", [good, bad]) == {"failure": badly, "exports": exports}
    assert kept("ExportTables", [good]) == {"failure": well, "migrated": [good]}
    assert kept("ExportTables", [bad, good]) == {"failure": badly, "migrated": [good]}
