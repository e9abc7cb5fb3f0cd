"""`catch-up` and `repair` start the domain's second state machine."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from runner.account.executions import find, newest_first
from runner.account.requests import Request, resumed
from runner.commands import load
from runner.errors import UsageError
from tests.unit.runner.fakes import BEGAN, FakeEnvironment, Rds, States, environment

if TYPE_CHECKING:
    from collections.abc import Iterator

MACHINES = ("migration-test-rates", "migration-test-rates-catch-up")


class Started(States):
    """Step Functions that records started executions."""

    def __init__(self) -> None:
        super().__init__()
        self.started: list[tuple[str, str, dict[str, Any]]] = []

    def start_execution(self, *, stateMachineArn: str, name: str, input: str) -> dict[str, str]:  # noqa: A002, N803 - boto3's
        self.started.append((stateMachineArn.rsplit(":", 1)[1], name.rsplit("-", 3)[0], json.loads(input)))
        return {"executionArn": f"{stateMachineArn.replace(':stateMachine:', ':execution:')}:{name}"}

    def list_tags_for_resource(self, *, resourceArn: str) -> dict[str, Any]:  # noqa: N803 - boto3's
        assert resourceArn
        return {"tags": [{"key": "migration:system", "value": "rates-avail-migration-bootstrap"}]}

    def get_paginator(self, operation: str) -> Any:  # noqa: ANN401 - a paginator
        if operation == "list_state_machines":
            arn = environment().machine("rates").rsplit(":", 1)[0]
            page = {"stateMachines": [{"name": name, "stateMachineArn": f"{arn}:{name}"} for name in MACHINES]}
            return SimpleNamespace(paginate=lambda: iter([page]))
        return super().get_paginator(operation)


def stack_of(states: States) -> FakeEnvironment:
    return environment(stepfunctions=states, rds=Rds())


@pytest.fixture
def states(monkeypatch: pytest.MonkeyPatch) -> Iterator[Started]:
    made = Started()
    for command in ("catch_up", "repair", "resume"):
        monkeypatch.setattr(f"runner.commands.{command}.load_environment", lambda _name: stack_of(made))
    monkeypatch.setattr("runner.account.requests.getpass.getuser", lambda: "ada")
    return made


def run(*arguments: str) -> None:
    load()([*arguments, "-e", "test", "--yes", "--detach"], standalone_mode=False)


def test_a_catch_up_is_official_and_names_only_what_was_asked(states: Started) -> None:
    run("catch-up", "--domain", "rates")

    assert states.started == [
        (
            "migration-test-rates-catch-up",
            "rates-catch-up",
            {"mode": "official", "parallelism": 9, "keepClones": False, "requestedBy": "ada"},
        )
    ]


def test_the_bounds_of_a_catch_up_reach_its_input(states: Started) -> None:
    bounds = ("--max-delete-percent", "0", "--max-change-percent", "160.5", "--writes-per-second", "100")

    run("catch-up", "--domain", "rates", "--mode", "rehearsal", *bounds)

    ((_, _, run_input),) = states.started
    assert run_input == {
        "mode": "rehearsal",
        "parallelism": 9,
        "keepClones": False,
        "requestedBy": "ada",
        "maxDeletePercent": 0,
        "maxChangePercent": 160.5,
        "writesPerSecond": 100,
    }


def test_a_repair_takes_the_run_of_a_migration_with_its_mode(states: Started) -> None:
    states.add("rates", "r-1", "FAILED", {"parallelism": 4}, error="DataMismatch")

    run("repair", "r-1")

    assert states.started == [
        (
            "migration-test-rates-catch-up",
            "rates-repair",
            {
                "mode": "rehearsal",
                "parallelism": 4,
                "runId": "r-1",
                "keepClones": False,
                "requestedBy": "ada",
                "repair": True,
            },
        )
    ]


def test_a_repair_of_what_matched_is_refused(states: Started) -> None:
    states.add("rates", "r-1", "SUCCEEDED")

    with pytest.raises(UsageError, match="nothing to repair in r-1"):
        run("repair", "r-1")
    assert states.started == []


def test_a_failed_catch_up_is_resumed_as_one(states: Started) -> None:
    states.add("rates-catch-up", "c-1", "FAILED", {"maxChangePercent": 60}, error="ApplyFailed")

    run("resume", "c-1")

    ((machine, _, run_input),) = states.started
    assert machine == "migration-test-rates-catch-up"
    assert (run_input["runId"], run_input["mode"], run_input["maxChangePercent"]) == ("c-1", "official", 60)
    assert "repair" not in run_input


def test_an_execution_of_either_machine_is_of_its_domain() -> None:
    states = States()
    arns = [
        states.add(domain, name, "SUCCEEDED")
        for domain, name in (("rates", "b-1"), ("rates-catch-up", "c-1"), ("rates", "b-2"))
    ]

    assert list(newest_first(stack_of(states), "rates")) == arns[::-1]
    assert list(newest_first(stack_of(states), "rates", catch_ups=False)) == [arns[2], arns[0]]
    (execution,) = find(stack_of(states), "c-1")
    assert (execution.domain, execution.is_catch_up, execution.started.hour) == ("rates", True, BEGAN.hour + 1)
    assert resumed(execution) == Request("rates", "official", 9, "c-1", is_catch_up=True)


@pytest.mark.parametrize(
    ("changes", "option"),
    [
        ({"max_delete_percent": 100.1}, "--max-delete-percent"),
        ({"max_change_percent": -1}, "--max-change-percent"),
        ({"writes_per_second": 0}, "--writes-per-second"),
    ],
)
def test_what_the_state_machine_would_refuse_is_refused_before(changes: dict[str, Any], option: str) -> None:
    with pytest.raises(UsageError, match=option):
        Request("rates", is_catch_up=True, **changes).check(environment().catalog)
