"""The operator's command line: `python -m runner start|follow`.

Exit codes: 0 done, 1 the migration failed, 2 usage or configuration, 130 interrupted (the execution goes on).
"""

from __future__ import annotations

import sys
from typing import Annotated, Literal

import boto3
import typer
from rich.console import Console

from runner.environments import load_environment
from runner.errors import UsageError
from runner.following import follow as follow_executions
from runner.starting import Request
from runner.starting import start as start_execution
from runner.views import view_for

FAILED, USAGE, INTERRUPTED = 1, 2, 130
app = typer.Typer(
    help="Migrate hotel rates and availability from Aurora to DynamoDB.", no_args_is_help=True, add_completion=False
)
console = Console()
errors = Console(stderr=True)


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
    console.print(f"started {arn}", highlight=False, soft_wrap=True)
    if not detach:
        _follow([arn])


@app.command()
def follow(executions: Annotated[list[str], typer.Argument(help="ARNs of executions.")]) -> None:
    """Follow executions that are running, or say how they ended."""
    wrong = [arn for arn in executions if len(arn.split(":")) != 8 or ":execution:" not in arn]  # noqa: PLR2004 - an ARN's parts
    if wrong:
        raise UsageError(f"{wrong[0]!r} is no ARN of an execution")
    _follow(executions)


def _follow(arns: list[str]) -> None:
    states = boto3.client("stepfunctions", region_name=arns[0].split(":")[3])
    try:
        with view_for(console) as view:
            ended = follow_executions(states, arns, view)
    except KeyboardInterrupt:
        errors.print(f"detached; the migration goes on. Follow it again: python -m runner follow {' '.join(arns)}")
        raise typer.Exit(INTERRUPTED) from None
    for progress in ended:
        if progress.error:
            errors.print(f"{progress.domain}: {progress.error}: {progress.cause}", highlight=False, soft_wrap=True)
        elif progress.output:
            report = progress.output.get("report")
            console.print(f"{progress.domain}: {progress.output.get('verdict')}, report {report}", soft_wrap=True)
    if any(progress.status != "SUCCEEDED" for progress in ended):
        raise typer.Exit(FAILED)


def main() -> None:
    """Run the command line; a usage error is one sentence and exit code 2."""
    try:
        app()
    except UsageError as error:
        errors.print(f"error: {error}", highlight=False, soft_wrap=True)
        sys.exit(USAGE)


if __name__ == "__main__":
    main()
