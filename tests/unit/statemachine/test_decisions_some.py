"""The Choices of a verification and of a rehearsal of some tables."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.statemachine.stepping import MACHINE, chosen, step

TABLES = [table["name"] for table in MACHINE["States"]["MigrateTables"]["Items"]]
JAR = {"key": "releases/1-0/a.jar", "release": "r1", "modified": "2026-01-01T00:00:00Z"}


@pytest.mark.parametrize(
    ("status", "to"),
    [
        ("OWNED", "TakeProof"),
        ("NOT_PROVEN", "RecordNotProven"),
        ("LIVE", "DomainIsLive"),
        ("BUSY", "DomainAlreadyRunning"),
    ],
)
def test_a_verification_begins_with_what_its_run_proved(status: str, to: str) -> None:
    assert chosen("DomainFree", registration={"status": status}, beginCalls=1, verify=True) == to


def test_what_was_proven_is_taken_without_a_clone() -> None:
    table = {"tableName": "T-rehearsal", "tableId": "i", "tableArn": "a", "prefix": "p/", "items": 1, "listing": ""}

    taken = step("TakeProof", base={"run": "r1", "attempt": "x0", "tables": {"T": table}})

    assert (taken.to, taken.kept["clones"], taken.kept["verdict"]) == ("ListJars", {}, {"verdict": "", "mode": ""})
    existing = {"kind": "OURS", "id": "i", "arn": "a", "importArn": ""}
    assert taken.kept["existingTables"] == {"T-rehearsal": existing}


@pytest.mark.parametrize(("verify", "to"), [(True, "RecordEvidenceGone"), (False, "RunBootstrap")])
def test_only_a_verification_needs_the_items_of_an_earlier_attempt(*, verify: bool, to: str) -> None:
    assert chosen("SummaryNeeded", verify=verify) == to


@pytest.mark.parametrize(("adoptable", "to"), [(True, "AdoptSummary"), (False, "RecordOtherCatalog")])
def test_a_verification_never_reads_the_clusters_anew(*, adoptable: bool, to: str) -> None:
    variables = {"isAdoptable": adoptable, "summary": {"release": "r1"}, "jar": JAR, "jarKey": ""}

    assert chosen("SummaryFound", **variables, verify=True) == to


@pytest.mark.parametrize(("is_chosen", "to"), [(True, "FindTable"), (False, "TableIsFree")])
def test_a_table_that_is_left_out_is_not_looked_at(*, is_chosen: bool, to: str) -> None:
    assert chosen("NameChosen", own={"chosen": is_chosen}) == to


@pytest.mark.parametrize(
    ("own", "to"),
    [
        ({"chosen": True, "verify": False}, "CheckPrefix"),
        ({"chosen": False, "verify": False}, "TableLeftOut"),
        ({"chosen": True, "verify": True}, "FindProvenTable"),
    ],
)
def test_a_table_is_imported_left_out_or_exported_again(own: dict[str, bool], to: str) -> None:
    assert chosen("TableChosen", own=own) == to


def test_a_table_that_is_left_out_is_none_of_those_migrated() -> None:
    left_out = step("TableLeftOut", options={"name": "T"}).output

    assert left_out == {"ok": True, "name": "T", "leftOut": True}
    good = {"ok": True, "name": "U", "tableId": "i"}
    variables: dict[str, Any] = {
        "run": "r1", "mode": "rehearsal", "execution": "e", "suffix": "", "parallelism": 1, "verify": False,
        "tables": ["U"], "summary": {"tables": {}}, "existingTables": {}, "verdict": {"verdict": ""},
    }  # fmt: skip
    assert step("MigrateTables", answer=[left_out, good], **variables).kept["migrated"] == [good]


@pytest.mark.parametrize(("table_id", "to"), [("i", "ExportTable"), ("other", "ReportProvenTableReplaced")])
def test_only_the_table_that_was_proven_is_exported_again(table_id: str, to: str) -> None:
    assert chosen("ProvenTableExists", tableId=table_id, own={"existing": {"id": "i"}}) == to


@pytest.mark.parametrize(
    ("verify", "manifest", "exported", "to"),
    [
        (True, "m", 2, "TableVerified"),
        (True, "m", 4, "TableVerified"),
        (True, "", 2, "ReportExportCountMismatch"),
        (False, "m", 2, "ReportExportCountMismatch"),
        (False, "m", 3, "TableMigrated"),
    ],
)
def test_an_export_of_a_verification_is_compared_whatever_it_counts(
    *, verify: bool, manifest: str, exported: int, to: str
) -> None:
    written = {"items": 3, "expirable": 0}
    variables = {"own": {"verify": verify}, "exportManifest": manifest, "exported": exported, "written": written}

    assert chosen("CheckExportCounts", **variables) == to


@pytest.mark.parametrize(
    ("verdict", "verify", "whole", "to"),
    [
        ("MATCH", True, True, "DeleteStatus"),
        ("MATCH", False, False, "DeleteStatus"),
        ("MISMATCH", True, True, "RecordProofBroken"),
        ("MISMATCH", False, False, "RecordDataMismatch"),
    ],
)
def test_a_verification_and_a_rehearsal_of_some_tables_prove_nothing_anew(
    *, verdict: str, verify: bool, whole: bool, to: str
) -> None:
    tables = TABLES if whole else TABLES[:1]
    counts = {name: {"matched": 3, "expired": 0} for name in tables}
    variables = {
        "verdict": {"attempt": "a", "release": "r1", "verdict": verdict, "tables": counts},
        "summary": {"tables": {name: {"items": 3} for name in tables}},
        "attempt": "a", "jar": JAR, "tables": tables, "verify": verify, "isWhole": whole,
    }  # fmt: skip

    after = step("DataMatches", **variables)

    assert (after.to, "proven" in after.kept) == (to, False)


def test_a_match_of_some_tables_does_not_end_a_run_of_all_of_them() -> None:
    verdict = {"verdict": "MATCH", "mode": "rehearsal", "tables": {TABLES[0]: {}}}

    some = chosen("VerdictFound", verdict=verdict, mode="rehearsal", isFinished=True, tables=TABLES[:1])
    every = chosen("VerdictFound", verdict=verdict, mode="rehearsal", isFinished=True, tables=TABLES)

    assert (some, every) == ("DeleteStatus", "CheckTables")
