"""The first Choices of a run: whether it may begin, and who owns the existing tables."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.statemachine.stepping import LIMITS, MACHINE, chosen

TABLES = [table["name"] for table in MACHINE["States"]["MigrateTables"]["Items"]]


@pytest.mark.parametrize(
    ("state", "onward"),
    [
        ("TablesFree", "CloneClusters"),
        ("ClonesReady", "ListJars"),
        ("TablesMigrated", "PrepareCompare"),
        ("ClonesDestroyed", "Succeed"),
    ],
)
def test_a_map_whose_items_all_went_well_leads_on_and_any_failure_is_recorded(state: str, onward: str) -> None:
    assert chosen(state, failure={"error": "", "cause": ""}) == onward
    assert chosen(state, failure={"error": "CloneFailed", "cause": ""}) == "RecordFailure"


def test_an_input_with_a_problem_is_refused() -> None:
    assert chosen("CheckInput", inputProblem="") == "PrepareVariables"
    assert chosen("CheckInput", inputProblem="mode must be rehearsal or official") == "InvalidInput"


@pytest.mark.parametrize(
    ("status", "checks", "to"),
    [
        ("OWNED", 1, "FindVerdict"),
        ("OWNED", LIMITS.teardown_checks, "FindVerdict"),
        ("BUSY", 1, "DomainAlreadyRunning"),
        ("SEALED", LIMITS.teardown_checks - 1, "WaitForTeardown"),
        ("WAIT", LIMITS.teardown_checks - 1, "WaitForTeardown"),
        ("SEALED", LIMITS.teardown_checks, "RecordTeardownStuck"),
        ("WAIT", LIMITS.teardown_checks, "RecordTeardownStuck"),
        ("ODD", 1, "RecordTeardownStuck"),
    ],
)
def test_a_run_begins_with_the_domains_lock_alone(status: str, checks: int, to: str) -> None:
    assert chosen("DomainFree", registration={"status": status}, beginCalls=checks, verify=False) == to


@pytest.mark.parametrize(
    ("verdict", "to"),
    [
        ({"verdict": "MATCH", "mode": "official", "tables": {key: {} for key in TABLES}}, "DeleteStatus"),
        ({"verdict": "MATCH", "mode": "official", "tables": {TABLES[0]: {}}}, "CheckTables"),
        ({"verdict": "MATCH", "mode": "rehearsal", "tables": {key: {} for key in TABLES}}, "CheckTables"),
        ({"verdict": "MISMATCH", "mode": "official"}, "CheckTables"),
        ({"verdict": "", "mode": ""}, "CheckTables"),
    ],
)
def test_only_a_match_of_the_same_mode_and_of_every_table_ends_a_run_at_once(verdict: dict[str, Any], to: str) -> None:
    assert chosen("VerdictFound", verdict=verdict, mode="official", isFinished=True, tables=TABLES) == to


def test_a_match_of_a_run_that_still_held_its_lock_is_found_once_more() -> None:
    match = {"verdict": "MATCH", "mode": "official"}

    assert chosen("VerdictFound", verdict=match, mode="official", isFinished=False) == "CheckTables"


@pytest.mark.parametrize(
    ("token", "arn", "to"),
    [("t", "", "ListImports"), ("t", "a", "ListImports"), ("", "a", "DescribeCreator"), ("", "", "ListTags")],
)
def test_all_imports_are_listed_before_the_newest_is_looked_at(token: str, arn: str, to: str) -> None:
    assert chosen("ImportsListed", pageToken=token, creator={"arn": arn, "started": ""}) == to


@pytest.mark.parametrize(
    ("ours", "mode", "prefix", "to"),
    [
        (True, "official", "processed/rates/r1/T/x/", "TableIsOurs"),
        (True, "rehearsal", "processed/rates/r1/T/x/", "TableIsOurs"),
        (False, "official", "processed/rates/r1/T/x/", "ListTags"),
        (False, "rehearsal", "processed/rates/r1/T/x/", "ListTags"),
        (True, "official", "processed/rates/r1x/T/x/", "ListTags"),
        (True, "official", "processed/rates/r0/T/x/", "ListTags"),
        (True, "official", "processed/availability/r1/T/x/", "ListTags"),
        (True, "official", "processed/rates/r1/U/x/", "ListTags"),
        (True, "rehearsal", "processed/rates/r0/T/x/", "TableIsReplaceable"),
        (True, "rehearsal", "processed/rates/r1/U/x/", "TableIsReplaceable"),
        (True, "rehearsal", "processed/availability/r1/T/x/", "ListTags"),
        (True, "rehearsal", "", "ListTags"),
    ],
)
def test_a_table_is_a_runs_own_where_its_import_read_that_runs_items(
    *, ours: bool, mode: str, prefix: str, to: str
) -> None:
    own = {"run": "r1", "table": "T", "mode": mode}

    assert chosen("CheckImport", creatorImport={"ours": ours, "prefix": prefix}, own=own) == to


SYSTEM, STACK = "migration:system=rates-avail-migration-bootstrap", "migration:stack=test"

OFFICIAL, REHEARSAL, OWN_RUN = "migration:mode=official", "migration:mode=rehearsal", "migration:run=r1"


@pytest.mark.parametrize(
    ("mode", "tags", "to"),
    [
        ("official", [SYSTEM, STACK, OFFICIAL, OWN_RUN], "TableIsCreated"),
        ("rehearsal", [SYSTEM, STACK, REHEARSAL, OWN_RUN], "TableIsCreated"),
        ("rehearsal", [SYSTEM, STACK, REHEARSAL, "migration:run=r0"], "TableIsReplaceable"),
        ("official", [SYSTEM, STACK, OFFICIAL, "migration:run=r0"], "ReportTableTaken"),
        ("official", [SYSTEM, STACK, REHEARSAL, OWN_RUN], "ReportTableTaken"),
        ("rehearsal", [SYSTEM, STACK, OFFICIAL, OWN_RUN], "ReportTableTaken"),
        ("rehearsal", [SYSTEM, STACK, OWN_RUN], "ReportTableTaken"),
        ("rehearsal", [STACK, REHEARSAL, OWN_RUN], "ReportTableTaken"),
        ("rehearsal", [SYSTEM, REHEARSAL, OWN_RUN], "ReportTableTaken"),
        ("rehearsal", [SYSTEM, "migration:stack=prod", REHEARSAL, OWN_RUN], "ReportTableTaken"),
        ("rehearsal", ["migration:system=other", STACK, REHEARSAL, OWN_RUN], "ReportTableTaken"),
        ("rehearsal", [], "ReportTableTaken"),
    ],
)
def test_a_table_without_every_tag_of_ours_is_somebody_elses(mode: str, tags: list[str], to: str) -> None:
    own = {"run": "r1", "mode": mode}

    assert chosen("CheckTags", pageToken="", tableTags=tags, own=own) == to
    assert chosen("CheckTags", pageToken="more", tableTags=tags, own=own) == "ListTags"
