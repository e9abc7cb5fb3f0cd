"""JSON fields of a Spark job's progress in `follow --json`; docs/progress.md describes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runner.live.jobs.progress import JobProgress, Moved, Stage


def job_facts(job: JobProgress) -> dict[str, Any]:
    """Return the job with its stages per table; an unknown figure is null."""
    return {
        "job": job.job,
        "state": job.state,
        "phase": job.phase,
        "writtenAt": job.written_at,
        "stages": [_stage(stage) for stage in job.stages],
    }


def _stage(stage: Stage) -> dict[str, Any]:
    return {
        "table": stage.table,
        "stage": stage.name,
        **moved_facts(stage),
        "rowsPerSecond": stage.rows_per_second,
        "secondsLeft": stage.seconds_left,
        "ended": stage.ended,
        "clusters": {name: moved_facts(moved) for name, moved in stage.clusters.items()},
    }


def moved_facts(moved: Moved) -> dict[str, Any]:
    """Return moved and expected rows and bytes; an unknown figure is null."""
    return {
        "rows": moved.rows,
        "bytes": moved.bytes,
        "expectedRows": moved.expected_rows,
        "expectedBytes": moved.expected_bytes,
        "exact": moved.exact,
    }
