"""`verify`: export and compare the tables of a matching run again."""

from __future__ import annotations

from typing import Annotated

import typer

from runner.account.environments import load_environment
from runner.account.executions import find
from runner.account.requests import Request, mode_of
from runner.commands import app
from runner.commands.options import (
    DetachOption,
    EnvironmentOption,
    ForMinutesOption,
    JsonOption,
    ParallelismOption,
    RequestedByOption,
)
from runner.commands.start.begin import StartOptions, begin
from runner.errors import UsageError


@app.command(epilog="Example: migrate verify availability-2027-03-01-120000 --environment prod")
def verify(
    run: Annotated[str, typer.Argument(metavar="RUN", help="The run id of a matching run, or one of its executions.")],
    environment: EnvironmentOption,
    parallelism: ParallelismOption = 9,
    requested_by: RequestedByOption = None,
    detach: DetachOption = False,
    for_minutes: ForMinutesOption = None,
    as_json: JsonOption = False,
) -> None:
    """Export the tables of a run that matched, and compare them again with the rows that the run read.

    The verification shows whether anybody has written to the tables since. It writes no item, and creates and reads no
    clone. It rejects live tables, because applications write to them.
    """
    target = load_environment(environment)
    executions = find(target, run)
    running = [execution for execution in executions if execution.status == "RUNNING"]
    if running:
        raise UsageError(
            f"the run {running[0].run} of {running[0].domain} is running. Follow it: migrate follow {running[0].arn}"
        )
    requests = [
        Request(
            execution.domain,
            mode_of(execution),
            parallelism,
            execution.run,
            requested_by=requested_by,
            verify=True,
        )
        for execution in executions
    ]
    begin(
        target,
        requests,
        StartOptions(skip_plan=True, yes=True, detach=detach, for_minutes=for_minutes, as_json=as_json),
    )
