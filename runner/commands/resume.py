"""`resume`: continue a failed run."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from runner.account.environments import load_environment
from runner.account.executions import find
from runner.account.requests import resumed
from runner.commands import app
from runner.commands.options import ApprovedByOption, EnvironmentOption, FollowJsonOption, JarKeyOption
from runner.commands.start.begin import Manner, begin
from runner.errors import UsageError
from runner.labels import STATUSES

_OVER_AND_DONE = ("SUCCEEDED", "RUNNING")


@app.command(epilog="Example: migrate resume rates-rehearsal-20260101-120000-000 --environment test")
def resume(
    run: Annotated[str, typer.Argument(metavar="RUN", help="The run id of a run that failed, or an execution of it.")],
    environment: EnvironmentOption,
    jar_key: JarKeyOption = None,
    approved_by: ApprovedByOption = None,
    skip_plan: Annotated[bool, typer.Option("--skip-plan", help="Do not look first what would fail.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Go on with an official run without asking.")] = False,
    detach: Annotated[bool, typer.Option("--detach", help="Start and return at once.")] = False,
    for_minutes: Annotated[float | None, typer.Option(min=0, help="Detach after so many minutes; see follow.")] = None,
    as_json: FollowJsonOption = False,
) -> None:
    """Go on with a run that failed, with its domain, mode and parallelism.

    What it did is found by its evidence and not done again; the release that wrote its items is kept, and so is the
    approval of the run. A run that succeeded, or that is running, is refused.
    """
    target = load_environment(environment)
    # The target may be an older attempt of a run that was resumed since.
    newest = [new for old in find(target, run) for new in find(target, old.run) if new.domain == old.domain]
    failed = [execution for execution in newest if execution.status not in _OVER_AND_DONE]
    if not failed:
        states = ", ".join(
            f"{execution.domain} {STATUSES.get(execution.status, execution.status)} ({execution.name})"
            for execution in newest
        )
        raise UsageError(f"there is nothing to go on with in {run}: {states}")
    requests = [resumed(execution, jar_key) for execution in failed]
    if approved_by:
        requests = [replace(request, approved_by=approved_by) for request in requests]
    manner = Manner(skip_plan=skip_plan, yes=yes, detach=detach, for_minutes=for_minutes, as_json=as_json)
    begin(target, requests, manner)
