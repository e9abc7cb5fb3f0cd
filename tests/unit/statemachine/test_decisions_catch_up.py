"""The Choices of a catch-up and of a repair, on both sides of every limit."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from tests.unit.statemachine import stepping
from tests.unit.statemachine.catch_up_stepping import CLUSTERS, LIMITS, STATES, TABLES, chosen, step

EARLY, INSTANT, LATE = "2026-02-03T03:00:00Z", "2026-02-03T04:05:06Z", "2026-02-03T04:05:07Z"
JAR = {"key": "releases/1-0/a.jar", "release": "r1", "modified": EARLY}


@pytest.mark.parametrize(
    ("state", "onward"),
    [("TablesVerified", "CloneClusters"), ("BaseExported", "PrepareDelta"), ("TablesExported", "PrepareCompare")],
)
def test_a_map_of_a_catch_up_leads_on_where_no_item_failed(state: str, onward: str) -> None:
    assert chosen(state, failure={"error": "", "cause": ""}) == onward
    assert chosen(state, failure={"error": "ExportFailed", "cause": ""}) == "RecordFailure"


@pytest.mark.parametrize(
    ("status", "checks", "to"),
    [
        ("OWNED", 1, "FindVerdict"),
        ("OWNED", LIMITS.teardown_checks, "FindVerdict"),
        ("BUSY", 1, "DomainAlreadyRunning"),
        ("LIVE", 1, "DomainIsLive"),
        ("UNFINISHED", 1, "CatchUpUnfinished"),
        ("NO_BASE", 1, "BaseNotFound"),
        ("SEALED", LIMITS.teardown_checks - 1, "WaitForTeardown"),
        ("WAIT", LIMITS.teardown_checks - 1, "WaitForTeardown"),
        ("SEALED", LIMITS.teardown_checks, "RecordTeardownStuck"),
        ("NOT_PROVEN", 1, "RecordTeardownStuck"),
    ],
)
def test_a_catch_up_begins_with_the_lock_and_a_base(status: str, checks: int, to: str) -> None:
    assert chosen("DomainFree", registration={"status": status}, beginCalls=checks) == to


@pytest.mark.parametrize(
    ("verdict", "finished", "base", "to"),
    [
        ("MATCH", True, {"run": "r0", "changing": ""}, "DeleteStatus"),
        ("MATCH", True, {"run": "r0", "changing": "r1"}, "DeleteStatus"),
        ("MATCH", False, {"run": "r1", "changing": ""}, "DeleteStatus"),
        ("MATCH", False, {"run": "r1", "changing": "r1"}, "VerifyTables"),
        ("MATCH", False, {"run": "r0", "changing": ""}, "VerifyTables"),
        ("MISMATCH", True, {"run": "r1", "changing": ""}, "VerifyTables"),
        ("", False, {"run": "r1", "changing": ""}, "VerifyTables"),
    ],
)
def test_a_match_ends_a_catch_up_whose_lock_alone_is_left(
    *, verdict: str, finished: bool, base: dict[str, str], to: str
) -> None:
    variables = {"run": "r1", "mode": "official", "isFinished": finished, "base": base}

    assert chosen("VerdictFound", verdict={"verdict": verdict, "mode": "official"}, **variables) == to
    assert chosen("VerdictFound", verdict={"verdict": verdict, "mode": "rehearsal"}, **variables) == "VerifyTables"


@pytest.mark.parametrize(
    ("repair", "table_id", "to"),
    [
        (False, "i", "DescribeProvenTable"),
        (False, "", "ReportTableNotInBase"),
        (True, "", "DescribeProvenTable"),
        (True, "i", "DescribeProvenTable"),
    ],
)
def test_a_catch_up_changes_only_tables_of_its_base(*, repair: bool, table_id: str, to: str) -> None:
    assert chosen("TableInBase", own={"repair": repair, "tableId": table_id}) == to


OURS = [
    "migration:system=rates-avail-migration-bootstrap",
    "migration:stack=test",
    "migration:domain=rates",
    "migration:mode=official",
]


@pytest.mark.parametrize(
    ("table_id", "tags", "to"),
    [
        ("i", OURS, "TableIsProven"),
        ("i", [], "TableIsProven"),
        ("j", OURS, "ReportTableReplaced"),
        ("", OURS, "TableIsProven"),
        ("", [], "ReportTableReplaced"),
        *[("", [tag for tag in OURS if tag != missing], "ReportTableReplaced") for missing in OURS],
        ("", [*OURS[:3], "migration:mode=rehearsal"], "ReportTableReplaced"),
        ("i", [*OURS, "migration:live=2026"], "ReportTableLive"),
        ("j", ["migration:live="], "ReportTableLive"),
        ("i", ["migration:lively=1", "xmigration:live=1"], "TableIsProven"),
    ],
)
def test_a_table_is_the_proven_one_by_its_id_or_of_this_domain_by_its_tags(
    table_id: str, tags: list[str], to: str
) -> None:
    own = {"tableId": table_id, "applied": "", "mode": "official"}
    variables = {"own": own, "existing": {"id": "i"}, "tableTags": tags}

    assert chosen("ProvenTableMatches", pageToken="", **variables) == to
    assert chosen("ProvenTableMatches", pageToken="t", **variables) == "ListProvenTags"


@pytest.mark.parametrize(
    ("mode", "made", "proven", "to"),
    [
        ("official", EARLY, "", "ReportCloneTooOld"),
        ("official", "now", "", "CloneReady"),
        ("official", "now", EARLY, "CloneReady"),
        ("official", "now", "now", "ReportCloneNotLater"),
        ("official", "now", "2127-01-01T00:00:00Z", "ReportCloneNotLater"),
        ("rehearsal", "now", "2127-01-01T00:00:00Z", "ReportCloneNotLater"),
        ("rehearsal", "now", EARLY, "CloneReady"),
        ("rehearsal", "", EARLY, "ReportCloneNotLater"),
        ("rehearsal", "", "", "CloneReady"),
    ],
)
def test_a_catch_up_needs_clones_later_than_its_base(mode: str, made: str, proven: str, to: str) -> None:
    now = dt.datetime.now(dt.UTC).isoformat()
    own = {"mode": mode, "began": now, "officialRuns": [], "proven": now if proven == "now" else proven}

    assert chosen("CloneAge", cloneTime=now if made == "now" else made, clone={"status": "A"}, own=own) == to


@pytest.mark.parametrize(
    ("adoptable", "release", "jar_key", "to"),
    [
        (True, "r1", "k", "AdoptSummary"),
        (True, "r0", "", "FindRelease"),
        (True, "r0", "k", "RecordReleaseChanged"),
        (False, "r1", "", "RunBootstrap"),
    ],
)
def test_a_catch_up_adopts_items_by_the_release_that_wrote_them(
    *, adoptable: bool, release: str, jar_key: str, to: str
) -> None:
    assert chosen("SummaryFound", isAdoptable=adoptable, summary={"release": release}, jar=JAR, jarKey=jar_key) == to


@pytest.mark.parametrize(
    ("changes", "to"),
    [
        ({}, "ChangesKnown"),
        ({"attempt": "b"}, "RecordSummaryWrong"),
        ({"tables": {TABLES[0]: {}}}, "RecordSummaryWrong"),
        ({"release": "r0"}, "RecordReleaseMixed"),
        ({"failure": {"error": "RowsRejected"}}, "RecordSummaryFailure"),
        ({"failure": {"error": "Odd"}}, "RecordSummaryWrong"),
    ],
)
def test_changes_are_looked_for_among_whole_items_of_this_attempt(changes: dict[str, Any], to: str) -> None:
    summary = {"attempt": "a", "release": "r1", "failure": None, "tables": {name: {} for name in TABLES}, **changes}

    assert chosen("CheckSummary", summary=summary, bootstrapAttempt="a", jar=JAR) == to


@pytest.mark.parametrize(
    ("applied", "repair", "cloned", "to"),
    [
        ("", False, LATE, "FindChanges"),
        ("", True, LATE, "ExportBase"),
        ("", False, "", "FindChanges"),
        (INSTANT, False, EARLY, "ExportTables"),
        (INSTANT, True, INSTANT, "ExportTables"),
        (INSTANT, False, LATE, "RecordClonesNewer"),
        (INSTANT, True, LATE, "RecordClonesNewer"),
        (INSTANT, False, "", "RecordClonesNewer"),
    ],
)
def test_changes_are_written_once_and_from_the_clones_that_they_were_read_from(
    *, applied: str, repair: bool, cloned: str, to: str
) -> None:
    clones = {name: {"createdAt": EARLY} for name in CLUSTERS} | {CLUSTERS[-1]: {"createdAt": cloned}}

    left = step("ChangesKnown", applied=applied, repair=repair, clones=clones, instant="before")

    assert (left.to, left.kept["instant"]) == (to, INSTANT if to == "ExportTables" else "before")


@pytest.mark.parametrize(
    ("changes", "to"),
    [
        ({}, "AdoptChanges"),
        ({"items": "x0"}, "PrepareDelta"),
        ({"base": "r0/x2"}, "PrepareDelta"),
        ({"base": "r0"}, "PrepareDelta"),
        ({"release": "r0"}, "PrepareDelta"),
    ],
)
def test_earlier_changes_are_adopted_of_the_same_items_base_and_release(changes: dict[str, str], to: str) -> None:
    earlier = {"items": "x1", "base": "r0/x3", "release": "r1", **changes}

    assert (
        chosen("ChangesFound", earlier=earlier, bootstrapAttempt="x1", base={"run": "r0", "attempt": "x3"}, jar=JAR)
        == to
    )


COUNTED = {"base": 10, "items": 12, "inserted": 4, "updated": 3, "deleted": 2, "unchanged": 5}


@pytest.mark.parametrize(
    ("changes", "counted", "repair", "to"),
    [
        ({}, {}, False, "KeepChanges"),
        ({}, {}, True, "KeepChanges"),
        ({"attempt": "x0"}, {}, False, "RecordChangesWrong"),
        ({"release": "r0"}, {}, False, "RecordChangesWrong"),
        ({}, {"updated": 4}, False, "RecordChangesWrong"),
        ({}, {"deleted": 3}, False, "RecordChangesWrong"),
        ({}, {"deleted": 3}, True, "RecordChangesWrong"),
        ({}, {"unchanged": 4}, False, "RecordChangesWrong"),
        ({}, {"inserted": 5}, False, "RecordChangesWrong"),
        ({}, {"inserted": 5, "items": 13}, False, "RecordChangesWrong"),
        ({}, {"inserted": 5, "items": 13}, True, "RecordChangesWrong"),
        ({}, {"deleted": 3, "base": 11}, False, "RecordChangesWrong"),
        ({}, {"deleted": 3, "base": 11}, True, "KeepChanges"),
        ({"tables": {TABLES[0]: COUNTED}}, {}, False, "RecordChangesWrong"),
    ],
)
def test_changes_are_kept_that_count_every_item_of_the_base_and_every_new_one(
    *, changes: dict[str, Any], counted: dict[str, int], repair: bool, to: str
) -> None:
    of_tables = dict.fromkeys(TABLES, COUNTED) | {TABLES[-1]: {**COUNTED, **counted}}
    variables = {
        "changes": {"attempt": "x1", "release": "r1", "tables": of_tables, **changes},
        "changesAttempt": "x1",
        "jar": JAR,
        "repair": repair,
        "base": {"tables": {name: {"items": 10} for name in TABLES}},
        "summary": {"tables": {name: {"items": 12} for name in TABLES}},
    }

    assert chosen("CheckChanges", **variables) == to


@pytest.mark.parametrize("kind", ["Puts", "Deletes"])
@pytest.mark.parametrize(
    ("conflicts", "done", "calls", "to"),
    [
        (0, True, 1, "{}Applied"),
        (0, True, LIMITS.apply_calls, "{}Applied"),
        (1, True, 1, "Report{}Conflicts"),
        (1, False, 1, "Report{}Conflicts"),
        (0, False, LIMITS.apply_calls - 1, "Write{}"),
        (0, False, LIMITS.apply_calls, "Report{}NotEnded"),
    ],
)
def test_a_lane_is_written_to_its_end_unless_somebody_else_writes(
    *, kind: str, conflicts: int, done: bool, calls: int, to: str
) -> None:
    variables = {"written": {"conflicts": conflicts}, "isDone": done, "applyCalls": calls}

    assert chosen(f"{kind}Written", **variables) == to.format(kind)


@pytest.mark.parametrize(("kind", "onward"), [("Puts", "ApplyDeletes"), ("Deletes", "WaitUntilQuiet")])
def test_a_catch_up_goes_on_when_every_change_is_counted(kind: str, onward: str) -> None:
    well, badly = {"error": "", "cause": ""}, {"error": "ApplyFailed", "cause": ""}

    assert chosen(f"{kind}Counted", failure=well, uncounted="") == onward
    assert chosen(f"{kind}Counted", failure=well, uncounted="T: 1 of 2") == f"Record{kind}Uncounted"
    assert chosen(f"{kind}Counted", failure=badly, uncounted="T: 1 of 2") == "RecordFailure"
    assert chosen(f"{kind}Counted", failure=badly, uncounted="") == "RecordFailure"


@pytest.mark.parametrize(
    ("reach", "to"), [("", "ReachAwaited"), (EARLY, "ReachAwaited"), (INSTANT, "ExportTable"), (LATE, "ExportTable")]
)
def test_a_table_is_exported_when_recovery_reaches_the_instant(reach: str, to: str) -> None:
    assert chosen("ReachesInstant", reach=reach, own={"instant": INSTANT}) == to


@pytest.mark.parametrize(
    ("checks", "to"),
    [(LIMITS.restorable_checks - 1, "WaitForReach"), (LIMITS.restorable_checks, "ReportOutOfReach")],
)
def test_recovery_is_waited_for(checks: int, to: str) -> None:
    assert chosen("ReachAwaited", restorableChecks=checks) == to


@pytest.mark.parametrize(("of", "onward"), [("", "CheckExportCounts"), ("OfBase", "TableMigratedOfBase")])
def test_both_exports_of_a_catch_up_are_waited_for(of: str, onward: str) -> None:
    options = {"exportChecks": 9}

    def leads(status: str, checks: int) -> str:
        return chosen(f"ExportStatus{of}", exportState=status, exportChecks=checks, options=options)

    assert leads("COMPLETED", 9) == onward
    assert leads("IN_PROGRESS", 8) == f"WaitForExport{of}"
    assert leads("IN_PROGRESS", 9) == f"ReportExportTimedOut{of}"
    assert leads("FAILED", 1) == f"ReportExportFailed{of}"


@pytest.mark.parametrize(
    ("exported", "manifest", "to"),
    [
        (3, "m", "TableMigrated"),
        (2, "m", "TableMigrated"),
        (1, "m", "ReportExportCountMismatch"),
        (4, "m", "ReportExportCountMismatch"),
        (3, "", "ReportExportCountMismatch"),
    ],
)
def test_an_export_of_a_catch_up_lacks_no_more_items_than_may_expire(exported: int, manifest: str, to: str) -> None:
    written = {"items": 3, "expirable": 1}

    assert chosen("CheckExportCounts", exported=exported, exportManifest=manifest, written=written) == to


def counted(matched: int, expired: int) -> dict[str, Any]:
    """Return a verdict's counts, of which only the last table's may differ from three items."""
    return {name: {"matched": 2, "expired": 1} for name in TABLES} | {
        TABLES[-1]: {"matched": matched, "expired": expired}
    }


@pytest.mark.parametrize(
    ("changes", "to"),
    [
        ({}, "DeleteStatus"),
        ({"tables": counted(3, 0)}, "DeleteStatus"),
        ({"tables": counted(2, 0)}, "RecordVerdictWrong"),
        ({"tables": counted(3, 1)}, "RecordVerdictWrong"),
        ({"tables": {}}, "RecordVerdictWrong"),
        ({"attempt": "b"}, "RecordVerdictWrong"),
        ({"verdict": "ODD"}, "RecordVerdictWrong"),
        ({"verdict": "MISMATCH"}, "RecordDataMismatch"),
        ({"verdict": "MISMATCH", "attempt": "b"}, "RecordVerdictWrong"),
        ({"release": "r0"}, "RecordVerdictOfOtherRelease"),
        ({"release": "r0", "attempt": "b"}, "RecordVerdictWrong"),
    ],
)
@pytest.mark.parametrize(("repair", "kind"), [(False, "catch-up"), (True, "repair")])
def test_a_match_that_counts_every_item_is_the_next_base(
    *, changes: dict[str, Any], to: str, repair: bool, kind: str
) -> None:
    migrated = {"tableName": "t", "tableId": "i", "tableArn": "a", "exported": 3}
    written = {"prefix": "p/", "items": 3, "listing": "l", "files": 1}
    variables = {
        "verdict": {"attempt": "a", "release": "r1", "verdict": "MATCH", "tables": counted(2, 1), **changes},
        "summary": {"specHash": "h", "tables": dict.fromkeys(TABLES, written)},
        "clones": {name: {"createdAt": f"of {name}", "host": "h"} for name in CLUSTERS},
        "migrated": [{"name": name, **migrated} for name in TABLES],
        "attempt": "a", "bootstrapAttempt": "x0", "jar": JAR, "mode": "official", "run": "r1", "repair": repair,
        "proven": {},
    }  # fmt: skip

    after = step("DataMatches", **variables)

    assert after.to == to
    table = {"tableName": "t", "tableId": "i", "tableArn": "a", "prefix": "p/", "items": 3, "listing": "l"}
    base = {
        "domain": "rates", "mode": "official", "run": "r1", "kind": kind, "attempt": "x0", "specHash": "h",
        "release": "r1", "instants": {name: f"of {name}" for name in CLUSTERS}, "tables": dict.fromkeys(TABLES, table),
    }  # fmt: skip
    assert after.kept["proven"] == (base if to == "DeleteStatus" else {})


def test_every_choice_of_a_catch_up_is_tried_here_or_is_a_migrations_too() -> None:
    text = Path(__file__).read_text("utf-8")
    choices = {name: state for name, state in STATES.items() if state["Type"] == "Choice"}
    by_kind = {"PutsWritten", "DeletesWritten", "PutsCounted", "DeletesCounted", "ExportStatus", "ExportStatusOfBase"}
    # The names of failures: see test_answers_catch_up.py.
    own = {name for name, state in choices.items() if stepping.STATES.get(name) != state} - by_kind - {"FailureKind"}

    assert [name for name in sorted(own) if f'"{name}"' not in text] == []
