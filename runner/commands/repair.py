"""`repair`: make the tables of a failed run equal to its clones, and prove them."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from runner.account.environments import load_environment
from runner.account.requests import resumed
from runner.commands import app
from runner.commands.attempts import failed_attempts
from runner.commands.options import (
    ApprovedByOption,
    DetachOption,
    EnvironmentOption,
    FollowJsonOption,
    ForMinutesOption,
    JarKeyOption,
    MaxChangeOption,
    MaxDeleteOption,
    WritesOption,
    YesOption,
)
from runner.commands.start.begin import StartOptions, begin


@app.command(epilog="Example: migrate repair rates-official-20260101-120000-000 --environment prod")
def repair(
    run: Annotated[str, typer.Argument(metavar="RUN", help="The run id of a failed run, or one of its executions.")],
    environment: EnvironmentOption,
    jar_key: JarKeyOption = None,
    max_delete_percent: MaxDeleteOption = None,
    max_change_percent: MaxChangeOption = None,
    writes_per_second: WritesOption = None,
    approved_by: ApprovedByOption = None,
    yes: YesOption = False,
    detach: DetachOption = False,
    for_minutes: ForMinutesOption = None,
    as_json: FollowJsonOption = False,
) -> None:
    """Make the tables of a failed run equal to its clones, and prove them.

    The repair exports the tables and writes the differences from the run's items. A run that succeeded or is running
    cannot be repaired. The command asks for the domain's name, unless --yes.
    """
    target = load_environment(environment)
    requests = [
        replace(
            resumed(execution, jar_key),
            is_catch_up=True,
            repair=True,
            verify=False,
            max_delete_percent=max_delete_percent,
            max_change_percent=max_change_percent,
            writes_per_second=writes_per_second,
            approved_by=approved_by,
        )
        for execution in failed_attempts(target, run, "repair")
    ]
    options = StartOptions(skip_plan=True, yes=yes, detach=detach, for_minutes=for_minutes, as_json=as_json)
    begin(target, requests, options)
