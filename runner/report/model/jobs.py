"""The Spark job runs, and the progress that the jobs reported themselves."""

from __future__ import annotations

from typing import Literal

from runner.live.jobs.document import JobName, StageName
from runner.report.model.base import Amount, Count, Moment, Number, Section


class JobLinks(Section):
    """Pages of a job run in the console.

    `migrate report --spark-ui` requests the Spark UI, whose address is valid for an hour.
    """

    application: str
    """The page of EMR Serverless that leads to the job run."""
    driver_log: str
    """The driver's log streams in CloudWatch."""
    log_files: str
    """The logs of driver and executors in S3."""


class JobRun(Section):
    """A Spark job run."""

    job: JobName
    """Which job."""
    job_run_id: str
    """The id of the job run."""
    application_id: str
    """The EMR Serverless application."""
    state: str
    """The state, as EMR Serverless names it."""
    seconds: Count | None
    """The duration."""
    billed_vcpu_hours: Amount | None
    """The vCPU-hours that AWS billed; null until AWS reports them."""
    billed_memory_gb_hours: Amount | None
    """The GB-hours that AWS billed; null until AWS reports them."""
    phase_seconds: dict[str, Number]
    """The duration of each step, as the job measured it; empty if the job reported none."""
    links: JobLinks
    """Pages of the job run in the console."""


class _ClusterName(Section):
    cluster: str
    """The cluster."""


class _StageName(Section):
    table: str
    """The table."""
    stage: StageName
    """The work on the rows. In Compare, `read` counts the clones' rows and the exported items."""


class Moved(Section):
    """Rows and bytes that have passed a stage, out of how many."""

    rows: int
    """Rows that have passed; for the stage `compared`, keys."""
    bytes: int
    """Bytes of the rows' text that were read, or of the objects that were written; an average for rows in progress."""
    expected_rows: int | None
    """Rows in all."""
    expected_bytes: int | None
    """Bytes in all."""
    exact: bool
    """Whether the expected figures are counted; otherwise they are estimates."""
    percent: int | None
    """The share of the expected rows, rounded down; null if more rows passed than were estimated."""


class ClusterProgress(Moved, _ClusterName):
    """The figures of one cluster."""


class StageProgress(Moved, _StageName):
    """A stage of one table."""

    rows_per_second: Number | None
    """Rows per second over the last minute."""
    seconds_left: int | None
    """Seconds until all rows have passed at that rate."""
    ended: bool
    """Whether the stage is over."""
    clusters: tuple[ClusterProgress, ...]
    """The same figures by cluster, as far as the job counts them apart."""


class JobProgress(Section):
    """The progress of a Spark job of the newest attempt."""

    job: JobName
    """Which job."""
    attempt: str
    """The execution that started the job."""
    state: Literal["running", "ended", "failed", "stopped"]
    """The state of the job; `stopped` if it was ended from outside."""
    phase: str
    """The current step; empty before the first one."""
    written_at: Moment
    """When the job reported this."""
    summary: str
    """The progress over all tables in words; empty before the job has read a row."""
    stages: tuple[StageProgress, ...]
    """The stages of each table."""
