"""Figures of earlier runs: rows and bytes of the last Bootstrap, and the use of the last success."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from catalog.models import PartTable
from runner.account.executions import describe, newest_first
from runner.live.history.items import event_count
from runner.plan.checks.domain import document

if TYPE_CHECKING:
    import datetime as dt

    from catalog.models import Table
    from runner.account.lookups import Account

_MOST_RUNS = 200
_AT_ONCE = 8
_EXECUTIONS = 10
_JOBS = ("bootstrap", "compare")


@dataclass(frozen=True)
class Manifest:
    """A run's manifest.json, and the uncompressed bytes that its imports read per table."""

    run: str
    written: dt.datetime
    content: dict[str, Any]
    imported_bytes: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def bytes(self) -> int:
        """Return the bytes of all read columns."""
        return sum(sum(figures[2::2]) for clusters in self.content["audit"].values() for figures in clusters.values())

    def written_of(self, table: Table) -> dict[str, Any] | None:
        """Return the figures of a table or part that the run wrote, or None."""
        tables = self.content["tables"]
        if isinstance(table, PartTable):
            tables = tables.get(table.target, {}).get("parts", {})
        facts: dict[str, Any] | None = tables.get(table.part if isinstance(table, PartTable) else table.name)
        return facts

    def read(self, table: str, extract: str, cluster: str) -> tuple[int, int] | None:
        """Return an extract's rows and bytes in a cluster, as counted by the database."""
        figures = self.content["audit"].get(f"{table}-{extract}", {}).get(cluster)
        # Rows first, then values and bytes of each column.
        return (figures[0], sum(figures[2::2])) if figures else None


@dataclass(frozen=True)
class Usage:
    """The use of the newest complete run: history events and billed vCPU-hours."""

    run: str
    events: int
    vcpu_hours: float | None


def last_manifest(account: Account) -> Manifest | None:
    """Return the domain's newest manifest, of any run."""
    s3, bucket = account.client("s3"), account.bucket("data")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=account.prefix, Delimiter="/")
    runs = [entry["Prefix"] for page in pages for entry in page.get("CommonPrefixes", [])]

    def written(prefix: str) -> list[tuple[dt.datetime, str]]:
        listed = s3.list_objects_v2(Bucket=bucket, Prefix=f"{prefix}manifest.json").get("Contents", [])
        return [(entry["LastModified"], entry["Key"]) for entry in listed]

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        manifests = [entry for listed in pool.map(written, sorted(runs, reverse=True)[:_MOST_RUNS]) for entry in listed]
    if not manifests:
        return None
    moment, key = max(manifests)
    content = document(account, key)
    if content is None:
        return None
    return Manifest(content["run"], moment, content, _imports(account, content))


def last_usage(account: Account) -> Usage | None:
    """Return the use of the newest successful execution that ran both jobs."""
    states = account.client("stepfunctions")
    arns = newest_first(account.environment, account.request.domain, "SUCCEEDED", catch_ups=False)
    for arn in islice(arns, _EXECUTIONS):
        attempt = arn.rsplit(":", 1)[1]
        jobs = _job_runs(account, attempt)
        if len(jobs) == len(_JOBS):
            return Usage(describe(states, arn).run, event_count(states, arn), _vcpu_hours(jobs))
    return None


def _job_runs(account: Account, attempt: str) -> list[dict[str, Any]]:
    """Return an execution's job runs: two, or fewer if it adopted an earlier attempt's work."""
    if account.application is None:
        return []
    emr, application = account.client("emr-serverless"), account.application["applicationId"]
    names = {f"{account.request.domain}-{job}-{attempt}" for job in _JOBS}
    pages = emr.get_paginator("list_job_runs").paginate(applicationId=application, states=["SUCCESS"])
    runs = [run["id"] for page in pages for run in page["jobRuns"] if run.get("name") in names]
    return [emr.get_job_run(applicationId=application, jobRunId=run)["jobRun"] for run in runs]


def _vcpu_hours(jobs: list[dict[str, Any]]) -> float | None:
    billed = [job.get("billedResourceUtilization") or {} for job in jobs]
    return sum(float(job.get("vCPUHour", 0)) for job in billed) or None


def _imports(account: Account, manifest: dict[str, Any]) -> dict[str, tuple[int, int]]:
    """Return the uncompressed bytes and items that each table's import read."""
    dynamodb = account.client("dynamodb")
    prefixes = {facts["prefix"]: table for table, facts in manifest["tables"].items()}
    sizes: dict[str, tuple[int, int]] = {}
    arguments: dict[str, Any] = {"PageSize": 25}
    for _ in range(20):
        page = dynamodb.list_imports(**arguments)
        for summary in page.get("ImportSummaryList", []):
            table = prefixes.get(summary.get("S3BucketSource", {}).get("S3KeyPrefix", ""))
            if table and summary["ImportStatus"] == "COMPLETED":
                described = dynamodb.describe_import(ImportArn=summary["ImportArn"])["ImportTableDescription"]
                if described.get("ProcessedSizeBytes") and described.get("ImportedItemCount"):
                    sizes[table] = (int(described["ProcessedSizeBytes"]), int(described["ImportedItemCount"]))
        if not page.get("NextToken") or len(sizes) == len(prefixes):
            break
        arguments["NextToken"] = page["NextToken"]
    return sizes
