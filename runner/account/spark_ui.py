"""Links to the Spark UI of job runs, which AWS signs on request.

Anyone with the link can open it for an hour, so it is shown only on request and never written to a file:
https://docs.aws.amazon.com/emr-serverless/latest/APIReference/API_GetDashboardForJobRun.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class JobRun(Protocol):
    """A job run of the report's document."""

    @property
    def job(self) -> str:
        """Return which job it runs."""

    @property
    def application_id(self) -> str:
        """Return the application that runs it."""

    @property
    def job_run_id(self) -> str:
        """Return its id."""


def spark_uis(emr: Any, jobs: Iterable[JobRun]) -> Iterator[str]:  # noqa: ANN401 - a boto3 client
    """Yield a line per Spark job with the link to its newest run's UI, or the reason why there is none.

    Args:
        emr: A client of EMR Serverless.
        jobs: Job runs of the report's document, oldest first.
    """
    newest = {job.job: job for job in jobs}
    for name, job in newest.items():
        try:
            answer = emr.get_dashboard_for_job_run(applicationId=job.application_id, jobRunId=job.job_run_id)
        except (BotoCoreError, ClientError) as error:
            yield f"Spark UI of {name}: none for the job run {job.job_run_id}: {error}"
        else:
            yield f"Spark UI of {name}, for one hour: {answer['url']}"
