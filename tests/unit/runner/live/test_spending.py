"""The cost of a run so far: clones by the hour, jobs as billed or by their time, and what DynamoDB moved."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from runner.account.prices import load_prices
from runner.live.history.clone_times import CloneTimes
from runner.live.history.progress import Progress
from runner.live.history.resources import JobRun, Resources
from runner.live.spending import Spending
from tests.unit.runner.fakes import BEGAN, environment
from tests.unit.runner.histories import answered, numbered

ARN = "arn:aws:states:eu-west-1:971779422973:execution:migration-test-rates:run-1"
HOUR = dt.timedelta(hours=1)
TAGS = {
    "migration:spark-driver": "4 vCPU 16 GB 20 GB STANDARD",
    "migration:spark-executor": "8 vCPU 32 GB 30 GB STANDARD",
    "migration:spark-executors": "1 to 3",
}
_GB = 1024**3


class Emr:
    """EMR Serverless with one application, and job runs that have ended by what they were billed for."""

    def __init__(self, **billed: dict[str, float]) -> None:
        self.asked: list[str] = []
        self._billed = billed

    def get_paginator(self, _operation: str) -> Any:  # noqa: ANN401 - a paginator
        pages = [{"applications": [{"id": "app", "name": "migration-test-spark"}]}]
        return SimpleNamespace(paginate=lambda **_: pages)

    def get_application(self, **_: object) -> dict[str, Any]:
        return {"application": {"applicationId": "app"}}

    def get_job_run(self, *, applicationId: str, jobRunId: str) -> dict[str, Any]:  # noqa: N803 - boto3's
        assert applicationId == "app"
        self.asked.append(jobRunId)
        return {"jobRun": {"billedResourceUtilization": self._billed.get(jobRunId)}}


class Deployed:
    """The state machine's tags and the clone function's configuration."""

    def list_tags_for_resource(self, **_: object) -> dict[str, Any]:
        return {"tags": [{"key": key, "value": value} for key, value in TAGS.items()]}

    def get_function_configuration(self, **_: object) -> dict[str, Any]:
        return {"Environment": {"Variables": {"CLONE_INSTANCE_CLASS": "db.r6g.large"}}}


def spending(emr: Emr) -> Spending:
    deployed = Deployed()
    return Spending(environment(stepfunctions=deployed, **{"lambda": deployed, "emr_serverless": emr}))


def running(**fields: Any) -> Progress:  # noqa: ANN401 - a progress's fields
    return Progress(ARN, started=BEGAN, **fields)


def price(name: str) -> float:
    return load_prices().prices[name].usd


def hour(vcpu: float, memory_gb: float, disk_gb: float) -> float:
    return vcpu * price("emr-vcpu") + memory_gb * price("emr-memory") + disk_gb * price("emr-storage")


def test_a_clone_costs_from_its_making_or_the_executions_begin_until_it_is_gone() -> None:
    times = CloneTimes(
        made={"reused": BEGAN - 5 * HOUR, "new": BEGAN + HOUR, "gone": BEGAN}, gone={"gone": BEGAN + HOUR / 2}
    )

    usd = spending(Emr()).usd(running(clone_times=times), BEGAN + 2 * HOUR)

    assert usd == pytest.approx((2 + 1 + 0.5) * 0.286)


def test_a_job_that_runs_costs_all_its_workers_and_one_that_ended_what_was_billed() -> None:
    emr = Emr(ended={"vCPUHour": 10.0, "memoryGBHour": 40.0, "storageGBHour": 5.0})
    runs = [JobRun("ended", "app", BEGAN, BEGAN + HOUR), JobRun("runs", "app", BEGAN + HOUR)]
    costs, progress = spending(emr), running(resources=Resources(job_runs=runs))
    usd = [costs.usd(progress, BEGAN + 1.5 * HOUR) for _ in range(3)][-1]

    whole = hour(4, 16, 0) + 3 * hour(8, 32, 10)
    assert usd == pytest.approx(hour(10, 40, 5) + whole / 2)
    assert emr.asked == ["ended"]


def test_a_job_whose_bill_is_not_there_costs_its_time() -> None:
    progress = running(resources=Resources(job_runs=[JobRun("ended", "app", BEGAN, BEGAN + HOUR)]))

    assert spending(Emr()).usd(progress, BEGAN + 9 * HOUR) == pytest.approx(hour(4, 16, 0) + 3 * hour(8, 32, 10))


def test_imports_exports_and_transitions_cost_what_the_history_says() -> None:
    used = Resources(imports={"a": _GB, "b": 3 * _GB}, exports={"c": 2 * _GB}, transitions=4000)

    usd = spending(Emr()).usd(running(resources=used), BEGAN + HOUR)

    assert usd == pytest.approx(4 * 0.17 + 2 * 0.113 + 4 * 0.025)


def test_a_cost_is_told_so_far_and_at_the_end_as_it_is() -> None:
    used = Resources(imports={"a": 10 * _GB})
    costs = spending(Emr())

    assert costs.words(running(resources=used), BEGAN) == "1.70 USD so far"
    assert costs.words(running(resources=used, stopped=BEGAN, status="SUCCEEDED"), BEGAN) == "1.70 USD"


def test_rates_that_may_not_be_read_make_the_cost_unknown_and_nothing_else() -> None:
    class Refusing(Deployed):
        def get_function_configuration(self, **_: object) -> dict[str, Any]:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetFunctionConfiguration")

    deployed = Refusing()
    costs = Spending(environment(stepfunctions=deployed, **{"lambda": deployed, "emr_serverless": Emr()}))

    assert (costs.usd(running(), BEGAN), costs.words(running(), BEGAN)) == (None, "")


def test_resources_are_read_from_the_history() -> None:
    job = {"JobRunId": "j-1", "ApplicationId": "app"}
    failed = {"type": "TaskFailed", "taskFailedEventDetails": {"resource": "startJobRun.sync", "resourceType": "emr"}}
    export = {"ExportDescription": {"ExportArn": "e", "BilledSizeBytes": 5}}
    used = Resources()
    for event in numbered(
        {"type": "TaskStateEntered", "stateEnteredEventDetails": {"name": "RunBootstrap"}},
        answered("startJobRun.sync", job, submitted=True),
        answered("startJobRun.sync", job),
        answered("startJobRun.sync", {"JobRunId": "j-2", "ApplicationId": "app"}, submitted=True),
        failed,
        answered("importTable", {"ImportTableDescription": {"ImportArn": "i"}}),
        answered("describeImport", {"ImportTableDescription": {"ImportArn": "i", "ProcessedSizeBytes": 70}}),
        answered("describeExport", export),
        {"type": "TaskSucceeded", "taskSucceededEventDetails": {"resource": "getObject"}},
    ):
        used.apply(event)

    at = [BEGAN + dt.timedelta(seconds=second) for second in range(10)]
    assert used == Resources(
        imports={"i": 70},
        exports={"e": 5},
        job_runs=[JobRun("j-1", "app", at[2], at[3]), JobRun("j-2", "app", at[4], at[5])],
        transitions=1,
    )
