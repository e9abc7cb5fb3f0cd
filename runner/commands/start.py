"""`start`: start a migration and follow it to its end."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from runner.commands import app
from runner.environments import load_environment
from runner.output import say
from runner.starting import Request
from runner.starting import start as start_execution
from runner.watching import watch


@app.command()
def start(  # noqa: PLR0917 - typer makes options of them
    environment: Annotated[str, typer.Option(help="The stack: test or prod.")],
    domain: Annotated[str, typer.Option(help="What to migrate: rates or availability.")],
    mode: Annotated[
        Literal["rehearsal", "official"],
        typer.Option(help="A rehearsal writes <Table>-rehearsal and enables no stream."),
    ] = "rehearsal",
    parallelism: Annotated[int, typer.Option(help="Clusters and tables at once, 1 to 40.")] = 9,
    run_id: Annotated[str | None, typer.Option(help="The run id; by default the execution's name.")] = None,
    jar_key: Annotated[str | None, typer.Option(help="Use this release JAR instead of the newest.")] = None,
    keep_clones: Annotated[bool, typer.Option(help="Do not destroy the clones at the end.")] = False,  # noqa: FBT002 - a flag
    detach: Annotated[bool, typer.Option(help="Start and return at once.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Start a migration and follow it to its end."""
    request = Request(domain, mode, parallelism, run_id, jar_key, keep_clones)
    arn = start_execution(load_environment(environment), request)
    say(f"started {arn}")
    if not detach:
        watch([arn])
