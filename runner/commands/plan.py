"""`plan`: what a run would meet, take and cost, before anything is created."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from runner import output
from runner.commands import app
from runner.environments import load_environment
from runner.plan import check
from runner.starting import Request


@app.command()
def plan(  # noqa: PLR0917 - typer makes options of them
    environment: Annotated[str, typer.Option(help="The stack: test or prod.")],
    domain: Annotated[str, typer.Option(help="What to migrate: rates or availability.")],
    mode: Annotated[
        Literal["rehearsal", "official"],
        typer.Option(help="A rehearsal writes <Table>-rehearsal and enables no stream."),
    ] = "rehearsal",
    parallelism: Annotated[int, typer.Option(help="Clusters and tables at once, 1 to 40.")] = 9,
    run_id: Annotated[str | None, typer.Option(help="The run id of an earlier, failed run that is to go on.")] = None,
    jar_key: Annotated[str | None, typer.Option(help="Use this release JAR instead of the newest.")] = None,
    json: output.JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Say what a run would meet, take and cost; exit code 1 says that it would fail."""
    found = check(load_environment(environment), Request(domain, mode, parallelism, run_id, jar_key))
    if json:
        output.write_json(found.document())
    else:
        found.render(output.console)
    if not found.would_go:
        raise typer.Exit(output.FAILED)
