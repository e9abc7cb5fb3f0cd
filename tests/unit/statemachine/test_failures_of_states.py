"""Failures of each state's call: the retries, the next state, and the name of the failure."""

from __future__ import annotations

from typing import Any

import pytest

from statemachine.retries import retry
from tests.unit.statemachine.stepping import LIMITS, MACHINE, NAMES, STATES, Failed, step

TASKS = {name: state for name, state in STATES.items() if state["Type"] == "Task"}
SERVICES = {
    "lambda:invoke": "lambda", "aws-sdk:s3": "s3", "aws-sdk:iam": "iam", "aws-sdk:kinesis": "kinesis",
    "aws-sdk:dynamodb": "dynamodb", "aws-sdk:emrserverless": "emr-serverless", "emr-serverless": "emr-serverless-job",
}  # fmt: skip
SETTLING = {
    "UpdateTable": "dynamodb-update", "TagTable": "dynamodb-tags", "DeleteTable": "dynamodb-delete",
    "EnablePitr": "dynamodb-backups", "ExportTable": "dynamodb-export",
}  # fmt: skip
CALLS = {
    "FindVerdict": "s3:getObject", "FindSummary": "s3:getObject", "ReadSummary": "s3:getObject",
    "ReadBootstrapFailure": "s3:getObject", "ReadCompareFailure": "s3:getObject", "ReadVerdict": "s3:getObject",
    "ListJars": "s3:listObjectsV2", "FindRelease": "s3:listObjectsV2", "CheckPrefix": "s3:listObjectsV2",
    "GetSparkRole": "iam:getRole", "ListApplications": "emrserverless:listApplications",
    "ListMoreApplications": "emrserverless:listApplications", "FindTable": "dynamodb:describeTable",
    "ListImports": "dynamodb:listImports", "DescribeCreator": "dynamodb:describeImport",
    "ListTags": "dynamodb:listTagsOfResource", "CreateEmptyTable": "dynamodb:createTable",
    "DescribeEmptyTable": "dynamodb:describeTable", "ImportTable": "dynamodb:importTable",
    "DescribeImport": "dynamodb:describeImport", "DescribePreviousImport": "dynamodb:describeImport",
    "VerifyTable": "dynamodb:describeTable", "DeleteTable": "dynamodb:deleteTable",
    "DescribeSettings": "dynamodb:describeTable", "UpdateTable": "dynamodb:updateTable",
    "TagTable": "dynamodb:tagResource", "DescribeTtl": "dynamodb:describeTimeToLive",
    "EnableTtl": "dynamodb:updateTimeToLive", "EnablePitr": "dynamodb:updateContinuousBackups",
    "DescribePitr": "dynamodb:describeContinuousBackups", "DescribeStream": "kinesis:describeStreamSummary",
    "DescribeDestination": "dynamodb:describeKinesisStreamingDestination",
    "EnableStream": "dynamodb:enableKinesisStreamingDestination", "ListExports": "dynamodb:listExports",
    "DescribePreviousExport": "dynamodb:describeExport", "ExportTable": "dynamodb:exportTableToPointInTime",
    "DescribeExport": "dynamodb:describeExport", "FindProvenTable": "dynamodb:describeTable",
}  # fmt: skip


def service(name: str) -> str:
    called = str(TASKS[name]["Resource"]).removeprefix("arn:aws:states:::")
    return next(SERVICES[prefix] for prefix in SERVICES if called.startswith(prefix))


@pytest.mark.parametrize("name", TASKS)
def test_what_passes_by_itself_is_tried_again_by_every_task(name: str) -> None:
    assert TASKS[name]["Retry"] == retry(SETTLING.get(name, service(name)))


@pytest.mark.parametrize("name", TASKS)
def test_every_call_has_the_time_of_its_kind(name: str) -> None:
    seconds = {"lambda": LIMITS.lambda_seconds, "emr-serverless-job": TASKS[name]["TimeoutSeconds"]}

    assert TASKS[name]["TimeoutSeconds"] == seconds.get(service(name), LIMITS.call_seconds)


def test_each_task_makes_its_own_call() -> None:
    prefix = "arn:aws:states:::aws-sdk:"

    assert {name: state["Resource"] for name, state in TASKS.items() if ":aws-sdk:" in state["Resource"]} == {
        name: f"{prefix}{call}" for name, call in CALLS.items()
    }
    assert step("GetSparkRole", answer={"Role": {"Arn": "a"}}).asked == {"RoleName": NAMES.job_role_name}
    assert step("GetSparkRole", answer={"Role": {"Arn": "a"}}).kept == {"jobRoleArn": "a"}


# What a failure of the call is recorded as; of an item of a Map, the state that reports it.
RECORDS = {
    "RecordInProgressStatus": "RegistryFailed", "FindVerdict": "CompareFailed", "CheckTables": "TableAlreadyExists",
    "CloneClusters": "CloneFailed", "ListJars": "JarNotFound", "GetSparkRole": "SparkRoleNotFound",
    "ListApplications": "ApplicationNotFound", "ListMoreApplications": "ApplicationNotFound",
    "FindSummary": "BootstrapFailed", "FindRelease": "BootstrapFailed", "ReadSummary": "BootstrapFailed",
    "MigrateTables": "ImportFailed", "ReadVerdict": "CompareFailed", "DeleteStatus": "RegistryFailed",
    "LiftSeal": "RegistryFailed",
}  # fmt: skip
REPORTS = {
    "ReportTableNotChecked": ("FindTable", "ListImports", "DescribeCreator", "ListTags"),
    "ReportCloneFailed": ("CheckCloneStatus", "StartClone"),
    "ReportPrefixNotChecked": ("CheckPrefix",),
    "ReportImportRefused": ("CreateEmptyTable", "ImportTable"),
    "ReportImportLost": ("DescribeEmptyTable", "DescribeImport", "DescribePreviousImport"),
    "ReportTableNotReplaced": ("VerifyTable", "DeleteTable"),
    "ReportSettingsFailed": (
        "DescribeSettings", "UpdateTable", "TagTable", "DescribeTtl", "EnableTtl", "EnablePitr", "DescribePitr",
    ),
    "ReportStreamNotFound": ("DescribeStream",),
    "ReportStreamNotEnabled": ("DescribeDestination", "EnableStream"),
    "ReportExportRefused": ("ListExports", "DescribePreviousExport", "ExportTable"),
    "ReportExportLost": ("DescribeExport",),
    "ReportProvenTableNotFound": ("FindProvenTable",),
    "ReportDestroyFailed": ("CheckIsClone", "DestroyClone", "CheckDestroyStatus"),
}  # fmt: skip
VARIABLES: dict[str, Any] = {
    "run": "r1",
    "execution": "e",
    "mode": "official",
    "attempt": "x1",
    "suffix": "",
    "parallelism": 1,
    "beginCalls": 0,
    "jarToken": "",
    "pageToken": "",
    "prefixToken": "",
    "exportToken": "",
    "applicationToken": "t",
    "jarKey": "",
    "reports": "reports/rates/r1/",
    "tables": [],
    "verify": False,
    "jobOptions": [],
    "jar": {"key": "k", "release": "r", "modified": "m"},
    "summary": {"tables": {}, "release": "r"},
    "clones": {},
    "existingTables": {},
    "ended": {"etag": "t"},
    "verdict": {"verdict": ""},
    "existing": {"arn": "a", "id": "i"},
    "creator": {"arn": "m", "started": ""},
    "own": {
        "cluster": "c",
        "run": "r1",
        "mode": "official",
        "tableName": "T",
        "execution": "e",
        "etag": "t",
        "existing": {"id": "i", "importArn": "i"},
    },
    "written": {"prefix": "p/"},
    "options": {"name": "T", "creation": {}, "protection": True, "tags": [], "ttl": "t", "stream": "s"},
    "tableName": "T",
    "tableArn": "a",
    "importArn": "i",
    "exportArn": "x",
    "newestExport": "x",
    "change": {},
    "stream": {"arn": "s"},
    "failure": {"error": "", "cause": ""},
}
CHARACTERS = LIMITS.outcome_characters(
    max(len(MACHINE["States"][name]["Items"]) for name in ("DestroyClones", "MigrateTables"))
)
UNKNOWN = Failed("Some.Exception", '{"errorMessage": "in its own words", "errorType": "E"}')


@pytest.mark.parametrize("name", RECORDS)
def test_a_call_that_gives_up_is_recorded_by_a_name_in_the_services_words(name: str) -> None:
    failed = step(name, answer=UNKNOWN, **VARIABLES)

    assert failed.to == "RecordFailure"
    assert failed.kept["failure"]["error"] == RECORDS[name]
    assert failed.kept["failure"]["cause"].endswith(
        ": Some.Exception: in its own words. Resume with: migrate resume r1"
    )


@pytest.mark.parametrize(("report", "name"), [(report, name) for report, names in REPORTS.items() for name in names])
def test_a_call_of_an_item_that_gives_up_is_reported_in_the_services_words(report: str, name: str) -> None:
    failed = step(name, answer=UNKNOWN, **VARIABLES)

    assert (failed.to, failed.kept["caught"]) == (report, "Some.Exception: in its own words")


def test_the_words_of_a_service_are_taken_as_they_are_where_they_are_no_lambdas() -> None:
    def caught(cause: str) -> str:
        return str(step("FindTable", answer=Failed("E", cause), **VARIABLES).kept["caught"])

    assert caught("plain") == "E: plain"
    assert caught('{"other": 1}') == 'E: {"other": 1}'
    assert caught('it says "errorMessage"') == 'E: it says "errorMessage"'


def test_every_call_and_map_fails_somewhere() -> None:
    calls = {name for name, state in STATES.items() if state["Type"] in ("Task", "Map")}
    jobs = {"RunBootstrap", "RunCompare", "ReadBootstrapFailure", "ReadCompareFailure"}
    tried = {*RECORDS, *(name for names in REPORTS.values() for name in names), *jobs, "RecordFailure", "DestroyClones"}

    assert calls == tried
    assert all(STATES[name]["Catch"][-1]["ErrorEquals"] == ["States.ALL"] for name in calls)


@pytest.mark.parametrize(
    ("state", "error", "to"),
    [
        ("FindVerdict", "S3.NoSuchKeyException", "CheckTables"),
        ("FindSummary", "S3.NoSuchKeyException", "SummaryNeeded"),
        ("FindProvenTable", "DynamoDb.ResourceNotFoundException", "ReportProvenTableNotFound"),
        ("FindTable", "DynamoDb.ResourceNotFoundException", "TableIsFree"),
        ("VerifyTable", "DynamoDb.ResourceNotFoundException", "ImportWanted"),
        ("StartClone", "CloneNotCopyOnWriteError", "ReportNotCopyOnWrite"),
        ("DestroyClone", "NotACloneError", "ReportNotAClone"),
        ("CheckIsClone", "NotACloneError", "ReportDestroyFailed"),
        ("CheckDestroyStatus", "NotACloneError", "ReportDestroyFailed"),
        ("CheckCloneStatus", "CloneNotCopyOnWriteError", "ReportCloneFailed"),
        ("ListTags", "DynamoDb.ResourceNotFoundException", "ReportTableNotChecked"),
        ("DeleteTable", "DynamoDb.ResourceNotFoundException", "ReportTableNotReplaced"),
        ("ReadVerdict", "S3.NoSuchKeyException", "RecordFailure"),
        ("ReadSummary", "S3.NoSuchKeyException", "RecordFailure"),
        ("RecordFailure", "Some.Exception", "FailureKind"),
        ("DestroyClones", "States.ExceedToleratedFailureThreshold", "LiftSeal"),
    ],
)
def test_what_is_not_there_is_no_failure_where_it_may_be_missing(state: str, error: str, to: str) -> None:
    failed = step(state, answer=Failed(error, '{"errorMessage": "m"}'), **{**VARIABLES, "deleteChecks": 0})

    assert failed.to == to


def test_a_lambdas_own_words_are_told_without_its_name() -> None:
    raised = '{"errorMessage": "the group is full", "errorType": "E"}'
    for state, error in (("StartClone", "CloneNotCopyOnWriteError"), ("DestroyClone", "NotACloneError")):
        assert step(state, answer=Failed(error, raised), **VARIABLES).kept["caught"] == "the group is full"
        assert step(state, answer=Failed(error, "plain"), **VARIABLES).kept["caught"] == "plain"
    lost = step("DeleteStatus", answer=Failed("LockLostError", raised), **VARIABLES)
    cause = "the group is full. See who has the domain with: migrate status --environment test"
    assert (lost.to, lost.kept["failure"]) == ("RecordFailure", {"error": "LockLost", "cause": cause})


def test_what_failed_first_is_told_although_it_could_not_be_recorded() -> None:
    variables = {**VARIABLES, "failure": {"error": "CloneFailed", "cause": "first"}}

    assert step("RecordFailure", answer=UNKNOWN, **variables).kept["failure"] == variables["failure"]


def test_clones_that_cannot_be_destroyed_are_a_failure_that_still_lifts_the_seal() -> None:
    failed = step("DestroyClones", answer=UNKNOWN, **VARIABLES)

    assert (failed.to, failed.kept["failure"]["error"]) == ("LiftSeal", "DestroyFailed")


OUTCOMES = {
    "ReportTableTaken": "TableAlreadyExists", "ReportTableNotChecked": "TableAlreadyExists",
    "ReportCloneFailed": "CloneFailed", "ReportCloneUnusable": "CloneFailed", "ReportNotOurClone": "CloneFailed",
    "ReportCloneTimedOut": "CloneTimedOut", "ReportCloneTooOld": "CloneTooOld", "ReportCloneNotFresh": "CloneNotFresh",
    "ReportNotCopyOnWrite": "CloneNotCopyOnWrite", "ReportPrefixNotChecked": "UnexpectedObjects",
    "ReportUnexpectedObjects": "UnexpectedObjects", "ReportImportRefused": "ImportFailed",
    "ReportImportLost": "ImportFailed", "ReportImportTimedOut": "ImportFailed", "ReportImportFailed": "ImportFailed",
    "ReportImportCountMismatch": "ImportCountMismatch", "ReportEmptyTableInUse": "TableInUse",
    "ReportTableInUse": "TableInUse", "ReportPreviousImportTimedOut": "ImportFailed",
    "ReportTableChanged": "TableAlreadyExists", "ReportTableNotReplaced": "ImportFailed",
    "ReportTableStays": "ImportFailed", "ReportSettingsFailed": "TableSettingsFailed",
    "ReportSettingsNotMade": "TableSettingsFailed", "ReportTableUnlike": "TableSettingsFailed",
    "ReportPitrNotEnabled": "TableSettingsFailed", "ReportStreamNotFound": "StreamNotActive",
    "ReportStreamNotActive": "StreamNotActive", "ReportStreamNotEnabled": "StreamEnableFailed",
    "ReportStreamEnableFailed": "StreamEnableFailed", "ReportExportRefused": "ExportFailed",
    "ReportExportLost": "ExportFailed", "ReportExportTimedOut": "ExportFailed", "ReportExportFailed": "ExportFailed",
    "ReportExportCountMismatch": "ExportCountMismatch", "ReportNotAClone": "NotAClone",
    "ReportNotProven": "NotAClone", "ReportDestroyFailed": "DestroyFailed",
    "ReportDestroyTimedOut": "DestroyTimedOut", "ReportProvenTableNotFound": "TableReplaced",
    "ReportProvenTableReplaced": "TableReplaced",
}  # fmt: skip
RECORDED = {
    "RecordTeardownStuck": "TeardownStuck", "RecordJarNotFound": "JarNotFound",
    "RecordApplicationNotFound": "ApplicationNotFound", "RecordReleaseChanged": "ReleaseChanged",
    "RecordReleaseGone": "ReleaseChanged", "RecordReleaseMixed": "ReleaseChanged",
    "RecordSummaryFailure": "RowsRejected", "RecordSummaryWrong": "BootstrapFailed",
    "RecordDataMismatch": "DataMismatch", "RecordVerdictWrong": "CompareFailed",
    "RecordVerdictOfOtherRelease": "ReleaseChanged", "RecordNotProven": "VerificationRefused",
    "RecordOtherCatalog": "VerificationRefused", "RecordEvidenceGone": "RawRowsMissing",
    "RecordProofBroken": "DataMismatch",
}  # fmt: skip
VARIABLES: dict[str, Any] = {
    **VARIABLES,
    "caught": "C",
    "clone": {"status": "S"},
    "cloneTime": "t",
    "objects": {"count": 1, "bytes": 2, "listing": ""},
    "written": {"prefix": "p/", "files": 1, "bytes": 3, "items": 3, "expirable": 0},
    "importChecks": 1,
    "importState": "FAILED",
    "importMessage": "",
    "imported": 2,
    "importErrors": 0,
    "previousImport": {"status": "S", "imported": 1, "prefix": "p/"},
    "deleteChecks": 1,
    "tableStatus": "S",
    "settingsChecks": 1,
    "unlike": "u. ",
    "pitrStatus": "S",
    "pitrChecks": 1,
    "stream": {"arn": "s", "status": "S"},
    "destination": "S",
    "streamChecks": 1,
    "exportChecks": 1,
    "exportState": "S",
    "exportMessage": "",
    "exported": 1,
    "proof": {"isClone": False, "reason": "no tag"},
    "remains": {"status": "S"},
    "registration": {"status": "WAIT", "reason": "another run matched"},
    "tableId": "i2",
    "applications": [],
    "summary": {"release": "r", "failure": {"error": "RowsRejected", "cause": "why"}},
    "verdict": {"summary": "s", "release": "r"},
}


@pytest.mark.parametrize("state", OUTCOMES)
def test_an_item_that_ends_badly_says_so_by_name(state: str) -> None:
    outcome = step(state, **VARIABLES)

    of = "c" if "cluster" in str(STATES[state]["Output"]["name"]) else "T"
    assert {key: outcome.output[key] for key in ("ok", "name", "error")} == {
        "ok": False,
        "name": of,
        "error": OUTCOMES[state],
    }
    assert outcome.output["cause"]
    assert outcome.to == ""


@pytest.mark.parametrize("state", RECORDED)
def test_what_a_choice_refuses_is_recorded_by_name(state: str) -> None:
    noted = step(state, **VARIABLES)

    assert (noted.to, noted.kept["failure"]["error"]) == ("RecordFailure", RECORDED[state])
    assert noted.kept["failure"]["cause"]


def test_every_bad_outcome_and_recorded_failure_is_tested_here() -> None:
    assert {name for name in STATES if name.startswith("Report")} == set(OUTCOMES)
    passes = {name: state for name, state in STATES.items() if state["Type"] == "Pass"}
    assert {name for name, state in passes.items() if state.get("Next") == "RecordFailure"} == set(RECORDED)


def test_a_failure_ends_the_execution_with_its_cause() -> None:
    fails = {name: state for name, state in STATES.items() if state["Type"] == "Fail"}
    problem = {"inputProblem": "p", "registration": {"holder": {"run": "r0"}, "instant": "i0"}}
    own = {"InvalidInput": "p", "DomainAlreadyRunning": '"r0"', "CatchUpUnfinished": "r0", "DomainIsLive": "i0"}
    for name in fails:
        output = step(name, failure={"error": name, "cause": "the cause"}, **problem).output
        assert output["Error"] == name
        assert own.get(name, "the cause") in output["Cause"]


LONG = "".join(f"{number:05}" for number in range(8000))  # of which no two parts are equal


@pytest.mark.parametrize("name", RECORDS)
def test_a_cause_is_as_long_as_step_functions_lets_it_be(name: str) -> None:
    short, long = (step(name, answer=Failed("E", text), **VARIABLES).kept["failure"]["cause"] for text in ("", LONG))

    command = ". Resume with: migrate resume r1"
    what = short.removesuffix(command)
    assert what.endswith(": E: ")
    assert long == f"{what}{LONG}"[:30_000] + command


@pytest.mark.parametrize("name", ["CheckTables", "CloneClusters", "MigrateTables", "DestroyClones"])
def test_all_that_a_map_tells_is_as_long_as_step_functions_lets_it_be(name: str) -> None:
    bad = [{"ok": False, "name": "n", "error": "E", "cause": LONG}]

    assert step(name, answer=bad, **VARIABLES).kept["failure"] == {"error": "E", "cause": f"n: {LONG}"[:30_000]}


CHECK_TAGS = ". The data match. Check the tags of the cluster. Then resume with: migrate resume r1"


def test_what_a_choice_tells_is_cut_at_its_end_and_what_an_item_tells_in_its_middle() -> None:
    long = {"own": {**VARIABLES["own"], "run": LONG}, "caught": LONG, "proof": {"reason": LONG}}
    summary_failure = {"summary": {"failure": {"error": "RowsRejected", "cause": LONG}}}

    noted = step("RecordSummaryFailure", **{**VARIABLES, **summary_failure}).kept["failure"]
    assert noted == {"error": "RowsRejected", "cause": LONG[:30_000] + " Resume with: migrate resume r1"}
    recorded_cause = step("RecordJarNotFound", **{**VARIABLES, "jarKey": LONG}).kept["failure"]["cause"]
    assert recorded_cause == f"no JAR {LONG}"[:30_000]
    for state in ("ReportNotAClone", "ReportNotProven"):
        cause = step(state, **{**VARIABLES, **long}).output["cause"]
        assert cause == f"{LONG[: CHARACTERS - 203]} … {LONG[-200:]}"
        assert len(cause) == CHARACTERS
    caught = LONG[: CHARACTERS - len(CHECK_TAGS)]
    whole = step("ReportNotAClone", **{**VARIABLES, "caught": caught}).output["cause"]
    assert (whole, len(whole)) == (f"{caught}{CHECK_TAGS}", CHARACTERS)
    lost = step("ReportImportLost", **{**VARIABLES, "caught": LONG}).output["cause"]
    assert lost.endswith(". It continues. Resume with: migrate resume r1")
