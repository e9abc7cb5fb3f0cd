"""`resume`: continue a failed run."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from runner.account.environments import load_environment
from runner.account.requests import resumed
from runner.commands import app
from runner.commands.attempts import failed_attempts
from runner.commands.options import ApprovedByOption, EnvironmentOption, FollowJsonOption, JarKeyOption
from runner.commands.start.begin import StartOptions, begin


@app.command(epilog="Example: migrate resume rates-rehearsal-20260101-120000-000 --environment test")
def resume(
    run: Annotated[str, typer.Argument(metavar="RUN", help="The run id of a failed run, or one of its executions.")],
    environment: EnvironmentOption,
    jar_key: JarKeyOption = None,
    approved_by: ApprovedByOption = None,
    skip_plan: Annotated[bool, typer.Option("--skip-plan", help="Skip the pre-flight plan.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Resume an official run without asking.")] = False,
    detach: Annotated[bool, typer.Option("--detach", help="Start and return at once.")] = False,
    for_minutes: Annotated[float | None, typer.Option(min=0, help="Detach after so many minutes; see follow.")] = None,
    as_json: FollowJsonOption = False,
) -> None:
    """Continue a failed run with its domain, mode and parallelism.

    The run does not repeat completed steps. It keeps the release that wrote its items, and its approval. A run that
    succeeded or is running cannot be resumed.
    """
    target = load_environment(environment)
    requests = [resumed(execution, jar_key) for execution in failed_attempts(target, run, "resume")]
    if approved_by:
        requests = [replace(request, approved_by=approved_by) for request in requests]
    options = StartOptions(skip_plan=skip_plan, yes=yes, detach=detach, for_minutes=for_minutes, as_json=as_json)
    begin(target, requests, options)
