"""AWS resources in an execution's history: imports, exports, job runs and state transitions."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - a dataclass's field
from dataclasses import dataclass, field
from typing import Any

from runner.account.json_texts import json_object

_IMPORTS = ("importTable", "describeImport")
_EXPORTS = ("exportTableToPointInTime", "describeExport")
_JOBS = ("startJobRun", "startJobRun.sync")
_FAILED = ("taskFailedEventDetails", "taskTimedOutEventDetails")


@dataclass
class JobRun:
    """A run of a Spark job; `ended` is None while the execution awaits it."""

    id: str
    application: str
    began: dt.datetime
    ended: dt.datetime | None = None


@dataclass
class Resources:
    """Resources by ARN, with the bytes that DynamoDB has reported."""

    imports: dict[str, int] = field(default_factory=dict)  # ARN -> bytes processed so far
    exports: dict[str, int] = field(default_factory=dict)  # ARN -> bytes billed so far
    job_runs: list[JobRun] = field(default_factory=list)
    transitions: int = 0

    def apply(self, event: dict[str, Any]) -> None:
        """Process an event of the execution or of a Map item."""
        self.transitions += event["type"].endswith("StateEntered")
        for name in _FAILED:
            if event.get(name, {}).get("resource") in _JOBS:
                self._end_jobs(event["timestamp"])
        details = event.get("taskSucceededEventDetails") or event.get("taskSubmittedEventDetails")
        if details is None or "output" not in details:
            return
        answer = json_object(details["output"])
        if details["resource"] in _JOBS and "JobRunId" in answer:
            if "taskSucceededEventDetails" in event:
                self._end_jobs(event["timestamp"])
            else:
                self.job_runs.append(JobRun(answer["JobRunId"], answer["ApplicationId"], event["timestamp"]))
        elif details["resource"] in _IMPORTS:
            _keep(self.imports, answer.get("ImportTableDescription", {}), "ImportArn", "ProcessedSizeBytes")
        elif details["resource"] in _EXPORTS:
            _keep(self.exports, answer.get("ExportDescription", {}), "ExportArn", "BilledSizeBytes")

    def _end_jobs(self, moment: dt.datetime) -> None:
        """End the job run that the execution waits for; it waits for one at a time."""
        for run in self.job_runs:
            run.ended = run.ended or moment


def _keep(known: dict[str, int], described: dict[str, Any], arn: str, figure: str) -> None:
    if arn in described:
        known[described[arn]] = max(known.get(described[arn], 0), int(described.get(figure) or 0))
