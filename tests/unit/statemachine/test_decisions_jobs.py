"""The Choices around the jobs: which release, which items, which verdict."""

from __future__ import annotations

from typing import Any

import pytest

from statemachine.failures import SUMMARY_FAILURES
from tests.unit.statemachine.stepping import MACHINE, chosen

TABLES = [table["name"] for table in MACHINE["States"]["MigrateTables"]["Items"]]

JAR = {"key": "releases/1-0/a.jar", "release": "r1", "modified": "2026-01-01T00:00:00Z"}


@pytest.mark.parametrize(
    ("token", "key", "to"),
    [("t", "", "ListJars"), ("t", "k", "ListJars"), ("", "k", "GetSparkRole"), ("", "", "RecordJarNotFound")],
)
def test_all_releases_are_listed_before_the_newest_is_taken(token: str, key: str, to: str) -> None:
    assert chosen("FindNewestJar", jarToken=token, jar={**JAR, "key": key}) == to


@pytest.mark.parametrize(
    ("token", "applications", "to"),
    [
        ("t", ["a"], "ListMoreApplications"),
        ("", ["a"], "FindSummary"),
        ("", [], "RecordApplicationNotFound"),
        ("", ["a", "b"], "RecordApplicationNotFound"),
    ],
)
def test_the_application_is_the_only_one_of_its_name(token: str, applications: list[str], to: str) -> None:
    assert chosen("FindApplication", applicationToken=token, applications=applications) == to


@pytest.mark.parametrize(
    ("adoptable", "release", "jar_key", "to"),
    [
        (True, "r1", "", "AdoptSummary"),
        (True, "r1", "k", "AdoptSummary"),
        (True, "r0", "", "FindRelease"),
        (True, "r0", "k", "RecordReleaseChanged"),
        (False, "r1", "", "RunBootstrap"),
        (False, "r0", "", "RunBootstrap"),
        (False, "r0", "k", "RunBootstrap"),
    ],
)
def test_items_are_adopted_by_the_release_that_wrote_them(
    *, adoptable: bool, release: str, jar_key: str, to: str
) -> None:
    variables = {"isAdoptable": adoptable, "summary": {"release": release}, "jar": JAR, "jarKey": jar_key}
    assert chosen("SummaryFound", **variables, verify=False) == to


@pytest.mark.parametrize(("release", "to"), [("r1", "AdoptSummary"), ("r0", "RecordReleaseGone")])
def test_a_release_that_is_gone_adopts_nothing(release: str, to: str) -> None:
    assert chosen("ReleaseFound", summary={"release": release}, jar=JAR) == to


def summary(**changes: Any) -> dict[str, Any]:
    return {"attempt": "a", "release": "r1", "failure": None, "tables": {name: {} for name in TABLES}, **changes}


@pytest.mark.parametrize(
    ("changes", "to"),
    [
        ({}, "MigrateTables"),
        ({"attempt": "b"}, "RecordSummaryWrong"),
        ({"tables": {name: {} for name in TABLES[:-1]}}, "RecordSummaryWrong"),
        ({"tables": {name: {} for name in (*TABLES[:-1], "Other")}}, "RecordSummaryWrong"),
        ({"release": "r0"}, "RecordReleaseMixed"),
        ({"release": None}, "RecordReleaseMixed"),
        ({"release": "r0", "attempt": "b"}, "RecordSummaryWrong"),
        ({"failure": {"error": "Odd"}}, "RecordSummaryWrong"),
        *[({"failure": {"error": name}}, "RecordSummaryFailure") for name in SUMMARY_FAILURES],
    ],
)
def test_items_are_imported_that_this_attempt_wrote_whole_and_without_a_failure(
    changes: dict[str, Any], to: str
) -> None:
    assert chosen("CheckSummary", summary=summary(**changes), bootstrapAttempt="a", jar=JAR, tables=TABLES) == to


def verdict(**changes: Any) -> dict[str, Any]:
    counted = {name: {"matched": 2, "expired": 1} for name in TABLES}
    return {"attempt": "a", "release": "r1", "verdict": "MATCH", "tables": counted, **changes}


def counted(matched: int, expired: int) -> dict[str, Any]:
    return {name: {"matched": matched, "expired": expired} for name in TABLES[1:]} | {
        TABLES[0]: {"matched": 2, "expired": 1}
    }


@pytest.mark.parametrize(
    ("changes", "to"),
    [
        ({}, "DeleteStatus"),
        ({"attempt": "b"}, "RecordVerdictWrong"),
        ({"verdict": "MISMATCH"}, "RecordDataMismatch"),
        ({"verdict": "MISMATCH", "tables": {}}, "RecordDataMismatch"),
        ({"verdict": "MISMATCH", "attempt": "b"}, "RecordVerdictWrong"),
        ({"verdict": "ODD"}, "RecordVerdictWrong"),
        ({"release": "r0"}, "RecordVerdictOfOtherRelease"),
        ({"release": "r0", "attempt": "b"}, "RecordVerdictWrong"),
        ({"release": "r0", "verdict": "MISMATCH"}, "RecordVerdictOfOtherRelease"),
        ({"tables": counted(2, 0)}, "RecordVerdictWrong"),
        ({"tables": counted(1, 1)}, "RecordVerdictWrong"),
        ({"tables": counted(3, 1)}, "RecordVerdictWrong"),
        ({"tables": counted(3, 0)}, "DeleteStatus"),
        ({"tables": {}}, "RecordVerdictWrong"),
        ({"tables": {TABLES[0]: {"matched": 3, "expired": 0}}}, "RecordVerdictWrong"),
    ],
)
def test_only_a_match_of_this_attempt_that_counts_every_item_goes_on(changes: dict[str, Any], to: str) -> None:
    items = {"tables": {name: {"items": 3} for name in TABLES}}

    variables = {"verdict": verdict(**changes), "summary": items, "attempt": "a", "jar": JAR, "tables": TABLES}
    assert chosen("DataMatches", **variables, verify=False, isWhole=True) == to
