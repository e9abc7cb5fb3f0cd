"""`plan`: the checks, duration and cost of a run before it starts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from runner.account.environments import load_environment
from runner.account.requests import Request, chosen_domains
from runner.commands import app
from runner.commands.options import (
    DomainsOption,
    EnvironmentOption,
    JarKeyOption,
    JsonOption,
    OptionalModeOption,
    ParallelismOption,
    RunIdOption,
    WritesOption,
)
from runner.console import FAILED, console, write_json
from runner.plan import check
from runner.plan.catch_up import check_catch_up
from runner.plan.catch_up.model import CatchUpPlan
from runner.plan.catch_up.page import render as render_catch_up
from runner.plan.page import render

if TYPE_CHECKING:
    from runner.plan.model import Plan


@app.command(epilog="Example: migrate plan --environment prod --domain rates --catch-up")
def plan(
    environment: EnvironmentOption,
    domain: DomainsOption,
    mode: OptionalModeOption = None,
    catch_up: Annotated[
        bool, typer.Option("--catch-up", help="Plan a catch-up, with the write stop of the last one.")
    ] = False,
    writes_per_second: WritesOption = None,
    parallelism: ParallelismOption = 9,
    run_id: RunIdOption = None,
    jar_key: JarKeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check everything a run depends on, and estimate its duration and cost; exit code 1 means that it would fail.

    The command changes nothing. With --catch-up it checks a catch-up, and estimates the write stop before a cut-over
    by phase. The default mode is rehearsal for a migration and official for a catch-up.
    """
    target = load_environment(environment)
    chosen = mode or ("official" if catch_up else "rehearsal")
    requests = [
        Request(
            name,
            chosen,
            parallelism,
            run_id,
            jar_key,
            is_catch_up=catch_up,
            writes_per_second=writes_per_second if catch_up else None,
        )
        for name in chosen_domains(domain, target.catalog)
    ]
    plans: list[Plan | CatchUpPlan] = [
        check_catch_up(target, request) if catch_up else check(target, request) for request in requests
    ]
    if as_json:
        documents = [planned.document() for planned in plans]
        write_json(documents[0] if len(documents) == 1 else {"plans": documents})
    else:
        for planned in plans:
            _render(planned)
    if not all(planned.would_go for planned in plans):
        raise typer.Exit(FAILED)


def _render(planned: Plan | CatchUpPlan) -> None:
    """Write a plan as text."""
    if isinstance(planned, CatchUpPlan):
        render_catch_up(planned, console)
    else:
        render(planned, console)
