"""What the registry asks of Step Functions and EMR Serverless, with clients in memory."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from run_registry.executions import AwsExecutions

if TYPE_CHECKING:
    from collections.abc import Iterator

ARN = "arn:aws:states:eu-west-1:971779422973:execution:migration-test-rates:run-1"
# https://docs.aws.amazon.com/emr-serverless/latest/APIReference/API_JobRunSummary.html
BEFORE_THE_END = ("SUBMITTED", "PENDING", "SCHEDULED", "QUEUED", "RUNNING")
ENDED = ("SUCCESS", "FAILED", "CANCELLED")


class Emr:
    """Job runs of an application, two to a page, chosen by state as ListJobRuns does."""

    def __init__(self, *runs: dict[str, Any]) -> None:
        self.runs = runs
        self.cancelled: list[str] = []

    def get_paginator(self, _operation: str) -> Any:  # noqa: ANN401 - a paginator
        return SimpleNamespace(paginate=self._pages)

    def _pages(self, *, applicationId: str, states: list[str] | None = None) -> Iterator[dict[str, Any]]:  # noqa: N803 - boto3's
        assert applicationId == "app"
        runs = [run for run in self.runs if states is None or run["state"] in states]
        for first in range(0, len(runs), 2):
            yield {"jobRuns": runs[first : first + 2]}

    def cancel_job_run(self, *, applicationId: str, jobRunId: str) -> None:  # noqa: N803 - boto3's
        assert applicationId == "app"
        self.cancelled.append(jobRunId)


def job(name: str, state: str) -> dict[str, Any]:
    return {"id": f"{name} {state}", "name": name, "state": state}


@pytest.mark.parametrize("state", BEFORE_THE_END)
@pytest.mark.parametrize("name", ["rates-bootstrap-run-1", "rates-compare-run-1"])
def test_a_dead_runs_job_is_cancelled_in_whatever_state_it_waits_or_works(name: str, state: str) -> None:
    emr = Emr(job(name, state))

    assert AwsExecutions(None, emr, "app").cancel_jobs("rates", ARN) == 1
    assert emr.cancelled == [f"{name} {state}"]


def test_a_job_that_is_being_cancelled_is_waited_for_and_not_cancelled_again() -> None:
    emr = Emr(job("rates-bootstrap-run-1", "CANCELLING"))

    assert AwsExecutions(None, emr, "app").cancel_jobs("rates", ARN) == 1
    assert emr.cancelled == []


def test_every_page_is_read_and_the_jobs_of_others_and_those_that_ended_are_left_alone() -> None:
    others = [job(name, "RUNNING") for name in ("rates-bootstrap-run-10", "availability-bootstrap-run-1", "run-1")]
    ended = [job("rates-bootstrap-run-1", state) for state in ENDED]
    emr = Emr(*others, *ended, job("rates-compare-run-1", "QUEUED"), job("rates-bootstrap-run-1", "RUNNING"))

    assert AwsExecutions(None, emr, "app").cancel_jobs("rates", ARN) == 2
    assert emr.cancelled == ["rates-compare-run-1 QUEUED", "rates-bootstrap-run-1 RUNNING"]
