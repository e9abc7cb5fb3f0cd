"""`start`: start migrations and follow them to their end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from runner.commands import app
from runner.confirming import confirm
from runner.environments import find_machine, load_environment
from runner.output import EnvironmentOption, JsonOption, say, write_json
from runner.starting import Request, chosen_domains
from runner.starting import start as start_execution
from runner.watching import watch

if TYPE_CHECKING:
    from runner.environments import Environment


@app.command()
def start(
    environment: EnvironmentOption,
    domain: Annotated[
        list[str],
        typer.Option(envvar="MIGRATION_DOMAIN", help="What to migrate: a domain of the catalog, or both. Repeatable."),
    ],
    mode: Annotated[
        Literal["rehearsal", "official"],
        typer.Option(envvar="MIGRATION_MODE", help="A rehearsal writes <Table>-rehearsal and enables no stream."),
    ] = "rehearsal",
    parallelism: Annotated[
        int, typer.Option(envvar="MIGRATION_PARALLELISM", help="Clusters and tables at once, 1 to 40.")
    ] = 9,
    run_id: Annotated[
        str | None,
        typer.Option(
            envvar="MIGRATION_RUN_ID",
            help="The run id, by default the execution's name. That of a failed run goes on with it.",
        ),
    ] = None,
    jar_key: Annotated[
        str | None, typer.Option(envvar="MIGRATION_JAR_KEY", help="Use this release JAR instead of the newest.")
    ] = None,
    keep_clones: Annotated[
        bool, typer.Option("--keep-clones", envvar="MIGRATION_KEEP_CLONES", help="Leave the clones at the end.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", envvar="MIGRATION_YES", help="Start an official run without asking.")
    ] = False,
    detach: Annotated[
        bool, typer.Option("--detach", envvar="MIGRATION_DETACH", help="Start and return at once.")
    ] = False,
    for_minutes: Annotated[
        float | None,
        typer.Option(envvar="MIGRATION_FOR_MINUTES", min=0, help="Detach after so many minutes; see follow."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Start migrations and follow them to their end; several domains run side by side.

    An official run asks for the domain's name, unless --yes.
    """
    names = chosen_domains(domain)
    requests = [Request(name, mode, parallelism, run_id, jar_key, keep_clones) for name in names]
    begin(load_environment(environment), requests, yes=yes, detach=detach, for_minutes=for_minutes, as_json=as_json)


def begin(
    environment: Environment,
    requests: list[Request],
    *,
    yes: bool,
    detach: bool,
    for_minutes: float | None,
    as_json: bool,
) -> None:
    """Check all requests, ask, start them, and follow."""
    for request in requests:
        request.check()
        find_machine(environment, request.domain)
    official = [request.domain for request in requests if request.mode == "official"]
    if official:
        what = (
            f"An official run of {' and '.join(official)} in {environment.name}, account {environment.account}, "
            "makes the tables of production's names and enables their streams."
        )
        confirm(what, official, yes=yes)
    started = [(request, start_execution(environment, request)) for request in requests]
    if detach and as_json:
        write_json({"executions": [{"domain": r.domain, "arn": arn, "input": r.input()} for r, arn in started]})
    if not as_json:
        for _, arn in started:
            say(f"started {arn}")
    if not detach:
        watch(environment, [arn for _, arn in started], for_minutes=for_minutes, as_json=as_json)
