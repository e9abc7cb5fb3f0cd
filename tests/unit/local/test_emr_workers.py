"""StartJobRun of the embedded AWS refuses worker sizes that EMR Serverless lacks."""

from __future__ import annotations

import pytest
from moto.emrserverless.exceptions import ValidationException

from local.aws.emr_workers import check


def asked(parameters: str = "", **properties: str) -> tuple[dict[str, object], dict[str, object]]:
    """Return a job driver and its overrides; `__` in a property's name means a dot."""
    named = {f"spark.{name.replace('__', '.').replace('_', '-')}": value for name, value in properties.items()}
    entry = {"classification": "spark-defaults", "properties": named}
    return {"sparkSubmit": {"sparkSubmitParameters": parameters}}, {"applicationConfiguration": [entry]}


@pytest.mark.parametrize(
    ("properties", "problem"),
    [
        ({"executor__cores": "3"}, "executor of the job run is not a supported worker: 3 vCPU"),
        ({"driver__cores": "1"}, "driver of the job run is not a supported worker: 1 vCPU with 16 GB of memory"),
        ({"executor__memory": "28g"}, "executor of the job run is not a supported worker: 4 vCPU with 31 GB of memory"),
        (
            {"executor__cores": "32", "executor__memory": "100g"},
            "executor of the job run is not a supported worker: 32 vCPU with 110 GB of memory",
        ),
        (
            {"emr_serverless__executor__disk": "201g"},
            "executor of the job run is not a supported worker: 201 GB of disk of type STANDARD",
        ),
        (
            {"emr_serverless__driver__disk__type": "fast"},
            "driver of the job run is not a supported worker: a disk of type FAST",
        ),
        ({"executor__memory": "much"}, "'much' is not a size"),
        (
            {"dynamicAllocation__minExecutors": "1", "dynamicAllocation__maxExecutors": "2"},
            "minExecutor 1 and spark.dynamicAllocation.maxExecutors 2.",
        ),
    ],
)
def test_a_worker_that_does_not_exist_is_refused(properties: dict[str, str], problem: str) -> None:
    with pytest.raises(ValidationException) as refused:
        check(*asked(**properties))

    assert problem in str(refused.value)


def test_what_spark_submit_says_counts_more_than_the_configuration() -> None:
    with pytest.raises(ValidationException):
        check(*asked("--conf spark.executor.cores=3", executor__cores="4"))

    check(*asked("--class x --conf spark.executor.cores=4", executor__cores="3"))


def test_a_job_run_that_asks_for_nothing_has_the_default_workers() -> None:
    check(None, None)
    check({"sparkSubmit": {}}, {})
