"""The pre-flight plan of a start: it finds in a minute a failure that would occur after hours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.account.clone_ages import ages
from runner.account.requests import Request
from runner.errors import UsageError
from runner.formatting import money
from runner.labels import duration
from runner.plan import check

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from runner.account.environments import Environment
    from runner.plan.model import Plan


def plan_first(environment: Environment, requests: Iterable[Request], tell: Callable[[str], None]) -> None:
    """Print a summary of each run's plan.

    Raises:
        UsageError: A run would fail; the message lists every reason with its remedy.
    """
    reasons = []
    for request in requests:
        plan = check(environment, request)
        tell(f"{_short(plan)}; the whole plan: {_command(environment, request)}")
        for line in ages(plan.clones, plan.moment):
            tell(f"  {'reuses' if plan.mode == 'rehearsal' else 'clones exist:'} {line}")
        for finding in plan.warnings:
            tell(f"  warning: {finding.about}: {finding.what}; {finding.todo}")
        reasons += [f"{request.domain}: {finding.about}: {finding.what}; {finding.todo}" for finding in plan.findings]
    if reasons:
        listed = "".join(f"\n  {reason}" for reason in reasons)
        problems = f"{len(reasons)} problem{'s' * (len(reasons) != 1)}"
        raise UsageError(f"not started: the plan found {problems}:{listed}\n(--skip-plan starts anyway)")


def _short(plan: Plan) -> str:
    parts = [f"about {duration(plan.seconds)}" if plan.seconds is not None else "of unknown length"]
    if plan.usd is not None:
        parts.append(f"{'about' if plan.complete else 'at least'} {money(plan.usd)} USD (prices of {plan.prices_date})")
    if plan.unchecked:
        parts.append(f"{len(plan.unchecked)} check{'s' * (len(plan.unchecked) != 1)} could not run")
    return f"plan of {plan.domain}: {', '.join(parts)}"


def _command(environment: Environment, request: Request) -> str:
    """Return the command that shows the same plan; it leaves out what is the default."""
    options = {
        "mode": None if request.mode == Request.mode else request.mode,
        "parallelism": None if request.parallelism == Request.parallelism else request.parallelism,
        "run-id": request.run_id,
        "jar-key": request.jar_key,
    }
    asked = "".join(f" --{name} {value}" for name, value in options.items() if value is not None)
    return f"migrate plan --environment {environment.name} --domain {request.domain}{asked}"
