"""What a catch-up would meet, and how long writes would have to stop for the last one before a cut-over."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runner.account.environments import Environment
    from runner.account.requests import Request
    from runner.plan.catch_up.model import CatchUpPlan


def check_catch_up(environment: Environment, request: Request) -> CatchUpPlan:
    """Return the plan of a catch-up; it creates and changes nothing, and takes seconds.

    Raises:
        UsageError: The request is wrong, or the stack is not deployed.
    """
    # On demand: a command that plans nothing does not pay for it.
    from runner.plan.catch_up.assemble import plan_catch_up  # noqa: PLC0415

    return plan_catch_up(environment, request)
