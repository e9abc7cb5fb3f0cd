"""The registry's calls of Step Functions and EMR Serverless, with clients in memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from run_registry.executions import AwsExecutions, Execution, Items, may_be_unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

ARN = "arn:aws:states:eu-west-1:971779422973:execution:migration-test-rates:run-1"
# https://docs.aws.amazon.com/emr-serverless/latest/APIReference/API_JobRunSummary.html
BEFORE_THE_END = ("SUBMITTED", "PENDING", "SCHEDULED", "QUEUED", "RUNNING")
ENDED = ("SUCCESS", "FAILED", "CANCELLED")


class Emr:
    """Job runs of an application, two to a page, chosen by state as ListJobRuns does."""

    def __init__(self, *runs: dict[str, Any], keeps_to_states: bool = True) -> None:
        self.runs = runs
        self.keeps_to_states = keeps_to_states
        self.cancelled: list[str] = []

    def get_paginator(self, _operation: str) -> Any:  # noqa: ANN401 - a paginator
        return SimpleNamespace(paginate=self._pages)

    def _pages(self, *, applicationId: str, states: list[str]) -> Iterator[dict[str, Any]]:  # noqa: N803 - boto3's
        assert applicationId == "app"
        runs = [run for run in self.runs if run["state"] in states or not self.keeps_to_states]
        for first in range(0, len(runs), 2):
            yield {"jobRuns": runs[first : first + 2]}

    def cancel_job_run(self, *, applicationId: str, jobRunId: str) -> None:  # noqa: N803 - boto3's
        assert applicationId == "app"
        self.cancelled.append(jobRunId)


def job(name: str, state: str) -> dict[str, Any]:
    return {"id": f"{name} {state}", "name": name, "state": state}


@pytest.mark.parametrize("state", BEFORE_THE_END)
@pytest.mark.parametrize("name", ["rates-bootstrap-run-1", "rates-delta-run-1", "rates-compare-run-1"])
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


@pytest.mark.parametrize("state", ENDED)
def test_a_job_that_is_listed_although_it_ended_is_left_alone(state: str) -> None:
    emr = Emr(job("rates-bootstrap-run-1", state), keeps_to_states=False)

    assert AwsExecutions(None, emr, "app").cancel_jobs("rates", ARN) == 0
    assert emr.cancelled == []


class States:
    """Executions by ARN, and the Map Runs of each with their items, one to a page."""

    class exceptions:  # noqa: D106, N801 - boto3's name
        ExecutionDoesNotExist = LookupError

    def __init__(
        self, executions: dict[str, dict[str, Any]], runs: dict[str, list[dict[str, Any]]] | None = None
    ) -> None:
        self._executions = executions
        self._runs = runs or {}
        self.stopped: list[str] = []

    def describe_execution(self, *, executionArn: str, includedData: str) -> dict[str, Any]:  # noqa: N803 - boto3's
        assert includedData == "METADATA_ONLY"
        return self._executions[executionArn]

    def get_paginator(self, operation: str) -> Any:  # noqa: ANN401 - a paginator
        return SimpleNamespace(paginate={"list_map_runs": self._map_runs, "list_executions": self._items}[operation])

    def _map_runs(self, *, executionArn: str) -> Iterator[dict[str, Any]]:  # noqa: N803 - boto3's
        if executionArn not in self._executions:
            raise LookupError
        for run in self._runs:
            yield {"mapRuns": [{"mapRunArn": run, **({} if run.endswith("open") else {"stopDate": at(1)})}]}

    def _items(self, *, mapRunArn: str) -> Iterator[dict[str, Any]]:  # noqa: N803 - boto3's
        for item in self._runs[mapRunArn]:
            yield {"executions": [item]}

    def stop_execution(self, *, executionArn: str, cause: str) -> None:  # noqa: N803 - boto3's
        assert cause == "the run's execution ended"
        self.stopped.append(executionArn)


def at(minute: int) -> datetime:
    return datetime(2026, 1, 1, 12, minute, tzinfo=UTC)


def executions(states: States) -> AwsExecutions:
    return AwsExecutions(states, None, "app")


@pytest.mark.parametrize(
    ("described", "execution"),
    [
        ({"status": "RUNNING"}, Execution(living=True)),
        ({"status": "PENDING_REDRIVE"}, Execution(living=True)),
        ({"status": "RUNNING", "redriveCount": 0}, Execution(living=True)),
        ({"status": "RUNNING", "redriveCount": 1}, Execution(living=True, redriven=True)),
        ({"status": "FAILED", "stopDate": at(5)}, Execution(living=False, stopped=at(5))),
        ({"status": "SUCCEEDED", "stopDate": at(5)}, Execution(living=False, stopped=at(5))),
        ({"status": "ABORTED", "stopDate": at(5)}, Execution(living=False, stopped=at(5))),
        ({"status": "TIMED_OUT", "stopDate": at(5)}, Execution(living=False, stopped=at(5))),
    ],
    ids=lambda value: value.get("status") if isinstance(value, dict) else "",
)
def test_an_execution_lives_until_it_ended_and_says_whether_it_was_redriven(
    described: dict[str, Any], execution: Execution
) -> None:
    assert executions(States({ARN: described})).find(ARN) == execution


def test_an_execution_that_step_functions_does_not_know_is_neither_living_nor_known() -> None:
    assert executions(States({})).find(ARN) == Execution(living=False, known=False)
    assert executions(States({})).stop_items(ARN) == Items(open=0, stopped=None)


def test_an_execution_without_map_runs_left_nothing() -> None:
    assert executions(States({ARN: {}})).stop_items(ARN) == Items(open=0, stopped=None)


def test_items_that_run_are_stopped_and_the_last_end_is_remembered() -> None:
    states = States(
        {ARN: {}},
        {
            "first": [
                {"executionArn": "a", "status": "SUCCEEDED", "stopDate": at(3)},
                {"executionArn": "b", "status": "RUNNING"},
            ],
            "second": [
                {"executionArn": "c", "status": "FAILED", "stopDate": at(9)},
                {"executionArn": "d", "status": "ABORTED", "stopDate": at(4)},
                {"executionArn": "e", "status": "RUNNING"},
            ],
        },
    )

    assert executions(states).stop_items(ARN) == Items(open=2, stopped=at(9))
    assert states.stopped == ["b", "e"]


def test_a_map_run_that_may_begin_more_items_is_open_though_none_runs() -> None:
    states = States({ARN: {}}, {"still open": [{"executionArn": "a", "status": "SUCCEEDED", "stopDate": at(3)}]})

    assert executions(states).stop_items(ARN) == Items(open=1, stopped=at(3))
    assert states.stopped == []


@pytest.mark.parametrize(("known", "days", "unknown"), [(False, 90, True), (False, 90.1, False), (True, 1, False)])
def test_an_execution_may_live_unknown_until_it_would_be_forgotten(*, known: bool, days: float, unknown: bool) -> None:
    execution = Execution(living=False, known=known)

    assert may_be_unknown(execution, at(0).isoformat(), at(0) + timedelta(days=days)) == unknown
