"""Reader of the progress documents that Spark jobs write."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from runner.account.stored_json import read_json
from runner.live.history.changes import JOB, NOTICE, Change
from runner.live.jobs.json_fields import job_facts
from runner.live.jobs.progress import JOBS, read_job_progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.account.environments import Environment
    from runner.live.history.progress import Progress

_LOOK_SECONDS = 5.0  # a job writes every 15 seconds


class JobDocuments:
    """The progress documents of running executions, polled every few seconds."""

    def __init__(self, environment: Environment, clock: Callable[[], float] = time.monotonic) -> None:
        self._s3 = environment.client("s3")
        self._bucket = environment.data_bucket
        self._clock = clock
        self._looked_at: dict[str, float] = {}
        self._is_refused = False

    def look(self, progress: Progress) -> list[Change]:
        """Read the progress document of the execution's job; return the changes.

        A document of another attempt is ignored, because its job is not the running one.
        """
        job = JOBS.get(progress.phases[-1].name) if progress.phases and progress.status == "RUNNING" else None
        if job is None:
            progress.job = None
            return []
        if progress.job is not None and progress.job.job != job:
            progress.job = None
        now = self._clock()
        if self._is_refused or now - self._looked_at.get(progress.arn, -_LOOK_SECONDS) < _LOOK_SECONDS:
            return []
        self._looked_at[progress.arn] = now
        key = f"progress/{progress.domain}/{progress.run}/{job}.json"
        try:
            document = read_json(self._s3, self._bucket, key)
        except (BotoCoreError, ClientError, ValueError) as error:
            return self._refused(key, error)
        if document is None:
            return []
        job_progress = read_job_progress(document)
        if job_progress is not None and (job_progress.job, job_progress.run, job_progress.attempt) == (
            job,
            progress.run,
            progress.name,
        ):
            is_new, progress.job = job_progress != progress.job, job_progress
            facts = {"job": job_facts(job_progress)}
            return (
                [Change(job_progress.written_at, JOB, job_progress.words(job_progress.written_at), facts)]
                if is_new
                else []
            )
        return []

    def _refused(self, key: str, error: Exception) -> list[Change]:
        """Report once that the documents may not be read; transient errors are not reported."""
        code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
        if code not in ("AccessDenied", "403"):
            return []
        self._is_refused = True
        text = f"rows are not shown, since s3://{self._bucket}/{key} may not be read: {error}"
        return [Change(dt.datetime.now(dt.UTC), NOTICE, text)]
