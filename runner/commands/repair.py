"""`repair`: make the tables of a failed run equal to its clones, and prove them."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from runner.account.environments import load_environment
from runner.account.executions import find
from runner.account.requests import resumed
from runner.commands import app
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
from runner.commands.start.begin import Manner, begin
from runner.errors import UsageError
from runner.labels import STATUSES

_OVER_AND_DONE = ("SUCCEEDED", "RUNNING")


@app.command(epilog="Example: migrate repair rates-official-20260101-120000-000 --environment prod")
def repair(
    run: Annotated[str, typer.Argument(metavar="RUN", help="The run id of a run that failed, or an execution of it.")],
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
    """Make the tables of a run that failed equal to its clones, and prove them.

    The tables are exported as they are, and what differs from the run's items is written. A run that succeeded, or that
    is running, is refused. A repair asks for the domain's name, unless --yes.
    """
    target = load_environment(environment)
    # The target may be an older attempt of a run that was resumed since.
    attempts = [new for old in find(target, run) for new in find(target, old.run) if new.domain == old.domain]
    failed = [execution for execution in attempts if execution.status not in _OVER_AND_DONE]
    if not failed:
        endings = ", ".join(f"{e.domain} {STATUSES.get(e.status, e.status)} ({e.name})" for e in attempts)
        raise UsageError(f"there is nothing to repair in {run}: {endings}")
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
        for execution in failed
    ]
    begin(target, requests, Manner(skip_plan=True, yes=yes, detach=detach, for_minutes=for_minutes, as_json=as_json))
