"""The pre-flight plan of a catch-up: checks, and the write stop of the last one before a cut-over."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runner.account.environments import Environment
    from runner.account.requests import Request
    from runner.plan.catch_up.model import CatchUpPlan


def check_catch_up(environment: Environment, request: Request) -> CatchUpPlan:
    """Return the plan of a catch-up in seconds, without creating or changing anything.

    Raises:
        UsageError: The request is wrong, or the stack is not deployed.
    """
    # Imported on demand: other commands start faster.
    from runner.plan.catch_up.assemble import plan_catch_up  # noqa: PLC0415

    return plan_catch_up(environment, request)
