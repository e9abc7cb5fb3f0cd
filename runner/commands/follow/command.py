"""`follow`: watch executions to their end."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import Annotated

import typer

from runner.account.environments import Environment, load_environment
from runner.account.executions import ALL, find, is_arn
from runner.commands import app
from runner.commands.completion import domains_or_all, stacks
from runner.commands.follow.watch import watch
from runner.commands.options import FollowJsonOption
from runner.errors import UsageError

_PREFIX = "migration-"


@app.command(epilog="Example: migrate follow rates --environment test")
def follow(
    targets: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN...",
            autocompletion=domains_or_all,
            help="A run id, an execution's name or ARN, or a domain for its newest run; all is every domain.",
        ),
    ],
    environment: Annotated[
        str | None,
        typer.Option(
            "--environment",
            "-e",
            envvar="MIGRATION_ENVIRONMENT",
            autocompletion=stacks,
            help="The stack; an ARN needs none.",
        ),
    ] = None,
    domain: Annotated[
        str | None, typer.Option(help="The domain, if several have a run with this id (default: all).")
    ] = None,
    for_minutes: Annotated[
        float | None,
        typer.Option(
            envvar="MIGRATION_FOR_MINUTES",
            min=0,
            help="Detach after this many minutes with exit code 130, as Ctrl-C does; the migration continues.",
        ),
    ] = None,
    page: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Keep the report's page current in this file for others to watch."),
    ] = None,
    as_json: FollowJsonOption = False,
) -> None:
    """Follow running migrations, or print how they ended.

    A terminal shows phases, clones, tables and counts; elsewhere each change is a line. Ctrl-C detaches.
    """
    target_environment = _environment_of(targets, environment)
    domain_by_arn = {
        execution.arn: execution.domain for target in targets for execution in find(target_environment, target)
    }
    arns = [arn for arn, of in domain_by_arn.items() if domain in (None, *ALL, of)]
    if not arns:
        raise UsageError(f"{domain} has no run {' '.join(targets)}; there are {', '.join(domain_by_arn)}")
    watch(target_environment, arns, for_minutes=for_minutes, as_json=as_json, page=page)


def _environment_of(targets: list[str], named: str | None) -> Environment:
    """Return the named environment, or the environment of the ARNs."""
    names = {arn.split(":")[6].removeprefix(_PREFIX).split("-")[0] for arn in targets if is_arn(arn)}
    if named is None and not all(is_arn(target) for target in targets):
        unclear = next(target for target in targets if not is_arn(target))
        raise UsageError(f"{unclear!r} is not the ARN of an execution; name its stack with --environment")
    if named is not None:
        names.add(named)
    if len(names) != 1:
        raise UsageError(f"{', '.join(sorted(names))}: only the executions of one environment can be followed at once")
    return load_environment(names.pop())
