"""The Spark job runs in the report: their bills, and the durations that the jobs measured themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner import links
from runner.live.jobs.progress import JOBS
from runner.report.model.jobs import JobLinks, JobRun

if TYPE_CHECKING:
    from runner.live.jobs.document import JobName
    from runner.report.collect.evidence import Evidence
    from runner.report.inputs import aws
    from runner.report.inputs.changes import ChangesSummary
    from runner.report.inputs.comparison import Comparison
    from runner.report.inputs.manifest import Manifest


def build(evidence: Evidence) -> tuple[JobRun, ...]:
    """Return the Spark job runs of all attempts, oldest first."""
    return tuple(_job_run(run, evidence) for run in evidence.job_runs)


def _job_run(run: aws.JobRun, evidence: Evidence) -> JobRun:
    documents: dict[JobName, Manifest | ChangesSummary | Comparison | None] = {
        "delta": evidence.changes,
        "compare": evidence.comparison,
        "bootstrap": evidence.manifest,
    }
    job = _job(run.name, evidence.domain)
    document, billed = documents[job], run.billed_resource_utilization
    # A document of another attempt says nothing of this job run.
    is_own = document is not None and bool(document.attempt) and run.name.endswith(document.attempt or "")
    return JobRun(
        job=job,
        job_run_id=run.job_run_id,
        application_id=run.application_id,
        state=run.state,
        seconds=run.total_execution_duration_seconds,
        billed_vcpu_hours=billed.vcpu_hour if billed else None,
        billed_memory_gb_hours=billed.memory_gb_hour if billed else None,
        phase_seconds=document.phases if document and is_own else {},
        links=_links(run, evidence),
    )


def _job(name: str, domain: str) -> JobName:
    """Return the job of a job run, by the name of the run: <domain>-<job>-<attempt>."""
    for job in JOBS.values():
        if name.startswith(f"{domain}-{job}-"):
            return job
    return "bootstrap"


def _links(run: aws.JobRun, evidence: Evidence) -> JobLinks:
    region, group = evidence.region, f"/aws/emr-serverless/migration-{evidence.environment}-spark"
    logs = links.log_files(evidence.bucket, run.application_id, run.job_run_id)
    return JobLinks(
        application=links.spark_applications(region),
        driver_log=links.driver_log(region, group, run.application_id, run.job_run_id),
        log_files=links.s3(region, logs),
    )
