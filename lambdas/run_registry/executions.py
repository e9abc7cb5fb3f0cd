"""Executions and job runs of a lock's owner, in Step Functions and EMR Serverless."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

# DescribeExecution knows an execution for this long after its end:
# https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
REMEMBERED = timedelta(days=90)
LONGEST_LIFE = timedelta(days=7)  # of an execution: the state machines' own timeout
_LIVING = ("RUNNING", "PENDING_REDRIVE")
_JOB_ENDS = ("SUCCESS", "FAILED", "CANCELLED")
_JOB_OPEN = ("SUBMITTED", "PENDING", "SCHEDULED", "QUEUED", "RUNNING", "CANCELLING")


@dataclass(frozen=True)
class Execution:
    """An execution as far as the registry cares."""

    living: bool
    stopped: datetime | None = None
    redriven: bool = False
    known: bool = True  # False: Step Functions does not know it yet, or has forgotten it


@dataclass(frozen=True)
class Items:
    """Items that the Maps of an ended execution left; each item is an execution of its own and outlives its parent."""

    open: int = 0  # items that run, and Map Runs that may begin more
    stopped: datetime | None = None  # when the last one ended


def may_be_unknown(execution: Execution, since: str, now: datetime, forgotten_after: timedelta = REMEMBERED) -> bool:
    """Return whether an execution may be running although Step Functions does not know it.

    `since` is when the execution wrote its lock or seal. DescribeExecution is eventually consistent, so it may not know
    a young execution.
    """
    return not execution.known and now - datetime.fromisoformat(since) <= forgotten_after


class Executions(Protocol):
    """The registry's view of executions and their job runs."""

    def find(self, arn: str) -> Execution:
        """Return the execution, which Step Functions may not know yet or no longer."""

    def stop_items(self, arn: str) -> Items:
        """Stop the running items of the execution's Maps; return those that are left."""

    def cancel_jobs(self, domain: str, arn: str) -> int:
        """Cancel the execution's job runs that have not ended; return how many are still ending."""


class AwsExecutions:
    """Executions and job runs in AWS.

    DescribeExecution "is eventually consistent. The results are best effort and may not reflect very recent updates":
    https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html
    """

    def __init__(self, states: Any, emr: Any, application_id: str) -> None:  # noqa: ANN401 - boto3 generates its clients at run time
        self._states = states
        self._emr = emr
        self._application_id = application_id

    def find(self, arn: str) -> Execution:
        """Return the execution, which Step Functions may not know yet or no longer."""
        try:
            described = self._states.describe_execution(executionArn=arn, includedData="METADATA_ONLY")
        except self._states.exceptions.ExecutionDoesNotExist:
            return Execution(living=False, known=False)
        return Execution(
            living=described["status"] in _LIVING,
            stopped=described.get("stopDate"),
            redriven=described.get("redriveCount", 0) > 0,
        )

    def stop_items(self, arn: str) -> Items:
        """Stop the running items of the execution's Maps; return those that are left.

        A Map Run has a stop date once it starts no more items. Step Functions stops the items of a stopped execution
        by itself, but does not document when:
        https://docs.aws.amazon.com/step-functions/latest/apireference/API_MapRunExecutionCounts.html
        """
        try:
            pages = list(self._states.get_paginator("list_map_runs").paginate(executionArn=arn))
        except self._states.exceptions.ExecutionDoesNotExist:
            return Items()
        still_open, stopped = 0, []
        for run in (run for page in pages for run in page["mapRuns"]):
            items = self._states.get_paginator("list_executions").paginate(mapRunArn=run["mapRunArn"])
            still_open += "stopDate" not in run
            for item in (item for page in items for item in page["executions"]):
                if item["status"] == "RUNNING":
                    still_open += 1
                    self._states.stop_execution(executionArn=item["executionArn"], cause="the run's execution ended")
                elif item.get("stopDate") is not None:
                    stopped.append(item["stopDate"])
        return Items(still_open, max(stopped, default=None))

    def cancel_jobs(self, domain: str, arn: str) -> int:
        """Cancel the execution's job runs that have not ended; return how many are still ending."""
        attempt = arn.rsplit(":", 1)[1]
        names = {f"{domain}-{job}-{attempt}" for job in ("bootstrap", "delta", "compare")}
        pages = self._emr.get_paginator("list_job_runs").paginate(
            applicationId=self._application_id, states=list(_JOB_OPEN)
        )
        still_open = 0
        for job in (job for page in pages for job in page["jobRuns"]):
            if job.get("name") not in names or job["state"] in _JOB_ENDS:
                continue
            still_open += 1
            if job["state"] != "CANCELLING":
                self._emr.cancel_job_run(applicationId=self._application_id, jobRunId=job["id"])
        return still_open
