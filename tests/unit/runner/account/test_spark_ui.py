"""The Spark UI of a run's jobs."""

from __future__ import annotations

from types import SimpleNamespace

from botocore.exceptions import ClientError

from runner.account.spark_ui import spark_uis


class Emr:
    """EMR Serverless that signs a link for every job run but one."""

    def get_dashboard_for_job_run(self, **arguments: str) -> dict[str, str]:
        if arguments["jobRunId"] == "gone":
            raise ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "GetDashboardForJobRun")
        return {"url": f"https://ui/{arguments['applicationId']}/{arguments['jobRunId']}?token=1"}


def job(name: str, run: str) -> SimpleNamespace:
    return SimpleNamespace(job=name, application_id="app", job_run_id=run)


def test_the_newest_run_of_each_job_has_an_address_or_a_reason() -> None:
    jobs = [job("bootstrap", "old"), job("bootstrap", "new"), job("compare", "gone")]

    first, second = spark_uis(Emr(), jobs)

    assert first == "Spark UI of bootstrap, for one hour: https://ui/app/new?token=1"
    assert second.startswith("Spark UI of compare: none for the job run gone: ")
    assert "ResourceNotFoundException" in second
