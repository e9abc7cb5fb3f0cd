"""The progress of the Spark jobs of a run's newest attempt, from the jobs' own documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from runner.formatting import iso
from runner.report.model.jobs import ClusterProgress, JobProgress, StageProgress

if TYPE_CHECKING:
    from runner.live.jobs import progress
    from runner.report.collect.evidence import Evidence


class _Moved(TypedDict):
    rows: int
    bytes: int
    expected_rows: int | None
    expected_bytes: int | None
    exact: bool
    percent: int | None


def build(evidence: Evidence) -> tuple[JobProgress, ...]:
    """Return the progress of each job that the newest attempt started; a document of an earlier attempt is ignored."""
    last = evidence.last
    return tuple(
        _job(job, evidence)
        for job in evidence.progress
        if job.run == evidence.run and (last is None or job.attempt == last.name)
    )


def _job(job: progress.JobProgress, evidence: Evidence) -> JobProgress:
    running = evidence.last is not None and evidence.last.status == "RUNNING"
    return JobProgress(
        job=job.job,
        attempt=job.attempt,
        # A job that is ended from outside has no time to write so.
        state=job.state if job.state != "running" or running else "stopped",
        phase=job.phase,
        written_at=iso(job.written_at),
        summary=job.words(evidence.looked_at if running else job.written_at),
        stages=tuple(_stage(stage) for stage in job.stages),
    )


def _stage(stage: progress.Stage) -> StageProgress:
    return StageProgress(
        table=stage.table,
        stage=stage.name,
        **_moved(stage),
        rows_per_second=stage.rows_per_second,
        seconds_left=None if stage.seconds_left is None else round(stage.seconds_left),
        ended=stage.ended,
        clusters=tuple(
            ClusterProgress(cluster=name, **_moved(moved)) for name, moved in sorted(stage.clusters.items())
        ),
    )


def _moved(moved: progress.Moved) -> _Moved:
    return {
        "rows": moved.rows,
        "bytes": moved.bytes,
        "expected_rows": moved.expected_rows,
        "expected_bytes": moved.expected_bytes,
        "exact": moved.exact,
        "percent": None if moved.share is None else int(moved.share),
    }
