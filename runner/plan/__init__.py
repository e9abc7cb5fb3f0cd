"""What a run would meet, take and cost: looked up before anything is created."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runner.account.environments import Environment
    from runner.account.requests import Request
    from runner.plan.model import Plan


def check(environment: Environment, request: Request) -> Plan:
    """Return the plan of a run; it creates and changes nothing, and takes seconds.

    Raises:
        UsageError: The request is wrong, or the stack is not deployed.
    """
    # On demand: a command that plans nothing does not pay for it.
    from runner.plan.assemble import plan  # noqa: PLC0415

    return plan(environment, request)
