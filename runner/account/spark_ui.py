"""Links to the Spark UI of job runs, which AWS signs on request.

Anyone with the link can open it for an hour, so it is shown only on request and never written to a file:
https://docs.aws.amazon.com/emr-serverless/latest/APIReference/API_GetDashboardForJobRun.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def spark_uis(emr: Any, jobs: Iterable[dict[str, Any]]) -> Iterator[str]:  # noqa: ANN401 - a boto3 client
    """Yield a line per Spark job with the link to its newest run's UI, or the reason why there is none.

    Args:
        emr: A client of EMR Serverless.
        jobs: Job runs of the report's document, oldest first: job, applicationId, jobRunId.
    """
    newest = {job["job"]: job for job in jobs}
    for name, job in newest.items():
        try:
            answer = emr.get_dashboard_for_job_run(applicationId=job["applicationId"], jobRunId=job["jobRunId"])
        except (BotoCoreError, ClientError) as error:
            yield f"Spark UI of {name}: none for the job run {job['jobRunId']}: {error}"
        else:
            yield f"Spark UI of {name}, for one hour: {answer['url']}"
