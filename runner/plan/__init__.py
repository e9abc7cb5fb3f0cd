"""The pre-flight plan of a run: checks, duration and cost, looked up before the run creates anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runner.account.environments import Environment
    from runner.account.requests import Request
    from runner.plan.model import Plan


def check(environment: Environment, request: Request) -> Plan:
    """Return the plan of a run in seconds, without creating or changing anything.

    Raises:
        UsageError: The request is wrong, or the stack is not deployed.
    """
    # Imported on demand: other commands start faster.
    from runner.plan.assemble import plan  # noqa: PLC0415

    return plan(environment, request)
