"""`plan`: what a run would meet, take and cost, before anything is created."""

from __future__ import annotations

from typing import Annotated

import typer

from runner.commands import app
from runner.environments import load_environment
from runner.output import (
    FAILED,
    EnvironmentOption,
    JarKeyOption,
    JsonOption,
    ModeOption,
    ParallelismOption,
    RunIdOption,
    console,
    write_json,
)
from runner.plan import check
from runner.starting import Request


@app.command()
def plan(
    environment: EnvironmentOption,
    domain: Annotated[str, typer.Option(envvar="MIGRATION_DOMAIN", help="What to migrate: a domain of the catalog.")],
    mode: ModeOption = "rehearsal",
    parallelism: ParallelismOption = 9,
    run_id: RunIdOption = None,
    jar_key: JarKeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what a run would meet, take and cost, before anything is created; exit code 1 says that it would fail."""
    found = check(load_environment(environment), Request(domain, mode, parallelism, run_id, jar_key))
    if as_json:
        write_json(found.document())
    else:
        found.render(console)
    if not found.would_go:
        raise typer.Exit(FAILED)
