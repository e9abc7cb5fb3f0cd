"""`start`: start migrations and follow them to their end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from runner.account.clone_ages import existing
from runner.account.environments import find_machine, load_environment
from runner.account.requests import Request, approved, chosen_domains
from runner.account.requests import start as start_execution
from runner.commands import app
from runner.commands.confirmation import confirm
from runner.commands.follow.watch import watch
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
from runner.commands.start.preflight import plan_first
from runner.console import complain, say, write_json
from runner.errors import UsageError

if TYPE_CHECKING:
    from runner.account.environments import Environment


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
        typer.Option(envvar="MIGRATION_TABLE", help="Rehearse this table of the domain alone. Repeatable."),
    ] = None,
    approved_by: ApprovedByOption = None,
    skip_plan: Annotated[
        bool, typer.Option("--skip-plan", envvar="MIGRATION_SKIP_PLAN", help="Do not look first what would fail.")
    ] = False,
    yes: YesOption = False,
    detach: DetachOption = False,
    for_minutes: ForMinutesOption = None,
    as_json: FollowJsonOption = False,
) -> None:
    """Start migrations and follow them to their end; several domains run side by side.

    What would fail is looked up first and refused (see plan). An official run asks for the domain's name, unless --yes.
    """
    where = load_environment(environment)
    names = chosen_domains(domain, where.catalog)
    if table and len(names) > 1:
        raise UsageError(f"--table: name the one domain that has these tables, not {', '.join(names)}")
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
    manner = Manner(skip_plan=skip_plan, yes=yes, detach=detach, for_minutes=for_minutes, as_json=as_json)
    begin(where, requests, manner)


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How a start goes on."""

    skip_plan: bool
    yes: bool
    detach: bool
    for_minutes: float | None
    as_json: bool


def begin(environment: Environment, requests: list[Request], manner: Manner) -> None:
    """Check all requests, plan, ask, start them, and follow."""
    for request in requests:
        approved(environment, request).check(environment.catalog)
        find_machine(environment, request.domain, catch_up=request.is_catch_up)
    tell = complain if manner.as_json else say
    migrations = [request for request in requests if not request.is_catch_up and not request.verify]
    if migrations and not manner.skip_plan:
        plan_first(environment, migrations, tell)
    official = [request.domain for request in requests if request.mode == "official" and not request.verify]
    if official:
        named = f"{' and '.join(official)} in {environment.name}, account {environment.account},"
        what = (
            f"An official run of {named} makes the tables of production's names and enables their streams."
            if migrations
            else f"A {requests[0].word} of {named} writes to the tables of production's names what differs from Aurora."
        )
        confirm(f"{what} {existing(environment)}", official, yes=manner.yes)
    started = []
    for request in requests:
        started.append((request, start_execution(environment, request)))
        tell(f"started {started[-1][1]}")  # at once: whatever happens next, it runs
    if not manner.detach:
        watch(environment, [arn for _, arn in started], for_minutes=manner.for_minutes, as_json=manner.as_json)
    elif manner.as_json:
        write_json({"executions": [{"domain": r.domain, "arn": arn, "input": r.input()} for r, arn in started]})
