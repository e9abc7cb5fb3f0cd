"""The Choices of a table's creation, on both sides of every limit."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.statemachine.stepping import LIMITS, chosen

WRITTEN = {"files": 2, "bytes": 30, "items": 3, "listing": "l", "prefix": "p", "expirable": 1}


@pytest.mark.parametrize(
    ("objects", "written", "to"),
    [
        ({}, {}, "ExistingTable"),
        ({"count": 3}, {}, "ReportUnexpectedObjects"),
        ({"bytes": 31}, {}, "ReportUnexpectedObjects"),
        ({"listing": "m"}, {}, "ReportUnexpectedObjects"),
        ({"count": 0, "bytes": 0}, {"files": 0, "bytes": 0, "items": 0}, "ExistingTable"),
        ({"count": 0, "bytes": 0}, {"files": 0, "bytes": 0, "items": 1}, "ReportUnexpectedObjects"),
        ({"count": 1, "bytes": 0}, {"files": 0, "bytes": 0, "items": 0}, "ReportUnexpectedObjects"),
        ({"count": 0, "bytes": 0, "listing": ""}, {"files": 1, "bytes": 0, "items": 0}, "ReportUnexpectedObjects"),
        ({"count": 0, "bytes": 0}, {"files": 0, "bytes": 0, "items": 3}, "ReportUnexpectedObjects"),
    ],
)
def test_an_import_begins_only_where_exactly_what_was_written_lies(
    objects: dict[str, Any], written: dict[str, Any], to: str
) -> None:
    listed = {"count": 2, "bytes": 30, "listing": "l", **objects}

    assert chosen("PrefixChecked", prefixToken="", objects=listed, written={**WRITTEN, **written}) == to
    assert chosen("PrefixChecked", prefixToken="t", objects=listed, written={**WRITTEN, **written}) == "CheckPrefix"


OPTIONS = {"importChecks": 7, "exportChecks": 9, "ttl": "", "stream": ""}


@pytest.mark.parametrize(
    ("status", "checks", "to"),
    [
        ("ACTIVE", 7, "DescribeSettings"),
        ("CREATING", 6, "WaitForEmptyTable"),
        ("CREATING", 7, "ReportImportTimedOut"),
    ],
)
def test_an_empty_table_is_waited_for(status: str, checks: int, to: str) -> None:
    assert chosen("EmptyTableStatus", emptyTableStatus=status, importChecks=checks, options=OPTIONS) == to


@pytest.mark.parametrize(
    ("status", "checks", "to"),
    [
        ("COMPLETED", 7, "CheckImportCounts"),
        ("IN_PROGRESS", 6, "WaitForImport"),
        ("IN_PROGRESS", 7, "ReportImportTimedOut"),
        ("FAILED", 1, "ReportImportFailed"),
        ("CANCELLED", 1, "ReportImportFailed"),
    ],
)
def test_an_import_is_waited_for_and_only_a_completed_one_is_counted(status: str, checks: int, to: str) -> None:
    assert chosen("ImportStatus", importState=status, importChecks=checks, options=OPTIONS) == to


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
        ("FREE", "official", 3, "", "ImportWanted"),
        ("FREE", "rehearsal", 0, "", "ImportWanted"),
        ("CREATED", "official", 0, "", "AdoptEmptyTable"),
        ("CREATED", "rehearsal", 0, "", "AdoptEmptyTable"),
        ("CREATED", "official", 3, "", "ReportEmptyTableInUse"),
        ("CREATED", "rehearsal", 3, "", "VerifyTable"),
        ("OURS", "official", 3, "i", "DescribePreviousImport"),
        ("OURS", "official", 0, "i", "DescribePreviousImport"),
        ("REPLACEABLE", "rehearsal", 3, "i", "DescribePreviousImport"),
        ("REPLACEABLE", "rehearsal", 3, "", "VerifyTable"),
        ("REPLACEABLE", "rehearsal", 0, "", "VerifyTable"),
    ],
)
def test_what_becomes_of_a_table_that_is_there(kind: str, mode: str, items: int, import_arn: str, to: str) -> None:
    own = {"mode": mode, "existing": {"kind": kind, "importArn": import_arn}}

    assert chosen("ExistingTable", own=own, written={**WRITTEN, "items": items}) == to


@pytest.mark.parametrize(
    ("written", "to"), [({"files": 1}, "ImportTable"), ({"files": 0}, "CreateEmptyTable"), ({}, "CreateEmptyTable")]
)
def test_a_table_without_items_is_made_empty(written: dict[str, int], to: str) -> None:
    assert chosen("ImportWanted", written=written) == to


@pytest.mark.parametrize(
    ("kind", "mode", "changes", "checks", "to"),
    [
        ("OURS", "official", {}, 1, "AdoptImport"),
        ("OURS", "rehearsal", {}, 7, "AdoptImport"),
        ("OURS", "official", {"status": "IN_PROGRESS"}, 6, "WaitForPreviousImport"),
        ("OURS", "official", {"status": "CANCELLING"}, 6, "WaitForPreviousImport"),
        ("OURS", "official", {"status": "IN_PROGRESS"}, 7, "ReportPreviousImportTimedOut"),
        ("REPLACEABLE", "rehearsal", {"status": "CANCELLING"}, 7, "ReportPreviousImportTimedOut"),
        ("OURS", "official", {"prefix": "other"}, 1, "ReportTableInUse"),
        ("OURS", "official", {"imported": 2}, 1, "ReportTableInUse"),
        ("OURS", "official", {"imported": 4}, 1, "ReportTableInUse"),
        ("OURS", "official", {"errors": 1}, 1, "ReportTableInUse"),
        ("REPLACEABLE", "official", {}, 1, "ReportTableInUse"),
        ("OURS", "official", {"status": "FAILED"}, 1, "VerifyTable"),
        ("OURS", "official", {"status": "CANCELLED"}, 1, "VerifyTable"),
        ("OURS", "rehearsal", {"prefix": "other"}, 1, "VerifyTable"),
        ("OURS", "rehearsal", {"imported": 2}, 1, "VerifyTable"),
        ("OURS", "rehearsal", {"errors": 1}, 1, "VerifyTable"),
        ("REPLACEABLE", "rehearsal", {}, 1, "VerifyTable"),
    ],
)
def test_an_earlier_import_is_adopted_if_it_is_the_same_and_an_official_one_is_never_replaced(
    kind: str, mode: str, changes: dict[str, Any], checks: int, to: str
) -> None:
    previous = {"status": "COMPLETED", "prefix": "p", "imported": 3, "errors": 0, **changes}
    own = {"mode": mode, "existing": {"kind": kind}}

    assert (
        chosen(
            "PreviousImport", own=own, previousImport=previous, importChecks=checks, options=OPTIONS, written=WRITTEN
        )
        == to
    )


@pytest.mark.parametrize(
    ("table_id", "status", "checks", "to"),
    [
        ("i", "ACTIVE", 1, "DeleteTable"),
        ("i", "ACTIVE", LIMITS.settings_checks, "DeleteTable"),
        ("i", "DELETING", LIMITS.settings_checks, "WaitForDeletion"),
        ("i", "DELETING", LIMITS.settings_checks + 1, "ReportTableStays"),
        ("other", "ACTIVE", 1, "ReportTableChanged"),
        ("other", "DELETING", LIMITS.settings_checks + 1, "ReportTableChanged"),
    ],
)
def test_a_table_is_deleted_while_it_is_the_one_that_was_proven(
    table_id: str, status: str, checks: int, to: str
) -> None:
    present, own = {"id": table_id, "status": status}, {"existing": {"id": "i"}}

    assert chosen("TableUnchanged", present=present, own=own, deleteChecks=checks) == to
