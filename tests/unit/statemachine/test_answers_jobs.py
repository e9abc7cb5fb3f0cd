"""The release of a run, the arguments of its jobs, and their reports."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from tests.unit.statemachine.stepping import LIMITS, MACHINE, NAMES, STATES, Failed, body, kept, step

CLUSTERS = MACHINE["States"]["CloneClusters"]["Items"]

MADE_AT = dict.fromkeys(CLUSTERS, "2026-01-01T00:00:00Z")


def release(name: str, modified: str = "2026-01-01T00:00:00Z", file: str = "x.jar") -> dict[str, str]:
    return {"Key": f"releases/{name}/{file}", "LastModified": modified}


OLD, NEW = "1.0.0-00000000000a", "1.1.0-00000000000b"

NO_JAR = {"key": "", "release": "", "modified": ""}


def test_the_newest_release_of_all_pages_is_run() -> None:
    old, new = release(OLD), release(NEW, "2026-02-01T00:00:00Z")
    files = [release(NEW, "2026-03-01T00:00:00Z", "compare.py"), release("9.9.9", "2026-03-01T00:00:00Z")]

    first = step(
        "ListJars",
        answer={"Contents": [new, old, *files], "NextContinuationToken": "t"},
        jar=NO_JAR,
        jarKey="",
        jarToken="",
    )
    second = step("ListJars", answer={"Contents": [old]}, **first.kept)

    bucket = {"Bucket": NAMES.artifacts_bucket, "Prefix": "releases/", "MaxKeys": LIMITS.list_keys}
    assert (first.asked, second.asked) == (bucket, {**bucket, "ContinuationToken": "t"})
    assert second.kept["jar"] == {"key": new["Key"], "release": NEW, "modified": new["LastModified"]}
    assert (first.kept["jarToken"], second.kept["jarToken"]) == ("t", "")


def test_the_release_that_the_input_names_is_run_and_no_other() -> None:
    old, new = release(OLD), release(NEW, "2026-02-01T00:00:00Z")

    looked = step("ListJars", answer={"Contents": [old, new]}, jar=NO_JAR, jarKey=old["Key"], jarToken="")

    assert looked.kept["jar"]["release"] == OLD
    missing = step("ListJars", answer={"Contents": [new]}, jar=NO_JAR, jarKey=old["Key"], jarToken="")
    assert missing.kept["jar"] == NO_JAR


def test_a_release_that_wrote_items_is_taken_if_it_is_whole() -> None:
    whole = [release(OLD), release(OLD, file="compare.py"), release(OLD, file="bootstrap.py")]
    variables: dict[str, Any] = {"summary": {"release": OLD}, "jar": {"key": "k", "release": NEW, "modified": "m"}}

    def taken(contents: list[dict[str, str]]) -> str:
        looked = step("FindRelease", answer={"Contents": contents}, **variables)
        assert looked.asked == {"Bucket": NAMES.artifacts_bucket, "Prefix": f"releases/{OLD}/", "MaxKeys": 100}
        return str(looked.kept["jar"]["release"])

    assert taken(whole) == OLD
    assert taken(whole[:1]) == taken(whole[1:]) == NEW
    jar = step("FindRelease", answer={"Contents": whole}, **variables).kept["jar"]
    assert jar == {"key": whole[0]["Key"], "release": OLD, "modified": whole[0]["LastModified"]}


def test_the_applications_of_our_name_are_gathered_from_all_pages() -> None:
    ours = {"Name": NAMES.application_name, "Id": "1"}
    listed = {"Applications": [ours, {"Name": "other", "Id": "2"}], "NextToken": "t"}

    first = step("ListApplications", answer=listed, applications=[])
    second = step("ListMoreApplications", answer={"Applications": [{**ours, "Id": "3"}]}, **first.kept)

    states = ["CREATING", "CREATED", "STARTING", "STARTED", "STOPPING", "STOPPED"]
    assert first.asked == {"MaxResults": 50, "States": states}
    assert second.asked == {"MaxResults": 50, "States": states, "NextToken": "t"}
    assert first.kept == {"applications": ["1"], "applicationToken": "t"}
    assert second.kept == {"applications": ["1", "3"], "applicationToken": ""}


def summary(**changes: Any) -> dict[str, Any]:
    clones = dict(MADE_AT)
    return body(**{"specHash": f"{NAMES.spec_hash}ff", "failure": None, "clones": clones, "release": "r1", **changes})


@pytest.mark.parametrize(
    ("changes", "adoptable"),
    [
        ({}, True),
        ({"specHash": "000000000001ff"}, False),
        ({"failure": {"error": "RowsRejected"}}, False),
        ({"clones": {**MADE_AT, CLUSTERS[0]: "2026-01-02T00:00:00Z"}}, False),
        ({"clones": {name: MADE_AT[name] for name in CLUSTERS[1:]}}, False),
        ({"clones": {}}, False),
    ],
)
def test_items_are_adopted_that_the_same_catalog_made_of_the_same_clones(
    *, changes: dict[str, Any], adoptable: bool
) -> None:
    clones = {name: {"host": "h", "createdAt": time} for name, time in MADE_AT.items()}

    looked = step("FindSummary", answer=summary(**changes), run="r1", clones=clones)

    assert looked.asked == {"Bucket": NAMES.data_bucket, "Key": "processed/rates/r1/summary.json"}
    assert looked.kept["isAdoptable"] is adoptable
    assert looked.kept["summary"]["release"] == "r1"


def test_adopted_items_are_those_of_the_attempt_that_wrote_them() -> None:
    assert kept("AdoptSummary", None, summary={"attempt": "x0"}, bootstrapAttempt="x1") == {"bootstrapAttempt": "x0"}


def test_the_summary_is_read_where_the_job_writes_it() -> None:
    read = step("ReadSummary", answer=body(attempt="a"), run="r1")

    assert read.asked == {"Bucket": NAMES.data_bucket, "Key": "processed/rates/r1/summary.json"}
    assert read.kept["summary"] == {"attempt": "a"}


def test_a_jobs_failure_is_told_in_its_own_words() -> None:
    for state, job, fallback in (
        ("ReadBootstrapFailure", "bootstrap", "BootstrapFailed"),
        ("ReadCompareFailure", "compare", "CompareFailed"),
    ):
        variables = {"run": "r1", "attempt": "x1", "jobError": "job run 1 ended FAILED"}

        def failure(answer: object, state: str = state, variables: dict[str, str] = variables) -> dict[str, str]:
            recorded: dict[str, str] = step(state, answer=answer, **variables).kept["failure"]
            return recorded

        looked = step(state, answer=body(attempt="x1", error="E", cause="c"), **variables)
        assert looked.asked == {"Bucket": NAMES.data_bucket, "Key": f"failures/rates/r1/{job}.json"}
        assert looked.to == "RecordFailure"
        named = failure(body(attempt="x1", error="SourceNotVisible", cause="it is hidden"))
        assert named == {"error": "SourceNotVisible", "cause": "it is hidden. Resume with: migrate resume r1"}
        ended = failure(body(attempt="x1", error="SourceNotVisible", cause="it is hidden!"))
        assert ended["cause"] == "it is hidden! Resume with: migrate resume r1"
        recorded = failure(body(attempt="x1", error="SourceNotVisible", cause="do: migrate check"))
        assert recorded["cause"] == "do: migrate check"
        assert failure(body(attempt="x1", error="Odd", cause="c")) == {"error": fallback, "cause": "Odd: c"}
        for silent in (body(attempt="x0", error="SourceNotVisible", cause="c"), Failed("S3.NoSuchKeyException")):
            said = failure(silent)
            assert said["error"] == fallback
            assert said["cause"].startswith("the Spark job did not report why it failed. job run 1 ended FAILED")
        text = "".join(f"{number:05}" for number in range(8000))
        long = failure(body(attempt="x1", error="SourceNotVisible", cause=text))
        assert long["cause"] == f"{text[:29_000]}. Resume with: migrate resume r1"
        assert failure(body(attempt="x1", error="Odd", cause=text))["cause"] == f"Odd: {text}"[:30_000]
        for silent in (body(attempt="x0", error="SourceNotVisible", cause="c"), Failed("S3.NoSuchKeyException")):
            cause = step(state, answer=silent, **{**variables, "jobError": text}).kept["failure"]["cause"]
            assert cause == f"the Spark job did not report why it failed. {text}"[:30_000]


def test_of_a_job_run_that_ended_its_state_is_told_and_no_row_that_an_exception_quotes() -> None:
    ended = {"JobRunId": "j", "State": "FAILED", "StateDetails": "it failed. Last few exceptions: row 7"}
    clones: dict[str, Any] = {
        "applications": ["a"],
        "jobRoleArn": "r",
        "attempt": "x",
        "run": "r1",
        "execution": "e",
        "jar": {"key": "releases/1/x.jar", "release": "1"},
        "mode": "official",
        "parallelism": 1,
        "clones": {},
        "exports": [],
        "jobOptions": [],
        "verify": False,
    }
    for state, then in (("RunBootstrap", "ReadBootstrapFailure"), ("RunCompare", "ReadCompareFailure")):
        failed = step(state, answer=Failed("EMRServerless.JobFailed", json.dumps(ended)), **clones)
        assert (failed.to, failed.kept["jobError"]) == (then, "job run j ended FAILED: it failed. ")
        refused = step(state, answer=Failed("EMRServerless.Denied", "no"), **clones)
        assert refused.kept["jobError"] == "EMRServerless.Denied: no"
        odd = step(state, answer=Failed("States.TaskFailed", '{"x": 1}'), **clones)
        assert odd.kept["jobError"] == 'States.TaskFailed: {"x": 1}'


@pytest.mark.parametrize(("state", "job"), [("RunBootstrap", "bootstrap"), ("RunCompare", "compare")])
def test_a_job_is_started_with_its_release_and_what_it_reads(state: str, job: str) -> None:
    variables: dict[str, Any] = {
        "applications": ["app"],
        "jobRoleArn": "role",
        "attempt": "x1",
        "run": "r1",
        "execution": "e",
        "jar": {"key": "releases/1-0/x.jar", "release": "1-0"},
        "mode": "official",
        "parallelism": 3,
        "clones": {"c": {"host": "h"}},
        "exports": [{"table": "T"}],
        "jobOptions": [],
        "verify": False,
    }

    started = step(state, answer={}, **variables).asked

    artifacts, data = f"s3://{NAMES.artifacts_bucket}", f"s3://{NAMES.data_bucket}"
    exports = ["--exports", '[{"table":"T"}]'] if job == "compare" else []
    assert started["JobDriver"] == {"SparkSubmit": {
        "EntryPoint": f"{artifacts}/releases/1-0/{job}.py",
        "EntryPointArguments": [
            "--spec", f"{artifacts}/{NAMES.spec_key}", "--data", data, "--domain", "rates", "--run", "r1",
            "--attempt", "x1", "--mode", "official", "--parallelism", "3", "--clones", '{"c":{"host":"h"}}', *exports,
        ],
    }}  # fmt: skip
    assert {key: started[key] for key in ("ApplicationId", "ExecutionRoleArn", "Name", "ClientToken", "Tags")} == {
        "ApplicationId": "app",
        "ExecutionRoleArn": "role",
        "Name": f"rates-{job}-x1",
        "ClientToken": hashlib.sha256(f"r1|e|{job}".encode()).hexdigest(),
        "Tags": {
            "migration:system": "rates-avail-migration-bootstrap",
            "migration:run": "r1",
            "migration:domain": "rates",
        },
    }
    (properties,) = [
        configuration["Properties"]
        for configuration in started["ConfigurationOverrides"]["ApplicationConfiguration"]
        if configuration["Classification"] == "spark-defaults"
    ]
    jar = f"{artifacts}/releases/1-0/x.jar"
    ours = {"spark.jars": jar, "spark.submit.pyFiles": jar, "spark.migration.release": "1-0"}
    assert ours.items() <= properties.items()
    assert properties["spark.sql.session.timeZone"] == "UTC"
    assert properties["spark.executor.extraJavaOptions"] == "-Duser.timezone=UTC"
    monitoring = started["ConfigurationOverrides"]["MonitoringConfiguration"]
    assert monitoring == {"S3MonitoringConfiguration": {"LogUri": f"{data}/logs/"}}
    assert STATES[state]["Resource"] == "arn:aws:states:::emr-serverless:startJobRun.sync"
    assert STATES[state]["TimeoutSeconds"] == started["ExecutionTimeoutMinutes"] * 60 + 600
