"""Rows that running Spark jobs have moved, from the status store that the driver keeps anyway.

The executors' heartbeats update the store every 10 seconds; the tasks do no additional work for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from py4j.protocol import Py4JError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# Job descriptions: "read Rate.rates of lipsdb: split 3 of 12", "read Rate.rates again of 9 clusters",
# "write Rate", "compare Rate".
_DESCRIPTION = re.compile(
    r"(read|write|compare) ([^.\s:]+)(?:\.[^\s:]+)?(?: again)?(?: of (?:\d+ clusters|([^\s:]+)))?"
)
# The stage that a job with such a description counts for.
_STAGES = {"read": "read", "write": "written", "compare": "read"}
_RUNNING = ("RUNNING", "UNKNOWN")
# Number of tries for a job that the store does not know yet; it may also have dropped the job.
_LOOKS_FOR_A_JOB = 3


class Work(NamedTuple):
    """Work of a Spark job: a table, its stage (read, written), and a cluster if the job has only one."""

    table: str
    stage: str
    cluster: str = ""


@dataclass
class _SparkJob:
    description: str
    stage_ids: list[int]
    looks: int = 0


@dataclass
class Step:
    """Jobs of the same description, until their rows count as landed."""

    work: Work
    first_job: int
    moved: dict[int, tuple[int, int]] = field(default_factory=dict)  # of stages that are over


class SparkStatus:
    """Reader of the driver's status store for the steps of a job."""

    def __init__(self, spark: SparkSession, first_job: int = 0) -> None:
        self._context: Any = spark.sparkContext._jsc.sc()
        self._next_job = first_job  # skips the session's earlier jobs
        self._jobs: dict[int, _SparkJob] = {}
        self._unknown: dict[int, int] = {}

    def moved(self, steps: dict[str, Step]) -> dict[Work, tuple[int, int]]:
        """Return the rows and bytes that the jobs of open steps have moved, and running jobs outside of any step.

        `steps` are by description.
        """
        self._look_for_jobs()
        totals: dict[Work, tuple[int, int]] = {}
        for number, job in list(self._jobs.items()):
            step = steps.get(job.description)
            if step is not None and number >= step.first_job:
                work, known = step.work, step.moved
            elif step is None and self._is_running(number):
                work, known = work_of(job.description), {}
            else:
                del self._jobs[number]
                continue
            for stage_id in job.stage_ids:
                rows, size = known.get(stage_id) or self._stage(stage_id, work.stage, known)
                before = totals.get(work, (0, 0))
                totals[work] = (before[0] + rows, before[1] + size)
        return totals

    def _look_for_jobs(self) -> None:
        count = int(self._context.dagScheduler().numTotalJobs())
        self._unknown.update(dict.fromkeys(range(self._next_job, count), 0))
        self._next_job = count
        for number in list(self._unknown):
            try:
                job = self._context.statusStore().job(number)
            except Py4JError:
                self._unknown[number] += 1
                if self._unknown[number] == _LOOKS_FOR_A_JOB:
                    del self._unknown[number]
                continue
            del self._unknown[number]
            description = str(job.description().get()) if job.description().isDefined() else ""
            if _DESCRIPTION.match(description):
                ids = str(job.stageIds().mkString(","))
                self._jobs[number] = _SparkJob(description, [int(text) for text in ids.split(",") if text])

    def _is_running(self, number: int) -> bool:
        try:
            return str(self._context.statusStore().job(number).status().toString()) in _RUNNING
        except Py4JError:
            return False

    def _stage(self, stage_id: int, kind: str, known: dict[int, tuple[int, int]]) -> tuple[int, int]:
        """Return the rows that a stage has read or written, and the bytes that it has written, if any."""
        try:
            stage = self._context.statusStore().lastStageAttempt(stage_id)
        except Py4JError:
            return 0, 0
        if kind == "written":
            moved = int(stage.outputRecords()), int(stage.outputBytes())
        else:
            # Spark does not know the bytes of a database's rows.
            moved = int(stage.inputRecords()), 0
        if str(stage.status().toString()) == "COMPLETE":
            known[stage_id] = moved
        return moved


def job_count(spark: SparkSession) -> int:
    """Return the number of Spark jobs begun so far."""
    return int(spark.sparkContext._jsc.sc().dagScheduler().numTotalJobs())


def work_of(description: str) -> Work:
    """Return a job's work by its description."""
    match = _DESCRIPTION.match(description)
    if match is None:
        return Work("", "read")
    return Work(match[2], _STAGES[match[1]], match[3] or "")
