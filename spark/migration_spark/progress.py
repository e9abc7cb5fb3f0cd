"""Progress of a running job: a small document that the runner shows, rewritten every few seconds.

This module counts landed rows; rows under way come from Spark's status store. Tasks count nothing for it.
"""

from __future__ import annotations

import datetime as dt
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Optional

from migration_spark.progress_counts import Counts
from migration_spark.redaction import first_line
from migration_spark.spark_status import SparkStatus, Step, Work, job_count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migration_spark.job import Job

INTERVAL = ("spark.migration.progressSeconds", "15")
VERSION = 1
_LAST_WRITE_SECONDS, _FAILED_WRITE_SECONDS = 30, 5
_DESCRIPTION = "spark.job.description"


class Progress(Counts):
    """Recorder of a job's progress; any thread may call its methods."""

    def __init__(self, job: Job) -> None:
        super().__init__()
        self._job = job
        self._seconds = float(job.spark.conf.get(*INTERVAL) or INTERVAL[1])
        self._started = _now()
        self._first_job = job_count(job.spark)
        self._state = "running"
        self._phase, self._phase_started = "", self._started
        self._steps: dict[str, Step] = {}
        self._steps_lock = threading.Lock()
        self._stop = threading.Event()
        self._status: Optional[SparkStatus] = None
        self._has_warned = False

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Write the document at once, then every few seconds from a thread, and at the end."""
        thread = threading.Thread(target=self._record, name="progress", daemon=True)
        thread.start()
        try:
            yield
            self._state = "ended"
        except BaseException:
            self._state = "failed"
            raise
        finally:
            self._stop.set()
            # A job neither fails nor waits long for its progress.
            thread.join(_LAST_WRITE_SECONDS if self._state == "ended" else _FAILED_WRITE_SECONDS)

    def enter(self, phase: str) -> None:
        """Set the job's current phase."""
        self._phase, self._phase_started = phase, _now()

    @contextmanager
    def step(self, work: Work, description: str) -> Iterator[None]:
        """Describe this thread's Spark jobs; the rows that they move are under way until the step ends.

        After the step, the caller adds the landed rows. Only one open step may have a description.
        """
        context = self._job.spark.sparkContext
        before = context.getLocalProperty(_DESCRIPTION)
        context.setJobDescription(description)
        with self._steps_lock:
            self._steps[description] = Step(work, job_count(self._job.spark))
        try:
            yield
        finally:
            with self._steps_lock:
                self._steps.pop(description, None)
            context.setJobDescription(before)  # type: ignore[arg-type]  # None takes it back

    def now(self) -> dict[str, Any]:
        """Return the document as of now."""
        return {
            "version": VERSION,
            "domain": self._job.spec.domain,
            "run": self._job.arguments.run,
            "attempt": self._job.arguments.attempt,
            "job": self._job.name,
            "state": self._state,
            "startedAt": self._started,
            "writtenAt": _now(),
            "intervalSeconds": self._seconds,
            "phase": self._phase,
            "phaseStartedAt": self._phase_started,
            "tables": self.document([table.name for table in self._job.spec.tables], self._moved()),
        }

    def _record(self) -> None:
        uri = self._job.arguments.uri("progress", f"{self._job.name}.json")
        while True:
            is_last = self._stop.is_set()
            try:
                self._job.storage.write_json(uri, self.now())
            except Exception as error:  # noqa: BLE001 - a job does not fail for its progress
                self._warn(f"{uri} cannot be written", error)
            if is_last:
                return
            self._stop.wait(self._seconds)

    def _moved(self) -> dict[Work, tuple[int, int]]:
        """Return the rows and bytes that Spark has under way; nothing if its status store cannot be read."""
        with self._steps_lock:
            steps = dict(self._steps)
        try:
            self._status = self._status or SparkStatus(self._job.spark, self._first_job)
            return self._status.moved(steps)
        except Exception as error:  # noqa: BLE001 - the landed rows are shown anyway
            self._warn("Spark's status store cannot be read", error)
            return {}

    def _warn(self, what: str, error: Exception) -> None:
        """Log once why the progress is missing or incomplete."""
        if not self._has_warned:
            self._has_warned = True
            self._job.say(f"warning: the job continues, but {what}: {type(error).__name__}: {first_line(error)}")


def _now() -> str:
    return dt.datetime.now(dt.timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")
