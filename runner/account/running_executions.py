"""Whether a migration runs: a deployment changes the functions under it, so it waits."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner.account.environments import CATCH_UP, domain_of
from runner.account.executions import domains, newest_first
from runner.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from runner.account.environments import Environment

_POLL_SECONDS = 30.0


@dataclass(frozen=True)
class Running:
    """An execution that runs."""

    domain: str
    execution: str

    def __str__(self) -> str:
        return f"{self.domain} ({self.execution})"


def running(environment: Environment) -> list[Running]:
    """Return the executions of the stack that run, of domains that the catalog no longer has as well."""
    arns = [arn for domain in _deployed_domains(environment) for arn in newest_first(environment, domain, "RUNNING")]
    return sorted((Running(domain_of(arn), arn.rsplit(":", 1)[1]) for arn in arns), key=str)


def wait_until_idle(
    environment: Environment,
    minutes: float,
    tell: Callable[[str], None],
    *,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> list[Running]:
    """Wait until nothing runs or the minutes are over; return what still runs."""
    limit, shown = clock() + minutes * 60, ""
    while executions := running(environment):
        if clock() >= limit:
            return executions
        listed = ", ".join(map(str, executions))
        if listed != shown:
            tell(f"waiting for {listed}")
            shown = listed
        sleep(min(_POLL_SECONDS, max(0.0, limit - clock())))
    return []


def _deployed_domains(environment: Environment) -> list[str]:
    """Return the catalog's domains, and those whose state machines the stack still has."""
    known, prefix = domains(environment.catalog), f"{environment.prefix}-"
    states = environment.client("stepfunctions")
    for machine in _machines(states):
        domain = machine["name"].removeprefix(prefix).removesuffix(CATCH_UP)
        if machine["name"].startswith(prefix) and domain not in known:
            tags = states.list_tags_for_resource(resourceArn=machine["stateMachineArn"])["tags"]
            # `test` is also how the name of a stack `test-2` begins.
            if {"key": "migration:stack", "value": environment.name} in tags:
                known.append(domain)
    return known


def _machines(states: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - a boto3 client
    for page in states.get_paginator("list_state_machines").paginate():
        yield from page["stateMachines"]


def refuse(environment: Environment, executions: list[Running]) -> None:
    """Refuse to go on while executions run.

    Raises:
        UsageError: Names each, and how to follow it.
    """
    if executions:
        follow = "; ".join(f"migrate follow --environment {environment.name} {r.execution}" for r in executions)
        raise UsageError(
            f"{environment.name} is not idle: {', '.join(map(str, executions))} still runs. "
            f"Wait for its end, then try again: {follow}"
        )
