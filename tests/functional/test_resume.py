"""A real migration that is stopped while Spark works, twice, and resumed to its end."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from local.demo import run_summary
from runner.live.poll import follow
from tests.functional.recording import Quiet

if TYPE_CHECKING:
    from local.stack import LocalStack

_WITHIN_SECONDS = 900  # beside other work; a quiet machine takes seconds
RUN = {"runId": "resumed"}


def job_runs(stack: LocalStack) -> list[dict[str, Any]]:
    answer = stack.client("emr-serverless").list_job_runs(applicationId=stack.deployment.outputs["applicationId"])
    return list(answer["jobRuns"])


def stop_while(stack: LocalStack, job: str) -> dict[str, Any]:
    """Start the run, stop its execution while `job` is running, and return the job run, which goes on."""
    states = stack.client("stepfunctions")
    arn = states.start_execution(stateMachineArn=stack.machine_arn("rates"), input=json.dumps(RUN))["executionArn"]
    name = f"rates-{job}-{arn.rsplit(':', 1)[1]}"
    limit = time.monotonic() + _WITHIN_SECONDS
    while time.monotonic() < limit:
        for job_run in job_runs(stack):
            if job_run["name"] == name and job_run["state"] == "RUNNING":
                states.stop_execution(executionArn=arn)
                # Until then the registry takes it for running, and refuses the next attempt.
                while states.describe_execution(executionArn=arn)["status"] == "RUNNING":
                    time.sleep(0.2)
                return job_run
        time.sleep(0.2)
    raise AssertionError(f"{name} did not run; the execution is {states.describe_execution(executionArn=arn)}")


def test_a_migration_stopped_in_both_spark_jobs_resumes_to_a_match(stack: LocalStack, clean: None) -> None:  # noqa: ARG001 - it cleans up
    killed = [stop_while(stack, "bootstrap"), stop_while(stack, "compare")]
    states = stack.client("stepfunctions")
    arn = states.start_execution(stateMachineArn=stack.machine_arn("rates"), input=json.dumps(RUN))["executionArn"]

    (ended,) = follow(states, [arn], Quiet())

    assert (ended.status, ended.error) == ("SUCCEEDED", "")
    by_id = {run["id"]: run["state"] for run in job_runs(stack)}
    assert [by_id[run["id"]] for run in killed] == ["CANCELLED", "CANCELLED"]
    # The third attempt wrote, imported and exported nothing again.
    again = [run["name"] for run in job_runs(stack) if run["name"].endswith(ended.name)]
    assert again == [f"rates-compare-{ended.name}"]
    verdict = run_summary.document(stack, "reports/rates/resumed/verdict.json")
    assert {name: counts["matched"] for name, counts in verdict["tables"].items()} == {
        name: counts["compared"] for name, counts in verdict["tables"].items()
    }
    assert run_summary.clones_left(stack) == []
    assert run_summary.document(stack, "status/in-progress/rates.json") == {}
