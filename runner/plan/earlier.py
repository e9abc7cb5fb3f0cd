"""What earlier runs of the domain tell: rows and bytes of the last Bootstrap, times of the last run that succeeded."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.plan.checks.domain import document
from runner.words import PHASES

if TYPE_CHECKING:
    import datetime as dt

    from runner.plan.account import Account

_MOST_RUNS = 200
_MOST_PAGES = 25  # of 1,000 events: all that an execution can have
_EXECUTIONS = 10
_JOBS = ("bootstrap", "compare")


@dataclass(frozen=True)
class Manifest:
    """A run's manifest.json, and how many uncompressed bytes its imports read per table."""

    run: str
    written: dt.datetime
    content: dict[str, Any]
    imported_bytes: dict[str, tuple[int, int]] = field(default_factory=dict)

    def read(self, table: str, extract: str, cluster: str) -> tuple[int, int] | None:
        """Return rows and bytes that an extract had in a cluster, as the database itself counted them."""
        figures = self.content["audit"].get(f"{table}-{extract}", {}).get(cluster)
        # Rows first, then values and bytes of each column.
        return (figures[0], sum(figures[2::2])) if figures else None


@dataclass(frozen=True)
class Timing:
    """How long the phases of an execution took, what it cost Spark, and how many states it entered."""

    execution: str
    run: str
    seconds: dict[str, float]
    transitions: int
    vcpu_hours: float | None


def last_manifest(account: Account) -> Manifest | None:
    """Return the newest manifest of the domain, of whatever run."""
    s3, bucket = account.client("s3"), account.bucket("data")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=account.prefix, Delimiter="/")
    runs = [entry["Prefix"] for page in pages for entry in page.get("CommonPrefixes", [])]
    found = []
    for prefix in sorted(runs, reverse=True)[:_MOST_RUNS]:
        listed = s3.list_objects_v2(Bucket=bucket, Prefix=f"{prefix}manifest.json").get("Contents", [])
        found += [(entry["LastModified"], entry["Key"]) for entry in listed]
    if not found:
        return None
    written, key = max(found)
    content = document(account, key)
    if content is None:
        return None
    return Manifest(content["run"], written, content, _imports(account, content))


def last_timing(account: Account) -> Timing | None:
    """Return the times of the newest execution that went through every phase and succeeded."""
    states = account.client("stepfunctions")
    ended = states.list_executions(stateMachineArn=account.machine, statusFilter="SUCCEEDED", maxResults=_EXECUTIONS)[
        "executions"
    ]
    for execution in ended:
        arn = execution["executionArn"]
        seconds, transitions = _phases(states, arn, execution["stopDate"])
        # A resume that adopted everything, or left the clones to another domain, tells too little.
        if {"Clone", "Bootstrap", "Tables", "Compare"} <= seconds.keys():
            given = json.loads(states.describe_execution(executionArn=arn).get("input") or "{}")
            run = str(given.get("runId", execution["name"]))
            return Timing(execution["name"], run, seconds, transitions, _vcpu_hours(account, execution["name"]))
    return None


def _phases(states: Any, arn: str, stop: dt.datetime) -> tuple[dict[str, float], int]:  # noqa: ANN401 - a boto3 client
    arguments: dict[str, Any] = {"executionArn": arn, "maxResults": 1000, "includeExecutionData": False}
    began: dict[str, dt.datetime] = {}
    transitions = 0
    for _ in range(_MOST_PAGES):
        page = states.get_execution_history(**arguments)
        for event in page["events"]:
            entered = event.get("stateEnteredEventDetails")
            if entered:
                transitions += 1
                if entered["name"] in PHASES:
                    began.setdefault(PHASES[entered["name"]], event["timestamp"])
        if not page.get("nextToken"):
            break
        arguments["nextToken"] = page["nextToken"]
    ends = [*list(began.values())[1:], stop]
    seconds = {
        name: round((end - start).total_seconds(), 1) for (name, start), end in zip(began.items(), ends, strict=True)
    }
    return seconds, transitions


def _vcpu_hours(account: Account, attempt: str) -> float | None:
    """Return what both jobs of an execution were billed for."""
    if account.application is None:
        return None
    emr, application = account.client("emr-serverless"), account.application["applicationId"]
    names = {f"{account.request.domain}-{job}-{attempt}" for job in _JOBS}
    pages = emr.get_paginator("list_job_runs").paginate(applicationId=application, states=["SUCCESS"])
    runs = [run["id"] for page in pages for run in page["jobRuns"] if run.get("name") in names]
    billed = [
        emr.get_job_run(applicationId=application, jobRunId=run)["jobRun"].get("billedResourceUtilization") or {}
        for run in runs
    ]
    return sum(float(one.get("vCPUHour", 0)) for one in billed) or None


def _imports(account: Account, manifest: dict[str, Any]) -> dict[str, tuple[int, int]]:
    """Return per table the uncompressed bytes and items that its import read."""
    dynamodb = account.client("dynamodb")
    prefixes = {facts["prefix"]: table for table, facts in manifest["tables"].items()}
    found: dict[str, tuple[int, int]] = {}
    arguments: dict[str, Any] = {"PageSize": 25}
    for _ in range(20):
        page = dynamodb.list_imports(**arguments)
        for one in page.get("ImportSummaryList", []):
            table = prefixes.get(one.get("S3BucketSource", {}).get("S3KeyPrefix", ""))
            if table and one["ImportStatus"] == "COMPLETED":
                told = dynamodb.describe_import(ImportArn=one["ImportArn"])["ImportTableDescription"]
                if told.get("ProcessedSizeBytes") and told.get("ImportedItemCount"):
                    found[table] = (int(told["ProcessedSizeBytes"]), int(told["ImportedItemCount"]))
        if not page.get("NextToken") or len(found) == len(prefixes):
            break
        arguments["NextToken"] = page["NextToken"]
    return found
