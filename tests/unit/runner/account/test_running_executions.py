"""A deployment waits for running executions, or fails."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from runner.account.executions import describe
from runner.account.requests import resumed
from runner.account.running_executions import Running, require_idle, running, wait_until_idle
from runner.errors import UsageError
from tests.unit.runner.fakes import States, environment

if TYPE_CHECKING:
    from collections.abc import Iterator

STACKS = {"migration-test-rates": "test", "migration-test-old": "test", "migration-test-2-rates": "test-2"}


class Machines(States):
    """Step Functions with the state machines of two stacks."""

    def get_paginator(self, operation: str) -> Any:  # noqa: ANN401 - a paginator
        if operation != "list_state_machines":
            return super().get_paginator(operation)
        return SimpleNamespace(paginate=self._machines)

    def _machines(self) -> Iterator[dict[str, Any]]:
        for name in (*STACKS, "somebody-elses"):
            yield {"stateMachines": [{"name": name, "stateMachineArn": f"arn:{name}"}]}

    def list_tags_for_resource(self, *, resourceArn: str) -> dict[str, Any]:  # noqa: N803 - boto3's
        return {"tags": [{"key": "migration:stack", "value": STACKS[resourceArn.removeprefix("arn:")]}]}


class Clock:
    """A clock that sleeping moves; after a while, all executions end."""

    def __init__(self, states: States, ends_after: float = float("inf")) -> None:
        self.now, self.states, self.ends_after = 0.0, states, ends_after
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        if self.now >= self.ends_after:
            for execution in self.states.executions.values():
                execution["status"] = "SUCCEEDED"


@pytest.fixture
def states() -> Machines:
    states = Machines()
    states.add("rates", "r-1", "FAILED")
    states.add("rates", "r-2", "RUNNING")
    states.add("availability", "a-1", "SUCCEEDED")
    return states


def test_what_runs_is_found_also_of_a_domain_that_the_catalog_lost_but_not_of_another_stack(states: Machines) -> None:
    states.add("old", "o-1", "RUNNING")
    states.add("2-rates", "x-1", "RUNNING")

    assert running(environment(stepfunctions=states)) == [Running("old", "o-1"), Running("rates", "r-2")]


def test_nothing_is_waited_for_where_nothing_runs() -> None:
    states = Machines()
    states.add("rates", "r-1", "FAILED")
    clock, messages = Clock(states), list[str]()

    assert wait_until_idle(environment(stepfunctions=states), 60, messages.append, sleep=clock.sleep) == []
    assert (clock.slept, messages) == ([], [])


def test_what_runs_is_waited_for_and_told_once(states: Machines) -> None:
    clock, messages = Clock(states, ends_after=90), list[str]()

    left = wait_until_idle(
        environment(stepfunctions=states), 5, messages.append, sleep=clock.sleep, clock=lambda: clock.now
    )

    assert (left, messages, clock.slept) == ([], ["waiting for rates (r-2)"], [30, 30, 30])


@pytest.mark.parametrize(("minutes", "slept"), [(0, []), (0.75, [30, 15])])
def test_what_still_runs_after_the_wait_is_returned(states: Machines, minutes: float, slept: list[float]) -> None:
    clock = Clock(states)

    left = wait_until_idle(
        environment(stepfunctions=states), minutes, lambda _: None, sleep=clock.sleep, clock=lambda: clock.now
    )

    assert (left, clock.slept) == ([Running("rates", "r-2")], slept)


def test_a_deployment_is_refused_while_something_runs_with_how_to_follow_it() -> None:
    stack = environment(stepfunctions=Machines())
    message = (
        "test is not idle: rates (r-2) still runs. Wait for its end, then try again: "
        "migrate follow --environment test r-2"
    )

    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        require_idle(stack, [Running("rates", "r-2")])
    require_idle(stack, [])


@pytest.mark.parametrize(
    ("error", "named", "jar_key"),
    [
        ("ExportFailed", None, "releases/a/x.jar"),
        ("ReleaseChanged", None, None),
        ("ReleaseChanged", "releases/b/x.jar", "releases/b/x.jar"),
        ("ExportFailed", "releases/b/x.jar", "releases/b/x.jar"),
    ],
)
def test_a_resume_asks_for_the_same_release_unless_that_was_refused(
    error: str, named: str | None, jar_key: str | None
) -> None:
    states = States()
    arn = states.add("rates", "r-1", "FAILED", {"jarKey": "releases/a/x.jar"}, error=error)

    assert resumed(describe(states, arn), named).jar_key == jar_key
