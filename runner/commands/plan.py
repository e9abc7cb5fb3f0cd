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
from runner.starting import Request, chosen_domains


@app.command()
def plan(
    environment: EnvironmentOption,
    domain: Annotated[
        list[str],
        typer.Option(envvar="MIGRATION_DOMAIN", help="What to migrate: a domain of the catalog, or all. Repeatable."),
    ],
    mode: ModeOption = "rehearsal",
    parallelism: ParallelismOption = 9,
    run_id: RunIdOption = None,
    jar_key: JarKeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what a run would meet, take and cost, before anything is created; exit code 1 says that it would fail."""
    target = load_environment(environment)
    names = chosen_domains(domain, target.catalog)
    plans = [check(target, Request(name, mode, parallelism, run_id, jar_key)) for name in names]
    if as_json:
        documents = [planned.document() for planned in plans]
        write_json(documents[0] if len(documents) == 1 else {"plans": documents})
    else:
        for planned in plans:
            planned.render(console)
    if not all(planned.would_go for planned in plans):
        raise typer.Exit(FAILED)
