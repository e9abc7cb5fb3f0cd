"""Where the Choices of a table's making lead, on both sides of every bound."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.statemachine.stepping import LIMITS, chosen

WRITTEN = {"files": 2, "bytes": 30, "items": 3, "listing": "l", "prefix": "p", "expirable": 1}


@pytest.mark.parametrize(
    ("objects", "written", "to"),
    [
        ({}, {}, "StandingTable"),
        ({"count": 3}, {}, "ReportUnexpectedObjects"),
        ({"bytes": 31}, {}, "ReportUnexpectedObjects"),
        ({"listing": "m"}, {}, "ReportUnexpectedObjects"),
        ({"count": 0, "bytes": 0}, {"files": 0, "bytes": 0, "items": 0}, "StandingTable"),
        ({"count": 0, "bytes": 0}, {"files": 0, "bytes": 0, "items": 1}, "ReportUnexpectedObjects"),
        ({"count": 1, "bytes": 0}, {"files": 0, "bytes": 0, "items": 0}, "ReportUnexpectedObjects"),
        ({"count": 0, "bytes": 0, "listing": ""}, {"files": 1, "bytes": 0, "items": 0}, "ReportUnexpectedObjects"),
        ({"count": 0, "bytes": 0}, {"files": 0, "bytes": 0, "items": 3}, "ReportUnexpectedObjects"),
    ],
)
def test_an_import_begins_only_where_exactly_what_was_written_lies(
    objects: dict[str, Any], written: dict[str, Any], to: str
) -> None:
    found = {"count": 2, "bytes": 30, "listing": "l", **objects}

    assert chosen("PrefixChecked", prefixToken="", objects=found, written={**WRITTEN, **written}) == to
    assert chosen("PrefixChecked", prefixToken="t", objects=found, written={**WRITTEN, **written}) == "CheckPrefix"


PLAN = {"importLaps": 7, "exportLaps": 9, "ttl": "", "stream": ""}


@pytest.mark.parametrize(
    ("status", "laps", "to"),
    [
        ("ACTIVE", 7, "DescribeSettings"),
        ("CREATING", 6, "WaitForEmptyTable"),
        ("CREATING", 7, "ReportImportTimedOut"),
    ],
)
def test_an_empty_table_is_waited_for(status: str, laps: int, to: str) -> None:
    assert chosen("EmptyTableStatus", emptyTableStatus=status, importLaps=laps, plan=PLAN) == to


@pytest.mark.parametrize(
    ("status", "laps", "to"),
    [
        ("COMPLETED", 7, "CheckImportCounts"),
        ("IN_PROGRESS", 6, "WaitForImport"),
        ("IN_PROGRESS", 7, "ReportImportTimedOut"),
        ("FAILED", 1, "ReportImportFailed"),
        ("CANCELLED", 1, "ReportImportFailed"),
    ],
)
def test_an_import_is_waited_for_and_only_a_completed_one_is_counted(status: str, laps: int, to: str) -> None:
    assert chosen("ImportStatus", importState=status, importLaps=laps, plan=PLAN) == to


@pytest.mark.parametrize(
    ("imported", "errors", "to"),
    [
        (3, 0, "DescribeSettings"),
        (2, 0, "ReportImportCountMismatch"),
        (4, 0, "ReportImportCountMismatch"),
        (3, 1, "ReportImportCountMismatch"),
    ],
)
def test_an_import_has_every_item_and_no_error(imported: int, errors: int, to: str) -> None:
    assert chosen("CheckImportCounts", imported=imported, importErrors=errors, written=WRITTEN) == to


@pytest.mark.parametrize(
    ("kind", "mode", "items", "import_arn", "to"),
    [
        ("FREE", "official", 3, "", "MakeTable"),
        ("FREE", "rehearsal", 0, "", "MakeTable"),
        ("CREATED", "official", 0, "", "AdoptEmptyTable"),
        ("CREATED", "rehearsal", 0, "", "AdoptEmptyTable"),
        ("CREATED", "official", 3, "", "ReportEmptyTableInUse"),
        ("CREATED", "rehearsal", 3, "", "ProveTable"),
        ("OURS", "official", 3, "i", "DescribeFormerImport"),
        ("OURS", "official", 0, "i", "DescribeFormerImport"),
        ("REPLACEABLE", "rehearsal", 3, "i", "DescribeFormerImport"),
        ("REPLACEABLE", "rehearsal", 3, "", "ProveTable"),
        ("REPLACEABLE", "rehearsal", 0, "", "ProveTable"),
    ],
)
def test_what_becomes_of_a_table_that_is_there(kind: str, mode: str, items: int, import_arn: str, to: str) -> None:
    own = {"mode": mode, "standing": {"kind": kind, "importArn": import_arn}}

    assert chosen("StandingTable", own=own, written={**WRITTEN, "items": items}) == to


@pytest.mark.parametrize(
    ("written", "to"), [({"files": 1}, "ImportTable"), ({"files": 0}, "CreateEmptyTable"), ({}, "CreateEmptyTable")]
)
def test_a_table_without_items_is_made_empty(written: dict[str, int], to: str) -> None:
    assert chosen("MakeTable", written=written) == to


@pytest.mark.parametrize(
    ("kind", "mode", "changes", "laps", "to"),
    [
        ("OURS", "official", {}, 1, "AdoptImport"),
        ("OURS", "rehearsal", {}, 7, "AdoptImport"),
        ("OURS", "official", {"status": "IN_PROGRESS"}, 6, "WaitForFormerImport"),
        ("OURS", "official", {"status": "CANCELLING"}, 6, "WaitForFormerImport"),
        ("OURS", "official", {"status": "IN_PROGRESS"}, 7, "ReportFormerImportTimedOut"),
        ("REPLACEABLE", "rehearsal", {"status": "CANCELLING"}, 7, "ReportFormerImportTimedOut"),
        ("OURS", "official", {"prefix": "other"}, 1, "ReportTableInUse"),
        ("OURS", "official", {"imported": 2}, 1, "ReportTableInUse"),
        ("OURS", "official", {"imported": 4}, 1, "ReportTableInUse"),
        ("OURS", "official", {"errors": 1}, 1, "ReportTableInUse"),
        ("REPLACEABLE", "official", {}, 1, "ReportTableInUse"),
        ("OURS", "official", {"status": "FAILED"}, 1, "ProveTable"),
        ("OURS", "official", {"status": "CANCELLED"}, 1, "ProveTable"),
        ("OURS", "rehearsal", {"prefix": "other"}, 1, "ProveTable"),
        ("OURS", "rehearsal", {"imported": 2}, 1, "ProveTable"),
        ("OURS", "rehearsal", {"errors": 1}, 1, "ProveTable"),
        ("REPLACEABLE", "rehearsal", {}, 1, "ProveTable"),
    ],
)
def test_an_earlier_import_is_adopted_if_it_is_the_same_and_an_official_one_is_never_replaced(
    kind: str, mode: str, changes: dict[str, Any], laps: int, to: str
) -> None:
    former = {"status": "COMPLETED", "prefix": "p", "imported": 3, "errors": 0, **changes}
    own = {"mode": mode, "standing": {"kind": kind}}

    assert chosen("FormerImport", own=own, formerImport=former, importLaps=laps, plan=PLAN, written=WRITTEN) == to


@pytest.mark.parametrize(
    ("found", "status", "laps", "to"),
    [
        ("i", "ACTIVE", 1, "DeleteTable"),
        ("i", "ACTIVE", LIMITS.settings_laps, "DeleteTable"),
        ("i", "DELETING", LIMITS.settings_laps, "WaitForDeletion"),
        ("i", "DELETING", LIMITS.settings_laps + 1, "ReportTableStays"),
        ("other", "ACTIVE", 1, "ReportTableChanged"),
        ("other", "DELETING", LIMITS.settings_laps + 1, "ReportTableChanged"),
    ],
)
def test_a_table_is_deleted_while_it_is_the_one_that_was_proven(found: str, status: str, laps: int, to: str) -> None:
    present, own = {"id": found, "status": status}, {"standing": {"id": "i"}}

    assert chosen("TableProven", present=present, own=own, deleteLaps=laps) == to
