"""`stop` ends a run completely: its execution, its leftovers and its lock."""

from __future__ import annotations

import getpass
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from runner.account.executions import find
from runner.account.functions import Functions as Lambdas
from runner.commands import load
from runner.commands.stop.run import stop
from runner.errors import FunctionError, UsageError
from tests.unit.runner.fakes import BEGAN, Bucket, FakeEnvironment, Functions, Rds, States, cluster, environment

if TYPE_CHECKING:
    from collections.abc import Callable


class StoppableStates(States):
    """Step Functions that stops executions."""

    def stop_execution(self, *, executionArn: str, error: str, cause: str) -> None:  # noqa: N803 - boto3's
        assert (error, cause) == ("RunStopped", f"A person stopped the run: {getpass.getuser()}")
        self.executions[executionArn] |= {"status": "ABORTED", "error": error, "stopDate": BEGAN}


def account(answer: Callable[[str, dict[str, Any]], dict[str, Any]], status: str = "RUNNING") -> FakeEnvironment:
    states = StoppableStates()
    states.add("rates", "r-1", status)
    made = environment(stepfunctions=states, s3=Bucket(), rds=Rds(cluster("p1")))
    made.clients["lambda"] = Functions(answer)
    return made


def answers(*listed: dict[str, Any]) -> Callable[[str, dict[str, Any]], dict[str, Any]]:
    left = list(listed)
    return lambda _name, _event: left.pop(0)


def test_a_run_is_stopped_and_its_lock_marked_once_nothing_of_it_runs() -> None:
    jobs = {"status": "WAIT", "reason": "1 Spark job runs of the ended run r-1 are being cancelled"}
    unseen = {"errorType": "StillRunningError", "errorMessage": "the domain rates is running"}
    target = account(answers(unseen, jobs, jobs, {"status": "RECORDED"}))
    (execution,) = find(target, "r-1")
    said: list[str] = []
    waits: list[float] = []

    status = stop(target, Lambdas(target), execution, said.append, sleep=waits.append)

    assert status == "RECORDED"
    assert waits == [5, 5, 5]
    assert said == [
        "rates: the execution r-1 is stopped",
        "rates: waiting, since Step Functions still shows the execution as running",
        "rates: waiting, since 1 Spark job runs of the ended run r-1 are being cancelled",
    ]
    assert find(target, "r-1")[0].status == "ABORTED"
    (name, event), *others = target.clients["lambda"].calls
    assert (name, event) == (
        "migration-test-run-registry",
        {"operation": "stop", "domain": "rates", "run": "r-1", "execution": event["execution"]},
    )
    assert re.fullmatch(rf"operator:{re.escape(getpass.getuser())}-[0-9a-f]{{12}}", event["execution"])
    assert others == [(name, event)] * 3


def test_a_run_without_a_lock_has_nothing_to_mark() -> None:
    target = account(answers({"status": "NOT_OWNER"}))
    (execution,) = find(target, "r-1")

    assert stop(target, Lambdas(target), execution, lambda _: None, sleep=lambda _: None) == "NOT_OWNER"


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "StopExecution"),
        EndpointConnectionError(endpoint_url="https://states"),
    ],
    ids=["a refusal", "no connection"],
)
def test_an_execution_that_cannot_be_stopped_is_named_and_its_lock_stays(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    target = account(answers())
    (execution,) = find(target, "r-1")

    def refuse(_states: object, **_: str) -> None:
        raise error

    monkeypatch.setattr(StoppableStates, "stop_execution", refuse)
    with pytest.raises(UsageError) as raised:
        stop(target, Lambdas(target), execution, lambda _: None)

    assert str(raised.value) == f"{execution.arn} could not be stopped: {error}"
    assert target.clients["lambda"].calls == []


def test_a_wait_without_a_reason_is_not_told() -> None:
    target = account(answers({"status": "WAIT"}, {"status": "RECORDED"}), "ABORTED")
    (execution,) = find(target, "r-1")
    said: list[str] = []

    assert stop(target, Lambdas(target), execution, said.append, sleep=lambda _: None) == "RECORDED"
    assert said == []


def test_an_error_of_the_registry_is_not_waited_out() -> None:
    target = account(answers({"errorType": "RegistryError", "errorMessage": "no bucket"}))
    (execution,) = find(target, "r-1")

    with pytest.raises(FunctionError, match="run-registry: RegistryError: no bucket"):
        stop(target, Lambdas(target), execution, lambda _: None, sleep=lambda _: None)


def test_what_does_not_end_is_said_with_the_command_to_call_again() -> None:
    target = account(lambda _name, _event: {"status": "WAIT", "reason": "2 clones are being stopped"})
    (execution,) = find(target, "r-1")
    seconds = iter((0, 600, 601))

    with pytest.raises(
        UsageError, match="2 clones are being stopped; call it again: migrate stop r-1 --environment test"
    ):
        stop(target, Lambdas(target), execution, lambda _: None, sleep=lambda _: None, clock=lambda: next(seconds))

    assert len(target.clients["lambda"].calls) == 2


def run(monkeypatch: pytest.MonkeyPatch, target: FakeEnvironment, *arguments: str) -> None:
    monkeypatch.setattr("runner.commands.stop.command.load_environment", lambda _name: target)
    load()(["stop", "r-1", "-e", "test", *arguments], standalone_mode=False)


def test_the_command_says_what_remains(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    run(monkeypatch, account(answers({"status": "RECORDED"})), "--yes")

    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == [
        "rates: the execution r-1 is stopped",
        "rates: run r-1 is stopped; its lock is marked RunStopped.",
        "  resume it: migrate resume r-1 --environment test",
    ]
    assert lines[3].startswith("1 clones are kept: 0.29 USD an hour")
    assert lines[4:] == ["  destroy them if nobody resumes: migrate release-clones --environment test"]


def test_an_execution_that_was_stopped_by_other_means_is_cleaned_up_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch, account(answers({"status": "RECORDED"}), "ABORTED"), "--yes", "--json")

    assert json.loads(capsys.readouterr().out) == {
        "stopped": [{"domain": "rates", "run": "r-1", "held": True}],
        "clones": ["p1-clone"],
    }


def test_what_succeeded_is_not_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match=r"nothing to stop in r-1: rates succeeded \(r-1\)"):
        run(monkeypatch, account(answers(), "SUCCEEDED"), "--yes")
