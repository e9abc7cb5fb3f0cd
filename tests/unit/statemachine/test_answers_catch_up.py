"""The calls of a catch-up and of a repair: what is asked, and what is kept of each answer."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from statemachine.names import SYSTEM
from tests.unit.statemachine.catch_up_stepping import (
    CLUSTERS,
    INSTANT,
    LIMITS,
    MACHINE,
    NAMES,
    OWN,
    STATES,
    TABLES,
    WHOSE,
    kept,
    step,
)
from tests.unit.statemachine.stepping import EXECUTION, Failed, body, carrying_passes, payload, value

BASE = {"run": "r0", "attempt": "x0", "tables": {name: {"prefix": "p/", "items": 3, "listing": "l", "tableId": "i"} for name in TABLES}}  # fmt: skip  # noqa: E501 - one fact a key


def test_a_catch_up_begins_with_nothing_done() -> None:
    begun = step("DefineVariables", state_input={}).kept

    assert begun == {
        "input": {}, "attempt": "x1", "execution": EXECUTION["Id"], "bootstrapAttempt": "x1", "changesAttempt": "x1",
        "failure": {"error": "", "cause": ""}, "beginCalls": 0, "jarToken": "",
        "jar": {"key": "", "release": "", "modified": ""}, "applications": [], "others": [], "migrated": [],
        "proven": {}, "registration": {}, "exports": [], "inputProblem": "",
    }  # fmt: skip


def test_an_input_of_nothing_is_an_official_catch_up_of_the_executions_name() -> None:
    assert kept("PrepareVariables", None, attempt="x1", input={}) == {
        "run": "x1", "mode": "official", "suffix": "", "parallelism": LIMITS.default_parallelism, "keepClones": False,
        "jarKey": "", "requestedBy": "", "repair": False, "deltaOptions": [], "writesPerSecond": 0,
    }  # fmt: skip
    request = {
        "runId": "r1", "mode": "rehearsal", "parallelism": 2, "keepClones": True, "jarKey": "k", "requestedBy": "me",
        "repair": True, "maxDeletePercent": 5, "maxChangePercent": 7, "writesPerSecond": 9,
    }  # fmt: skip
    assert kept("PrepareVariables", None, attempt="x1", input=request) == {
        "run": "r1", "mode": "rehearsal", "suffix": "-rehearsal", "parallelism": 2, "keepClones": True, "jarKey": "k",
        "requestedBy": "me", "repair": True, "writesPerSecond": 9,
        "deltaOptions": ["--max-delete-percent", "5", "--max-change-percent", "7"],
    }  # fmt: skip


@pytest.mark.parametrize(("repair", "kind"), [(False, "catch-up"), (True, "repair")])
def test_the_registry_is_asked_for_the_lock_by_kind_and_answers_the_base(*, repair: bool, kind: str) -> None:
    variables = {"run": "r1", "execution": "e", "mode": "official", "repair": repair, "beginCalls": 2}
    answer = payload(status="OWNED", base=BASE, applied=INSTANT)

    asked = step("RecordInProgressStatus", answer=answer, **variables)

    assert asked.asked == {
        "FunctionName": NAMES.registry_function_arn,
        "Payload": {"operation": "begin", **WHOSE, "mode": "official", "kind": kind},
    }
    assert (asked.kept["base"], asked.kept["applied"], asked.kept["beginCalls"]) == (BASE, INSTANT, 3)
    assert asked.kept["registration"] == answer["Payload"]
    without = step("RecordInProgressStatus", answer=payload(status="NO_BASE"), **variables).kept
    nothing = {"run": "", "attempt": "", "changing": "", "instants": {}, "tables": {}}
    assert (without["base"], without["applied"]) == (nothing, "")


@pytest.mark.parametrize(
    ("began", "modified", "changing", "finished"),
    [
        (INSTANT, "2026-02-03T04:05:05Z", "", True),
        (INSTANT, INSTANT, "", True),
        (INSTANT, INSTANT, "r0", True),
        (INSTANT, INSTANT, "r1", False),
        (INSTANT, "2026-02-03T04:05:07Z", "", False),
        ("", INSTANT, "", False),
    ],
)
def test_a_verdict_before_the_lock_is_of_a_catch_up_that_ended_unless_it_still_changes_the_base(
    *, began: str, modified: str, changing: str, finished: bool
) -> None:
    registration = {"began": began} if began else {}
    answer = {**body(verdict="MATCH", mode="official"), "LastModified": modified}

    looked = step("FindVerdict", answer=answer, run="r1", registration=registration, base={"changing": changing})

    assert looked.asked == {"Bucket": NAMES.data_bucket, "Key": "reports/rates/r1/verdict.json"}
    assert (looked.kept["verdict"], looked.kept["isFinished"]) == ({"verdict": "MATCH", "mode": "official"}, finished)


def test_a_catch_up_without_a_verdict_or_items_begins_anew() -> None:
    verdict = step("FindVerdict", answer=Failed("S3.NoSuchKeyException"), run="r1")
    assert (verdict.to, verdict.kept["verdict"]) == ("VerifyTables", {"verdict": "", "mode": ""})
    assert verdict.kept["isFinished"] is False
    assert step("FindSummary", answer=Failed("S3.NoSuchKeyException"), run="r1", clones={}).to == "RunBootstrap"


def test_a_table_is_described_with_all_its_tags_before_it_is_changed() -> None:
    variables = {"pageToken": "", "tableTags": []}
    assert step("TakeProvenTable", state_input=OWN).kept == {"own": OWN, **variables}
    described = step("DescribeProvenTable", answer={"Table": {"TableArn": "a", "TableId": "i"}}, own=OWN)
    assert (described.asked, described.kept["existing"]) == ({"TableName": "T-n"}, {"arn": "a", "id": "i"})

    first = step("ListProvenTags", answer={"Tags": [{"Key": "k", "Value": "v"}], "NextToken": "t"}, **variables, existing={"arn": "a"})  # fmt: skip  # noqa: E501 - one call
    second = step("ListProvenTags", answer={"Tags": [{"Key": "l", "Value": "w"}, {"Key": "m", "Value": ""}]}, **first.kept)  # fmt: skip  # noqa: E501 - one call

    assert (first.asked, second.asked) == ({"ResourceArn": "a"}, {"ResourceArn": "a", "NextToken": "t"})
    assert second.kept["tableTags"] == ["k=v", "l=w", "m="]
    assert (first.kept["pageToken"], second.kept["pageToken"]) == ("t", "")
    proven = step("TableIsProven", own=OWN, existing={"arn": "a", "id": "i"}).output
    assert proven == {"ok": True, "name": "T", "tableName": "T-n", "arn": "a", "id": "i"}


def test_the_tables_to_change_are_kept_by_name() -> None:
    good = [{"ok": True, "name": name, "id": name} for name in TABLES]

    assert kept("VerifyTables", good) == {
        "failure": {"error": "", "cause": ""},
        "targets": {name: good[number] for number, name in enumerate(TABLES)},
    }
    bad = {"ok": False, "name": "T", "error": "TableReplaced", "cause": "c"}
    assert kept("VerifyTables", [good[0], bad]) == {
        "failure": {"error": "TableReplaced", "cause": "T: c"},
        "targets": {TABLES[0]: good[0]},
    }


@pytest.mark.parametrize(
    ("changes", "adoptable"),
    [
        ({}, True),
        ({"specHash": "000000000001ff"}, False),
        ({"failure": {"error": "RowsRejected"}}, False),
        ({"clones": {**dict.fromkeys(CLUSTERS, "m"), CLUSTERS[0]: "n"}}, False),
        ({"clones": dict.fromkeys(CLUSTERS[1:], "m")}, False),
    ],
)
def test_a_catch_up_adopts_items_of_the_same_catalog_and_clones(*, changes: dict[str, Any], adoptable: bool) -> None:
    answer = body(**{"specHash": f"{NAMES.spec_hash}ff", "failure": None, "clones": dict.fromkeys(CLUSTERS, "m"), **changes})  # fmt: skip  # noqa: E501 - one object
    clones = {name: {"host": "h", "createdAt": "m"} for name in CLUSTERS}

    assert step("FindSummary", answer=answer, run="r1", clones=clones).kept["isAdoptable"] is adoptable


def test_a_catch_up_takes_an_earlier_release_if_both_its_later_jobs_are_there() -> None:
    old = "1.0.0-00000000000a"
    files = [{"Key": f"releases/{old}/{name}", "LastModified": "m"} for name in ("x.jar", "compare.py", "delta.py")]
    new = {"key": "k", "release": "1.1.0-00000000000b", "modified": "n"}

    def release(contents: list[dict[str, str]]) -> object:
        return step("FindRelease", answer={"Contents": contents}, summary={"release": old}, jar=new).kept["jar"]

    assert release(files) == {"key": files[0]["Key"], "release": old, "modified": "m"}
    assert [release([file for file in files if file != missing]) for missing in files] == [new] * 3


def test_earlier_changes_are_looked_for_and_adopted_where_they_are_kept() -> None:
    newest = {"Bucket": NAMES.data_bucket, "Key": "changes/rates/r1/newest.json"}
    looked = step("FindChanges", answer=body(attempt="x0"), run="r1")
    assert (looked.asked, looked.kept["earlier"]) == (newest, {"attempt": "x0"})
    assert step("FindChanges", answer=Failed("S3.NoSuchKeyException"), run="r1").to == "PrepareDelta"
    assert kept("AdoptChanges", None, earlier={"attempt": "x0"}, changesAttempt="x1") == {"changesAttempt": "x0"}

    read = step("ReadChanges", answer=body(attempt="x0"), run="r1", changesAttempt="x0")
    assert read.asked == {"Bucket": NAMES.data_bucket, "Key": "changes/rates/r1/x0/summary.json"}
    assert read.kept["changes"] == {"attempt": "x0"}
    variables = {"run": "r1", "changesAttempt": "x0", "bootstrapAttempt": "x3", "base": BASE, "jar": {"release": "r"}}
    written = {"attempt": "x0", "items": "x3", "base": "r0/x0", "release": "r"}
    assert step("KeepChanges", answer={}, **variables).asked == {**newest, "Body": written}


def test_the_delta_job_reads_what_it_compares_with_and_nothing_more() -> None:
    compared = {name: {"prefix": "p/", "items": 3, "listing": "l"} for name in TABLES}

    assert kept("PrepareDelta", None, base=BASE) == {"deltaBase": {"run": "r0", "attempt": "x0", "tables": compared}}


JOB: dict[str, Any] = {
    "applications": ["a"], "jobRoleArn": "role", "attempt": "x1", "run": "r1", "execution": "e", "mode": "official",
    "jar": {"key": "releases/1/x.jar", "release": "1"}, "parallelism": 2, "clones": {"c": {"host": "h"}},
    "bootstrapAttempt": "x0", "exports": [{"table": "T", "manifest": "m"}], "deltaBase": {"run": "r0"},
    "deltaOptions": ["--max-delete-percent", "5"], "repair": False,
}  # fmt: skip
COMMON = [
    "--spec", f"s3://{NAMES.artifacts_bucket}/{NAMES.spec_key}", "--data", f"s3://{NAMES.data_bucket}",
    "--domain", "rates", "--run", "r1", "--attempt", "x1", "--mode", "official", "--parallelism", "2",
    "--clones", '{"c":{"host":"h"}}',
]  # fmt: skip
DELTA = [*COMMON, "--items", "x0"]
EXPORTS = ["--exports", '[{"table":"T","manifest":"m"}]']


@pytest.mark.parametrize(
    ("state", "repair", "arguments"),
    [
        ("RunBootstrap", False, COMMON),
        ("RunBootstrap", True, COMMON),
        ("RunDelta", False, [*DELTA, "--base", '{"run":"r0"}', "--max-delete-percent", "5"]),
        ("RunDelta", True, [*DELTA, *EXPORTS, "--max-delete-percent", "5"]),
        ("RunCompare", False, [*COMMON, *EXPORTS]),
        ("RunCompare", True, [*COMMON, *EXPORTS]),
    ],
)
def test_each_job_of_a_catch_up_is_started_once_with_its_arguments(
    *, state: str, repair: bool, arguments: list[str]
) -> None:
    job = state.removeprefix("Run").lower()

    asked = step(state, answer={}, **{**JOB, "repair": repair}).asked

    token = hashlib.sha256(f"r1|e|{job}".encode()).hexdigest()
    assert {key: asked[key] for key in ("ApplicationId", "ExecutionRoleArn", "Name", "ClientToken", "Tags")} == {
        "ApplicationId": "a", "ExecutionRoleArn": "role", "Name": f"rates-{job}-x1", "ClientToken": token,
        "Tags": {"migration:system": SYSTEM, "migration:run": "r1", "migration:domain": "rates"},
    }  # fmt: skip
    submit = asked["JobDriver"]["SparkSubmit"]
    assert submit == {
        "EntryPoint": f"s3://{NAMES.artifacts_bucket}/releases/1/{job}.py",
        "EntryPointArguments": arguments,
    }


@pytest.mark.parametrize("state", ["RunBootstrap", "RunDelta", "RunCompare"])
def test_a_job_of_a_catch_up_that_ends_badly_is_asked_why(state: str) -> None:
    job = state.removeprefix("Run")
    ended = json.dumps({"JobRunId": "j", "State": "FAILED", "StateDetails": "d"})

    failed = step(state, answer=Failed("EMRServerless.JobFailed", ended), **JOB)

    assert (failed.to, failed.kept["jobError"]) == (f"Read{job}Failure", "job run j ended FAILED: d")


def test_the_delta_jobs_failure_is_recorded_by_its_name() -> None:
    variables = {"run": "r1", "attempt": "x1", "jobError": "job run 1 ended FAILED"}

    def failure(answer: object) -> dict[str, str]:
        read = step("ReadDeltaFailure", answer=answer, **variables)
        assert read.asked == {"Bucket": NAMES.data_bucket, "Key": "failures/rates/r1/delta.json"}
        assert read.to == "RecordFailure"
        recorded: dict[str, str] = read.kept["failure"]
        return recorded

    for name in ("ReleaseChanged", "BaseNotFound", "TooManyDeletions", "TooManyChanges"):
        recorded = failure(body(attempt="x1", error=name, cause="c"))
        assert recorded == {"error": name, "cause": "c. Resume with: migrate resume r1"}
    assert failure(body(attempt="x1", error="Odd", cause="c")) == {"error": "DeltaFailed", "cause": "Odd: c"}
    for silent in (body(attempt="x0", error="BaseNotFound", cause="c"), Failed("S3.NoSuchKeyException")):
        assert failure(silent)["error"] == "DeltaFailed"
        assert failure(silent)["cause"].startswith("the Spark job did not report why it failed. job run 1 ended")


def test_a_clone_of_a_catch_up_is_held_against_the_instant_of_its_base() -> None:
    item = value(
        MACHINE["States"]["CloneClusters"]["ItemSelector"],
        states={"context": {"Map": {"Item": {"Value": "c"}}}},
        base={"instants": {"b": "other", "c": INSTANT}},
        registration={"began": "b", "officialRuns": ["a/1"]}, run="r1", mode="official",
    )  # fmt: skip

    assert item == {
        "cluster": "c", "run": "r1", "mode": "official", "began": "b", "officialRuns": ["a/1"], "proven": INSTANT,
    }  # fmt: skip


def test_a_table_to_verify_is_the_one_of_the_base() -> None:
    item = value(
        MACHINE["States"]["VerifyTables"]["ItemSelector"],
        states={"context": {"Map": {"Item": {"Value": "T"}}}},
        base={"tables": {"T": {"tableId": "i"}}}, suffix="-n", run="r1", mode="official", repair=False, applied="",
    )  # fmt: skip

    own = {"run": "r1", "mode": "official", "repair": False, "applied": ""}
    assert item == {"table": "T", "tableName": "T-n", "tableId": "i", **own}


def test_a_catch_up_that_succeeds_reports_its_tables() -> None:
    output = step(
        "Succeed", run="r1", mode="official", verdict={"verdict": "MATCH", "release": "r"}, migrated=[{"name": "T"}],
        ended={"status": "DESTROY"}, keepClones=False, others=[],
    ).output  # fmt: skip

    assert output == {
        "domain": "rates", "run": "r1", "mode": "official", "verdict": "MATCH", "release": "r",
        "report": f"s3://{NAMES.data_bucket}/reports/rates/r1/report.json", "tables": [{"name": "T"}],
        "clones": "destroyed", "others": [],
    }  # fmt: skip
    read = step("ReadVerdict", answer=body(verdict="MATCH"), run="r1")
    assert read.asked == {"Bucket": NAMES.data_bucket, "Key": "reports/rates/r1/verdict.json"}


@pytest.mark.parametrize("name", [name for name, state in STATES.items() if state["Type"] == "Map"])
def test_as_many_items_of_a_catch_up_run_at_once_as_the_input_says(name: str) -> None:
    assert value(STATES[name]["MaxConcurrency"], parallelism=7) == 7
    assert STATES[name]["ItemProcessor"]["ProcessorConfig"] == {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}


@pytest.mark.parametrize("name", [name for name, state in STATES.items() if state["Type"] in ("Task", "Map")])
def test_what_a_call_of_a_catch_up_answers_goes_no_further_than_into_variables(name: str) -> None:
    assert value(STATES[name]["Output"]) == {}


def test_what_a_pass_of_a_catch_up_keeps_goes_no_further_than_into_variables() -> None:
    assert carrying_passes(STATES) == {"DefineVariables", "TakeCluster", "ListStatuses"}
