"""The Spark UI of a job run: an address that AWS signs, asked for only when a person wants it.

Whoever has the address can open it for an hour, so it is shown to who asks and written to no file:
https://docs.aws.amazon.com/emr-serverless/latest/APIReference/API_GetDashboardForJobRun.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def spark_uis(emr: Any, jobs: Iterable[dict[str, Any]]) -> Iterator[str]:  # noqa: ANN401 - a boto3 client
    """Yield a line per Spark job with the address of its newest run's UI, or why there is none.

    Args:
        emr: A client of EMR Serverless.
        jobs: Job runs as the report's document has them, oldest first: job, applicationId, jobRunId.
    """
    newest = {job["job"]: job for job in jobs}
    for name, job in newest.items():
        try:
            answer = emr.get_dashboard_for_job_run(applicationId=job["applicationId"], jobRunId=job["jobRunId"])
        except (BotoCoreError, ClientError) as error:
            yield f"Spark UI of {name}: none for the job run {job['jobRunId']}: {error}"
        else:
            yield f"Spark UI of {name}, for one hour: {answer['url']}"
