"""Running executions; a deployment waits for their end, because it changes the functions that they call."""

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
    """A running execution."""

    domain: str
    execution: str

    def __str__(self) -> str:
        return f"{self.domain} ({self.execution})"


def running(environment: Environment) -> list[Running]:
    """Return the stack's running executions, including those of domains that the catalog no longer has."""
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
    """Wait for running executions to end, at most so many minutes; return those that still run."""
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
    """Return the domains of the catalog and of the stack's state machines."""
    known, prefix = domains(environment.catalog), f"{environment.prefix}-"
    states = environment.client("stepfunctions")
    for machine in _machines(states):
        domain = machine["name"].removeprefix(prefix).removesuffix(CATCH_UP)
        if machine["name"].startswith(prefix) and domain not in known:
            tags = states.list_tags_for_resource(resourceArn=machine["stateMachineArn"])["tags"]
            # The name of a stack `test-2` begins with `test` too.
            if {"key": "migration:stack", "value": environment.name} in tags:
                known.append(domain)
    return known


def _machines(states: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - a boto3 client
    for page in states.get_paginator("list_state_machines").paginate():
        yield from page["stateMachines"]


def require_idle(environment: Environment, executions: list[Running]) -> None:
    """Raise an error if executions run.

    Raises:
        UsageError: Executions run; the message names each and how to follow it.
    """
    if executions:
        follow = "; ".join(f"migrate follow --environment {environment.name} {r.execution}" for r in executions)
        raise UsageError(
            f"{environment.name} is not idle: {', '.join(map(str, executions))} still runs. "
            f"Wait for its end, then try again: {follow}"
        )
