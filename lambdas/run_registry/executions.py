"""What the registry asks of Step Functions and EMR Serverless about a lock's owner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

# DescribeExecution forgets an execution so long after its end:
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


def unknown_yet(found: Execution, since: str, now: datetime, forgotten_after: timedelta = REMEMBERED) -> bool:
    """Return whether an execution may live though Step Functions does not know it.

    `since` is when the execution wrote its lock or seal. DescribeExecution is eventually consistent: it may not know a
    young execution.
    """
    return not found.known and now - datetime.fromisoformat(since) <= forgotten_after


class Executions(Protocol):
    """What the registry needs to know of executions and their job runs."""

    def find(self, arn: str) -> Execution:
        """Return the execution, which may be one that is not known yet or not any more."""

    def cancel_jobs(self, domain: str, arn: str) -> int:
        """Cancel the execution's job runs that have not ended; return how many are still ending."""


class AwsExecutions:
    """Executions and job runs as AWS knows them.

    DescribeExecution "is eventually consistent. The results are best effort and may not reflect very recent updates":
    https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html
    """

    def __init__(self, states: Any, emr: Any, application_id: str) -> None:  # noqa: ANN401 - boto3 clients are made at run time
        self._states = states
        self._emr = emr
        self._application_id = application_id

    def find(self, arn: str) -> Execution:
        """Return the execution, which may be one that is not known yet or not any more."""
        try:
            found = self._states.describe_execution(executionArn=arn, includedData="METADATA_ONLY")
        except self._states.exceptions.ExecutionDoesNotExist:
            return Execution(living=False, known=False)
        return Execution(
            living=found["status"] in _LIVING,
            stopped=found.get("stopDate"),
            redriven=found.get("redriveCount", 0) > 0,
        )

    def cancel_jobs(self, domain: str, arn: str) -> int:
        """Cancel the execution's job runs that have not ended; return how many are still ending."""
        attempt = arn.rsplit(":", 1)[1]
        names = {f"{domain}-bootstrap-{attempt}", f"{domain}-compare-{attempt}"}
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
