"""The Choices of an export, on both sides of every limit."""

from __future__ import annotations

import pytest

from tests.unit.statemachine.stepping import chosen

WRITTEN = {"files": 2, "bytes": 30, "items": 3, "listing": "l", "prefix": "p", "expirable": 1}

OPTIONS = {"importChecks": 7, "exportChecks": 9, "ttl": "", "stream": ""}


@pytest.mark.parametrize(
    ("kind", "adopt", "deleted", "to"),
    [
        ("OURS", True, 0, "ListExports"),
        ("CREATED", True, 0, "ListExports"),
        ("OURS", False, 0, "ExportTable"),
        ("OURS", True, 1, "ExportTable"),
        ("FREE", True, 0, "ExportTable"),
        ("REPLACEABLE", True, 0, "ExportTable"),
    ],
)
def test_an_earlier_export_is_looked_for_where_the_table_is_the_same(
    *, kind: str, adopt: bool, deleted: int, to: str
) -> None:
    own = {"existing": {"kind": kind}, "adoptExport": adopt}

    assert chosen("ExportWanted", own=own, deleteChecks=deleted) == to


@pytest.mark.parametrize(
    ("token", "newest", "to"),
    [("t", "", "ListExports"), ("t", "a", "ListExports"), ("", "a", "DescribePreviousExport"), ("", "", "ExportTable")],
)
def test_all_exports_are_listed_before_the_newest_is_looked_at(token: str, newest: str, to: str) -> None:
    assert chosen("ExportsListed", exportToken=token, newestExport=newest) == to


@pytest.mark.parametrize(
    ("ours", "status", "to"),
    [
        (True, "COMPLETED", "DescribeExport"),
        (True, "IN_PROGRESS", "DescribeExport"),
        (True, "FAILED", "ExportTable"),
        (False, "COMPLETED", "ExportTable"),
        (False, "IN_PROGRESS", "ExportTable"),
    ],
)
def test_an_earlier_export_of_this_run_is_not_paid_for_again(*, ours: bool, status: str, to: str) -> None:
    assert chosen("PreviousExport", previousExport={"ours": ours, "status": status}) == to


@pytest.mark.parametrize(
    ("status", "checks", "to"),
    [
        ("COMPLETED", 9, "CheckExportCounts"),
        ("IN_PROGRESS", 8, "WaitForExport"),
        ("IN_PROGRESS", 9, "ReportExportTimedOut"),
        ("FAILED", 1, "ReportExportFailed"),
    ],
)
def test_an_export_is_waited_for_and_only_a_completed_one_is_counted(status: str, checks: int, to: str) -> None:
    assert chosen("ExportStatus", exportState=status, exportChecks=checks, options=OPTIONS) == to


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
def test_an_export_lacks_no_more_items_than_may_expire(exported: int, manifest: str, to: str) -> None:
    assert chosen("CheckExportCounts", exported=exported, exportManifest=manifest, written=WRITTEN) == to
