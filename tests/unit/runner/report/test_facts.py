"""The facts of the run itself in a report: each is whole, and an unknown one is None."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from runner import links
from runner.report.inputs.execution import Request
from runner.report.model.base import Value
from runner.report.sections.extracts import _value
from tests.unit.runner.report import samples
from tests.unit.runner.report.raw import document_of


def job(number: int, name: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    return {"jobRunId": f"job-{number}", "applicationId": "app", "name": name, "state": "SUCCESS", **more}


def test_a_run_is_what_its_newest_attempt_was_given() -> None:
    run = document_of(samples.match())["run"]

    known = {
        "id": samples.RUN,
        "domain": "rates",
        "environment": "test",
        "mode": "rehearsal",
        "parallelism": 9,
        "requestedBy": "ana",
        "approvedBy": None,
        "keepClones": False,
    }
    assert {name: run[name] for name in known} == known
    assert (run["startedAt"], run["seconds"]) == ("2026-11-25T12:00:01.000Z", 47.0)


@pytest.mark.parametrize(
    ("requested", "identity", "mode"),
    [
        ({"mode": "official"}, {"mode": "rehearsal"}, "official"),
        ({}, {"mode": "official"}, "official"),
        ({}, {}, "rehearsal"),
        ({"mode": "ofical"}, {}, "rehearsal"),
    ],
)
def test_a_mode_is_the_inputs_the_documents_or_a_rehearsals(
    requested: dict[str, str], identity: dict[str, str], mode: str
) -> None:
    evidence = samples.match()
    attempts = tuple(replace(attempt, input=Request.model_validate(requested)) for attempt in evidence.attempts)
    documents = {"mode": None, **identity}
    changed = replace(
        evidence,
        attempts=attempts,
        verdict={**(evidence.verdict or {}), **documents},
        manifest={**(evidence.manifest or {}), **documents},
    )

    assert document_of(changed)["run"]["mode"] == mode


def test_each_job_run_is_shown_with_what_it_was_billed_and_its_own_phases() -> None:
    evidence = samples.match()
    billed = {"vCPUHour": 1.5, "memoryGBHour": 6.0}
    runs = (
        job(1, f"rates-bootstrap-{samples.RUN}", totalExecutionDurationSeconds=60, billedResourceUtilization=billed),
        job(2, f"rates-compare-{samples.RUN}"),
        job(3, "rates-bootstrap-earlier"),
    )
    phases = {"read": 1.0}
    changed = replace(evidence, job_runs=runs, manifest={**(evidence.manifest or {}), "phases": phases})

    jobs = document_of(changed)["jobs"]

    assert [run["job"] for run in jobs] == ["bootstrap", "compare", "bootstrap"]
    assert jobs[0] == {
        "job": "bootstrap", "jobRunId": "job-1", "applicationId": "app", "state": "SUCCESS", "seconds": 60,
        "billedVcpuHours": 1.5, "billedMemoryGbHours": 6.0, "phaseSeconds": phases,
        "links": {
            "application": links.spark_applications("eu-west-1"),
            "driverLog": links.driver_log("eu-west-1", "/aws/emr-serverless/migration-test-spark", "app", "job-1"),
            "logFiles": links.s3("eu-west-1", "s3://data/logs/applications/app/jobs/job-1/"),
        },
    }  # fmt: skip
    assert (jobs[2]["phaseSeconds"], jobs[2]["seconds"], jobs[2]["billedVcpuHours"]) == ({}, None, None)


def test_a_job_run_is_of_the_job_that_its_name_begins_with() -> None:
    names = ("rates-compare-rates-bootstrap-1", "rates-bootstrap-rates-delta-1", "rates-delta-rates-compare-1")
    runs = tuple(job(number, name) for number, name in enumerate(names))

    jobs = document_of(replace(samples.match(), job_runs=runs))["jobs"]

    assert [run["job"] for run in jobs] == ["compare", "bootstrap", "delta"]


def test_a_document_is_named_where_it_lies_and_what_is_not_there_is_not_named() -> None:
    base, below = "s3://data", f"rates/{samples.RUN}"
    evidence = replace(samples.match(), bucket="data", job_runs=(job(1, "x"),))
    whole = {
        "verdict": f"{base}/reports/{below}/verdict.json", "comparison": f"{base}/reports/{below}/report.json",
        "differences": None, "manifest": f"{base}/processed/{below}/manifest.json",
        "rejects": f"{base}/rejects/{below}/", "logs": f"{base}/logs/",
        "changes": None, "conflicts": None,
    }  # fmt: skip

    assert document_of(evidence)["places"] == whole
    differing = replace(evidence, verdict={**(evidence.verdict or {}), "verdict": "MISMATCH"})
    assert document_of(differing)["places"]["differences"] == f"{base}/reports/{below}/mismatches/"
    nothing = document_of(replace(evidence, manifest=None, verdict=None, comparison=None, job_runs=()))["places"]
    assert nothing == dict.fromkeys(whole)


def test_a_value_is_cut_at_1024_characters_and_says_so() -> None:
    assert _value("x" * 1024) == Value(type=None, text="x" * 1024, characters=1024, cut=False)
    assert _value("x" * 1025) == Value(type=None, text="x" * 1024, characters=1025, cut=True)
    assert _value(None).text == "null"


def test_a_refused_input_is_shown_as_far_as_it_is_what_an_input_may_be() -> None:
    evidence = samples.refused()
    (attempt,) = evidence.attempts
    request = Request.model_validate({"parallelism": "many", "requestedBy": 7, "keepClones": "no", "approvedBy": "bo"})

    run = document_of(replace(evidence, attempts=(replace(attempt, input=request),)))["run"]

    assert [run[name] for name in ("parallelism", "requestedBy", "keepClones", "approvedBy")] == [
        None,
        None,
        None,
        "bo",
    ]


def test_a_failure_before_any_phase_names_none() -> None:
    evidence = samples.match()
    (attempt,) = evidence.attempts
    early = replace(attempt, status="FAILED", error="RegistryFailed", cause="c", phases=())
    changed = replace(evidence, attempts=(early,), verdict=None, comparison=None, manifest=None)

    assert document_of(changed)["outcome"]["title"] == "Failed: RegistryFailed"
    assert document_of(changed)["headline"] == "c. Nothing was compared."
