"""The calls of a table's export, and what is kept of their answers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.statemachine.stepping import NAMES, OWN, export_call, kept, step


def test_the_newest_export_of_all_pages_is_found() -> None:
    variables: dict[str, Any] = {"tableArn": "a", "exportToken": "", "newestExport": ""}

    first = step(
        "ListExports",
        answer={"ExportSummaries": [{"ExportArn": "2"}, {"ExportArn": "1"}], "NextToken": "t"},
        **variables,
    )
    second = step("ListExports", answer={"ExportSummaries": [{"ExportArn": "1"}]}, **first.kept)
    third = step("ListExports", answer={"ExportSummaries": [{"ExportArn": "3"}]}, **second.kept)

    assert (first.asked, second.asked) == (
        {"TableArn": "a", "MaxResults": 25},
        {"TableArn": "a", "MaxResults": 25, "NextToken": "t"},
    )
    assert [page.kept["newestExport"] for page in (first, second, third)] == ["2", "2", "3"]
    assert [page.kept["exportToken"] for page in (first, second, third)] == ["t", "", ""]


@pytest.mark.parametrize(
    ("changes", "ours"),
    [
        ({}, True),
        ({"TableId": "other"}, False),
        ({"S3Bucket": "other"}, False),
        ({"S3Prefix": "export/rates/r0/T"}, False),
        ({"S3Prefix": "export/rates/r1/U"}, False),
        ({"S3Prefix": "export/availability/r1/T"}, False),
    ],
)
def test_an_export_is_ours_if_this_run_made_it_of_this_table(*, changes: dict[str, str], ours: bool) -> None:
    export = {
        "ExportStatus": "COMPLETED",
        "TableId": "i",
        "S3Bucket": NAMES.data_bucket,
        "S3Prefix": "export/rates/r1/T",
    }
    own = {**OWN, "existing": {"id": "i"}}

    looked = step(
        "DescribePreviousExport",
        answer={"ExportDescription": {**export, **changes}},
        own=own,
        options={"name": "T"},
        newestExport="e",
    )

    assert (looked.asked, looked.kept["exportArn"]) == ({"ExportArn": "e"}, "e")
    assert looked.kept["previousExport"] == {"status": "COMPLETED", "ours": ours}


def test_an_export_is_written_below_the_run_with_the_stacks_key() -> None:
    begun = step(
        "ExportTable",
        answer={"ExportDescription": {"ExportArn": "x"}},
        own=OWN,
        options={"name": "T"},
        tableName="T-rehearsal",
        tableArn="a",
    )

    assert begun.asked == export_call("T-rehearsal", "export")
    assert begun.kept["exportArn"] == "x"


def test_what_an_export_did_is_kept() -> None:
    export = {
        "ExportStatus": "COMPLETED",
        "ItemCount": 3,
        "ExportManifest": "m",
        "FailureCode": "C",
        "FailureMessage": "M",
    }

    looked = step("DescribeExport", answer={"ExportDescription": export}, exportArn="x", exportChecks=1)

    assert looked.asked == {"ExportArn": "x"}
    assert looked.kept["exportMessage"].startswith("C: M")
    assert {key: looked.kept[key] for key in ("exportState", "exported", "exportManifest", "exportChecks")} == {
        "exportState": "COMPLETED",
        "exported": 3,
        "exportManifest": "m",
        "exportChecks": 2,
    }
    begun = step(
        "DescribeExport", answer={"ExportDescription": {"ExportStatus": "IN_PROGRESS"}}, exportArn="x", exportChecks=0
    ).kept
    assert (begun["exported"], begun["exportManifest"]) == (0, "")


def test_a_migrated_table_tells_what_became_of_it() -> None:
    variables = {
        "options": {"name": "T"},
        "tableName": "T-rehearsal",
        "tableArn": "a",
        "tableId": "id",
        "importArn": "i",
        "imported": 3,
        "exportArn": "x",
        "exported": 2,
        "exportManifest": "m",
    }

    assert step("TableMigrated", **variables).output == {
        "ok": True,
        "name": "T",
        "tableName": "T-rehearsal",
        "tableArn": "a",
        "tableId": "id",
        "importArn": "i",
        "imported": 3,
        "exportArn": "x",
        "exported": 2,
        "manifest": "m",
    }
    assert kept("PrepareCompare", None, migrated=[{"name": "T", "manifest": "m", "exported": 2}]) == {
        "exports": [{"table": "T", "manifest": "m"}]
    }
