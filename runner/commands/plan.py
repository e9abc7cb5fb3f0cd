"""`plan`: what a run would meet, take and cost, before anything is created."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from runner.commands import app
from runner.environments import load_environment
from runner.output import FAILED, EnvironmentOption, JsonOption, console, write_json
from runner.plan import check
from runner.starting import Request


@app.command()
def plan(
    environment: EnvironmentOption,
    domain: Annotated[str, typer.Option(envvar="MIGRATION_DOMAIN", help="What to migrate: a domain of the catalog.")],
    mode: Annotated[
        Literal["rehearsal", "official"],
        typer.Option(envvar="MIGRATION_MODE", help="A rehearsal writes <Table>-rehearsal and enables no stream."),
    ] = "rehearsal",
    parallelism: Annotated[
        int, typer.Option(envvar="MIGRATION_PARALLELISM", help="Clusters and tables at once, 1 to 40.")
    ] = 9,
    run_id: Annotated[
        str | None, typer.Option(envvar="MIGRATION_RUN_ID", help="The run id of a failed run that is to go on.")
    ] = None,
    jar_key: Annotated[
        str | None, typer.Option(envvar="MIGRATION_JAR_KEY", help="Use this release JAR instead of the newest.")
    ] = None,
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
