"""The calls of a verification and of a rehearsal of some tables, and what each item of a Map is made of."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.statemachine.stepping import LIMITS, MACHINE, NAMES, body, kept, payload, step, value

TABLES = [table["name"] for table in MACHINE["States"]["MigrateTables"]["Items"]]
INSTANT = "2026-02-03T04:05:06Z"


@pytest.mark.parametrize(
    ("asked", "tables", "is_whole"),
    [
        (TABLES[:1], TABLES[:1], False),
        ([TABLES[1], TABLES[1]], TABLES[1:], False),
        ([*TABLES, TABLES[0]], TABLES, True),
    ],
)
def test_a_rehearsal_of_some_tables_is_whole_only_with_all_of_them(
    *, asked: list[str], tables: list[str], is_whole: bool
) -> None:
    taken = kept("PrepareVariables", None, attempt="x1", input={"tables": asked})

    listed = "[" + ",".join(f'"{name}"' for name in tables) + "]"
    assert {key: taken[key] for key in ("tables", "isWhole", "jobOptions", "mode", "keepClones", "verify")} == {
        "tables": tables,
        "isWhole": is_whole,
        "jobOptions": ["--tables", listed],
        "mode": "rehearsal",
        "keepClones": False,
        "verify": False,
    }


@pytest.mark.parametrize(
    ("verify", "keep", "keeps", "reports"),
    [
        (True, False, True, "reports/rates/r1/verifications/x1/"),
        (True, True, True, "reports/rates/r1/verifications/x1/"),
        (False, True, True, "reports/rates/r1/"),
        (False, False, False, "reports/rates/r1/"),
    ],
)
def test_a_verification_keeps_the_clones_and_reports_below_its_run(
    *, verify: bool, keep: bool, keeps: bool, reports: str
) -> None:
    request = {"runId": "r1", "verify": verify, "keepClones": keep}

    taken = kept("PrepareVariables", None, attempt="x1", input=request)

    assert (taken["run"], taken["verify"], taken["keepClones"], taken["reports"]) == ("r1", verify, keeps, reports)


@pytest.mark.parametrize(("verify", "kind"), [(False, "bootstrap"), (True, "verification")])
def test_a_lock_is_asked_for_by_kind_and_answers_what_is_proven(*, verify: bool, kind: str) -> None:
    variables = {"run": "r1", "execution": "e", "mode": "official", "beginCalls": 0, "verify": verify}
    base = {"run": "r1", "attempt": "x0", "tables": {"T": {}}}

    asked = step("RecordInProgressStatus", answer=payload(status="OWNED", base=base), **variables)

    assert (asked.asked["Payload"]["kind"], asked.kept["base"]) == (kind, base)
    without = step("RecordInProgressStatus", answer=payload(status="OWNED"), **variables)
    assert without.kept["base"] == {"run": "", "attempt": "", "tables": {}}


@pytest.mark.parametrize(
    ("status", "to"),
    [("LIVE", "DomainIsLive"), ("UNFINISHED", "CatchUpUnfinished"), ("NOT_PROVEN", "RecordNotProven")],
)
@pytest.mark.parametrize("verify", [True, False])
def test_a_run_that_the_registry_refuses_ends_at_once(*, status: str, to: str, verify: bool) -> None:
    left = step("DomainFree", registration={"status": status}, beginCalls=LIMITS.teardown_checks, verify=verify)

    assert left.to == to


@pytest.mark.parametrize(
    ("registration", "modified", "finished"),
    [
        ({"began": INSTANT}, "2026-02-03T04:05:05Z", True),
        ({"began": INSTANT}, INSTANT, True),
        ({"began": INSTANT}, "2026-02-03T04:05:07Z", False),
        ({}, INSTANT, False),
    ],
)
def test_a_verdict_before_the_lock_is_of_a_run_that_ended(
    *, registration: dict[str, str], modified: str, finished: bool
) -> None:
    answer = {**body(verdict="MATCH", mode="official"), "LastModified": modified}

    assert kept("FindVerdict", answer, run="r1", registration=registration)["isFinished"] is finished


@pytest.mark.parametrize(
    ("changes", "tables", "verify", "adoptable"),
    [
        ({}, TABLES, True, True),
        ({"attempt": "x1"}, TABLES, True, False),
        ({}, TABLES, False, False),
        ({"tables": {TABLES[0]: {}}}, TABLES, True, False),
        ({"tables": {TABLES[0]: {}}}, TABLES[:1], True, True),
        ({"failure": {"error": "E"}}, TABLES, True, False),
        ({"specHash": "other"}, TABLES, True, False),
    ],
)
def test_a_verification_adopts_the_proven_attempts_items_without_a_clone(
    *, changes: dict[str, Any], tables: list[str], verify: bool, adoptable: bool
) -> None:
    summary = {
        "specHash": NAMES.spec_hash, "failure": None, "attempt": "x0", "clones": {},
        "tables": {name: {} for name in TABLES}, **changes,
    }  # fmt: skip
    variables = {"run": "r1", "clones": {}, "tables": tables, "verify": verify, "base": {"attempt": "x0"}}

    assert kept("FindSummary", body(**summary), **variables)["isAdoptable"] is adoptable


def item(state: str, of: object, **variables: object) -> object:
    """Return what a Map makes of one of its items."""
    context = {"Map": {"Item": {"Value": of}}, "Execution": {}}
    return value(MACHINE["States"][state]["ItemSelector"], states={"context": context}, **variables)


RUN = {"run": "r1", "mode": "rehearsal", "suffix": "-n", "execution": "e", "verify": False, "tables": ["T"]}


@pytest.mark.parametrize(("name", "is_chosen"), [("T", True), ("U", False)])
def test_each_item_of_a_map_over_tables_has_all_that_its_states_read(*, name: str, is_chosen: bool) -> None:
    own = {"table": name, "chosen": is_chosen, "tableName": f"{name}-n", "run": "r1", "mode": "rehearsal"}
    known = {
        "summary": {"tables": {"T": {"items": 3}, "U": {"items": 4}}},
        "existingTables": {f"{name}-n": {"kind": "FREE"}},
        "verdict": {"verdict": ""},
    }

    assert item("CheckTables", {"name": name}, **RUN) == own
    assert item("MigrateTables", {"name": name}, **RUN, **known) == {
        **own,
        "verify": False,
        "options": {"name": name},
        "written": {"items": 3} if is_chosen else {},
        "existing": {"kind": "FREE"},
        "execution": "e",
        "adoptExport": True,
    }


def test_a_clone_to_destroy_has_the_executions_seal() -> None:
    assert item("DestroyClones", "c", **RUN, ended={"etag": "t"}) == {
        "cluster": "c",
        "run": "r1",
        "execution": "e",
        "etag": "t",
    }


def test_what_is_proven_is_written_as_the_lock_is_released() -> None:
    variables = {"run": "r1", "execution": "e", "proven": {"run": "r1"}}

    assert step("DeleteStatus", answer=payload(status="DONE"), **variables).asked["Payload"] == {
        "operation": "finish", "domain": "rates", "run": "r1", "execution": "e", "proven": {"run": "r1"},
    }  # fmt: skip


def test_a_table_is_verified_by_its_id_and_reported_whole() -> None:
    described = step("FindProvenTable", answer={"Table": {"TableArn": "a", "TableId": "i"}}, tableName="T-n")

    assert described.asked == {"TableName": "T-n"}
    assert {key: described.kept[key] for key in ("tableArn", "tableId", "importArn", "imported")} == {
        "tableArn": "a",
        "tableId": "i",
        "importArn": "",
        "imported": 0,
    }
    exported = {"exportArn": "x", "exported": 3, "exportManifest": "m"}
    assert step("TableVerified", **described.kept, **exported, options={"name": "T"}).output == {
        "ok": True, "name": "T", "tableName": "T-n", "tableArn": "a", "tableId": "i", "exportArn": "x", "exported": 3,
        "manifest": "m",
    }  # fmt: skip


def test_an_item_of_a_table_begins_with_every_counter_at_nothing() -> None:
    own = {"options": {"name": "T"}, "tableName": "T-n", "written": {"items": 3}, "run": "r1"}

    begun = step("TakeTable", state_input=own)

    checks = [f"{name}Checks" for name in ("delete", "settings", "import", "export", "pitr", "stream")]
    assert begun.kept == {
        "own": own, "options": {"name": "T"}, "tableName": "T-n", "written": {"items": 3}, "prefixToken": "",
        "objects": {"count": 0, "bytes": 0, "listing": ""}, "exportToken": "", "newestExport": "",
        **dict.fromkeys([*checks, "updates"], 0),
    }  # fmt: skip
    assert begun.output == {}
