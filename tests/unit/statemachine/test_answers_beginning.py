"""The first states of a run: the input, the owners of its tables, each call and what is kept of its answer."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.statemachine.stepping import EXECUTION, LIMITS, NAMES, OWN, Failed, body, payload, step


def test_an_input_of_nothing_is_a_rehearsal_of_the_executions_name() -> None:
    assert step("PrepareVariables", attempt="x1", input={}).kept == {
        "attempt": "x1", "input": {}, "run": "x1", "mode": "rehearsal", "suffix": "-rehearsal",
        "parallelism": LIMITS.default_parallelism, "keepClones": False, "jarKey": "", "requestedBy": "",
        "tables": ["BaseRate", "BaseRateAssociation"], "isWhole": True, "verify": False, "jobOptions": [],
        "reports": "reports/rates/x1/",
    }  # fmt: skip


def test_an_input_is_taken_as_it_is_given() -> None:
    request = {
        "runId": "r1",
        "mode": "official",
        "parallelism": 2,
        "keepClones": True,
        "jarKey": "k",
        "requestedBy": "me",
    }

    assert step("PrepareVariables", attempt="x1", input=request).kept == {
        "attempt": "x1", "input": request, "run": "r1", "mode": "official", "suffix": "",
        "parallelism": 2, "keepClones": True, "jarKey": "k", "requestedBy": "me",
        "tables": ["BaseRate", "BaseRateAssociation"], "isWhole": True, "verify": False, "jobOptions": [],
        "reports": "reports/rates/r1/",
    }  # fmt: skip
    assert step("PrepareVariables", attempt="x1", input={"mode": "rehearsal"}).kept["suffix"] == "-rehearsal"


def test_an_execution_begins_with_nothing_done() -> None:
    begun = step("DefineVariables", state_input={"mode": "official"}).kept

    assert begun == {
        "input": {"mode": "official"}, "attempt": "x1", "execution": EXECUTION["Id"], "bootstrapAttempt": "x1",
        "failure": {"error": "", "cause": ""}, "beginCalls": 0, "jarToken": "",
        "jar": {"key": "", "release": "", "modified": ""}, "applications": [], "others": [], "migrated": [],
        "proven": {}, "inputProblem": "",
    }  # fmt: skip
    assert step("DefineVariables", state_input="text").kept["input"] == {}


def test_a_lock_is_asked_for_by_the_execution_and_each_look_is_counted() -> None:
    asked = step(
        "RecordInProgressStatus",
        answer=payload(status="OWNED"),
        run="r1",
        execution="e",
        mode="official",
        beginCalls=2,
        verify=False,
    )

    assert asked.asked == {
        "FunctionName": NAMES.registry_function_arn,
        "Payload": {
            "operation": "begin", "domain": "rates", "run": "r1", "execution": "e", "mode": "official",
            "kind": "bootstrap",
        },
    }  # fmt: skip
    assert (asked.kept["registration"], asked.kept["beginCalls"]) == ({"status": "OWNED"}, 3)


def test_a_verdict_is_that_of_the_run() -> None:
    for name in ("FindVerdict", "ReadVerdict"):
        looked = step(name, answer=body(verdict="MATCH", mode="official"), run="r1", reports="reports/rates/r1/")
        assert looked.asked == {"Bucket": NAMES.data_bucket, "Key": "reports/rates/r1/verdict.json"}
        assert looked.kept["verdict"] == {"verdict": "MATCH", "mode": "official"}

    missing = step("FindVerdict", answer=Failed("S3.NoSuchKeyException"), run="r1")
    assert (missing.to, missing.kept["verdict"]) == ("CheckTables", {"verdict": "", "mode": ""})


def test_a_table_is_looked_for_by_its_name_without_anything_known_of_it() -> None:
    begun = step("TakeTableName", state_input=OWN)

    assert begun.kept == {"own": OWN, "pageToken": "", "creator": {"arn": "", "started": ""}, "tableTags": []}
    assert begun.output == {}
    described = step("FindTable", answer={"Table": {"TableArn": "a", "TableId": "i"}}, own=OWN)
    assert (described.asked, described.kept["existing"]) == ({"TableName": "T"}, {"arn": "a", "id": "i"})


def test_the_newest_import_of_all_pages_made_the_table() -> None:
    variables: dict[str, Any] = {"existing": {"arn": "a"}, "pageToken": "", "creator": {"arn": "", "started": ""}}
    listed = [{"ImportArn": "new", "StartTime": "2026-02"}, {"ImportArn": "old", "StartTime": "2026-01"}]

    first = step("ListImports", answer={"ImportSummaryList": listed, "NextToken": "t"}, **variables)
    second = step("ListImports", answer={"ImportSummaryList": [listed[1]]}, **first.kept)
    third = step(
        "ListImports", answer={"ImportSummaryList": [{"ImportArn": "z", "StartTime": "2026-03"}]}, **second.kept
    )

    assert first.asked == {"TableArn": "a", "PageSize": 25}
    assert second.asked == {"TableArn": "a", "PageSize": 25, "NextToken": "t"}
    assert [page.kept["creator"]["arn"] for page in (first, second, third)] == ["new", "new", "z"]
    assert [page.kept["pageToken"] for page in (first, second, third)] == ["t", "", ""]


@pytest.mark.parametrize(
    ("table", "bucket", "ours"),
    [("i", NAMES.data_bucket, True), ("j", NAMES.data_bucket, False), ("i", "another", False)],
)
def test_an_import_is_ours_if_it_made_this_table_of_our_bucket(*, table: str, bucket: str, ours: bool) -> None:
    source = {"S3Bucket": bucket, "S3KeyPrefix": "p/"}
    described = {"ImportTableDescription": {"TableId": table, "S3BucketSource": source}}

    looked = step("DescribeCreator", answer=described, creator={"arn": "m"}, existing={"id": "i"})

    assert (looked.asked, looked.kept["creatorImport"]) == ({"ImportArn": "m"}, {"ours": ours, "prefix": "p/"})
    del source["S3KeyPrefix"]
    without = step("DescribeCreator", answer=described, creator={"arn": "m"}, existing={"id": "i"})
    assert without.kept["creatorImport"] == {"ours": ours, "prefix": ""}


def test_the_tags_of_all_pages_are_read() -> None:
    variables: dict[str, Any] = {"existing": {"arn": "a"}, "pageToken": "", "tableTags": []}

    first = step("ListTags", answer={"Tags": [{"Key": "k", "Value": "v"}], "NextToken": "t"}, **variables)
    second = step("ListTags", answer={"Tags": [{"Key": "l", "Value": "w"}, {"Key": "m", "Value": ""}]}, **first.kept)

    assert (first.asked, second.asked) == ({"ResourceArn": "a"}, {"ResourceArn": "a", "NextToken": "t"})
    assert second.kept["tableTags"] == ["k=v", "l=w", "m="]
    assert (first.kept["pageToken"], second.kept["pageToken"]) == ("t", "")


@pytest.mark.parametrize(
    ("state", "kind"),
    [("TableIsOurs", "OURS"), ("TableIsCreated", "CREATED"), ("TableIsReplaceable", "REPLACEABLE")],
)
def test_what_is_known_of_a_table_is_told_by_its_kind(state: str, kind: str) -> None:
    outcome = step(state, own=OWN, existing={"arn": "a", "id": "i"}, creator={"arn": "m"}).output

    assert outcome == {"ok": True, "name": "T", "kind": kind, "arn": "a", "id": "i", "importArn": "m"}


def test_a_table_that_is_not_there_is_free() -> None:
    outcome = step("TableIsFree", own=OWN).output

    assert outcome == {"ok": True, "name": "T", "kind": "FREE", "arn": "", "id": "", "importArn": ""}
