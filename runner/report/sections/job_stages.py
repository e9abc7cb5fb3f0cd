"""How far the Spark jobs of a run's newest attempt are, or got: what their own progress documents say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.formatting import iso
from runner.live.jobs.json_fields import moved_facts
from runner.live.jobs.progress import read_job_progress

if TYPE_CHECKING:
    from runner.live.jobs.progress import JobProgress, Moved, Stage
    from runner.report.collect.evidence import Evidence

Document = dict[str, Any]


def build(evidence: Evidence) -> list[Document]:
    """Return an entry of each job that the newest attempt began; a document of an earlier attempt says nothing."""
    jobs = [read_job_progress(document) for document in evidence.progress]
    last = evidence.last
    return [
        _job(job, evidence)
        for job in jobs
        if job is not None and job.run == evidence.run and (last is None or job.attempt == last.name)
    ]


def _job(job: JobProgress, evidence: Evidence) -> Document:
    running = evidence.last is not None and evidence.last.status == "RUNNING"
    return {
        "job": job.job,
        "attempt": job.attempt,
        # A job that was ended from outside had no time to say so.
        "state": job.state if job.state != "running" or running else "stopped",
        "phase": job.phase,
        "writtenAt": iso(job.written_at.isoformat()),
        "summary": job.words(evidence.looked_at) if running else job.words(job.written_at),
        "stages": [_stage(stage) for stage in job.stages],
    }


def _stage(stage: Stage) -> Document:
    return {
        "table": stage.table,
        "stage": stage.name,
        **_moved(stage),
        "rowsPerSecond": stage.rows_per_second,
        "secondsLeft": None if stage.seconds_left is None else round(stage.seconds_left),
        "ended": stage.ended,
        "clusters": [{"cluster": name, **_moved(moved)} for name, moved in sorted(stage.clusters.items())],
    }


def _moved(moved: Moved) -> Document:
    return {**moved_facts(moved), "percent": None if moved.share is None else int(moved.share)}
