"""The Spark application is stopped before it is updated, but never under a job."""

from __future__ import annotations

from typing import Any

import pytest

from runner.account.spark_application import stop_application
from runner.errors import UsageError
from tests.unit.runner.fakes import FakeEnvironment

NAME = "migration-test-spark"


class Emr:
    """EMR Serverless with applications in memory; a stop takes two polls."""

    def __init__(self, state: str, names: tuple[str, ...] = (NAME,), jobs: tuple[str, ...] = ()) -> None:
        self.states = [state]
        self._names, self._jobs = names, jobs
        self.stopped: list[str] = []

    def get_paginator(self, operation: str) -> Emr:
        self._operation = operation
        return self

    def paginate(self, **arguments: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - boto3's
        if self._operation == "list_applications":
            return [{"applications": [{"id": f"id-{name}", "name": name}]} for name in ("other", *self._names)]
        assert arguments["applicationId"] == f"id-{NAME}"
        return [{"jobRuns": [{"name": job} for job in self._jobs]}]

    def stop_application(self, *, applicationId: str) -> None:  # noqa: N803 - boto3's
        self.stopped.append(applicationId)
        self.states = ["STOPPING", "STOPPING", "STOPPED"]

    def get_application(self, *, applicationId: str) -> dict[str, Any]:  # noqa: N803, ARG002 - boto3's
        return {"application": {"state": self.states.pop(0) if len(self.states) > 1 else self.states[0]}}


def stop(emr: Emr) -> str:
    stack = FakeEnvironment("test", "971779422973", "eu-west-1", clients={"emr-serverless": emr})
    return stop_application(stack, sleep=lambda _: None)


def test_a_started_application_is_stopped_and_waited_for() -> None:
    emr = Emr("STARTED")

    assert stop(emr) == NAME
    assert emr.stopped == [f"id-{NAME}"]


@pytest.mark.parametrize("state", ["CREATED", "STOPPED"])
def test_what_can_be_updated_is_left_alone(state: str) -> None:
    emr = Emr(state)

    assert stop(emr) == NAME
    assert emr.stopped == []


def test_an_application_with_jobs_is_not_stopped() -> None:
    emr = Emr("STARTED", jobs=("rates-bootstrap-1",))

    with pytest.raises(UsageError, match="migration-test-spark runs rates-bootstrap-1; wait for the end"):
        stop(emr)
    assert emr.stopped == []


@pytest.mark.parametrize("names", [(), (NAME, NAME)])
def test_none_or_two_of_the_name_are_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match=f"there are {len(names)} applications named {NAME}, not one"):
        stop(Emr("STARTED", names))


def test_an_application_that_does_not_stop_is_told() -> None:
    emr = Emr("STARTED")
    emr.stop_application = lambda **_: None  # type: ignore[method-assign]  # it does nothing

    with pytest.raises(UsageError, match="is STARTED after 600 s"):
        stop(emr)
