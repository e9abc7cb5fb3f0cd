"""`start`: start migrations, and follow them to their end."""

from __future__ import annotations

from typing import Annotated

import typer

from runner.account.environments import load_environment
from runner.account.requests import Request, chosen_domains
from runner.commands import app
from runner.commands.options import (
    ApprovedByOption,
    DetachOption,
    DomainsOption,
    EnvironmentOption,
    FollowJsonOption,
    ForMinutesOption,
    JarKeyOption,
    KeepClonesOption,
    ModeOption,
    ParallelismOption,
    RequestedByOption,
    RunIdOption,
    YesOption,
)
from runner.commands.start.begin import StartOptions, begin
from runner.errors import UsageError


@app.command(epilog="Example: migrate start --environment test --domain all")
def start(
    environment: EnvironmentOption,
    domain: DomainsOption,
    mode: ModeOption = "rehearsal",
    parallelism: ParallelismOption = 9,
    run_id: RunIdOption = None,
    jar_key: JarKeyOption = None,
    keep_clones: KeepClonesOption = False,
    requested_by: RequestedByOption = None,
    table: Annotated[
        list[str] | None,
        typer.Option(envvar="MIGRATION_TABLE", help="Rehearse only this table of the domain. Repeatable."),
    ] = None,
    approved_by: ApprovedByOption = None,
    skip_plan: Annotated[
        bool, typer.Option("--skip-plan", envvar="MIGRATION_SKIP_PLAN", help="Skip the pre-flight plan.")
    ] = False,
    yes: YesOption = False,
    detach: DetachOption = False,
    for_minutes: ForMinutesOption = None,
    as_json: FollowJsonOption = False,
) -> None:
    """Start migrations and follow them to their end; several domains run in parallel.

    The pre-flight plan runs first, and the command fails if the plan finds a problem (see plan). An official run asks
    for the domain's name, unless --yes.
    """
    target = load_environment(environment)
    names = chosen_domains(domain, target.catalog)
    if table and len(names) > 1:
        raise UsageError(f"--table: name only the domain that has these tables, not {', '.join(names)}")
    requests = [
        Request(
            name,
            mode,
            parallelism,
            run_id,
            jar_key,
            keep_clones,
            requested_by,
            approved_by=approved_by,
            tables=tuple(table or ()),
        )
        for name in names
    ]
    options = StartOptions(skip_plan=skip_plan, yes=yes, detach=detach, for_minutes=for_minutes, as_json=as_json)
    begin(target, requests, options)
