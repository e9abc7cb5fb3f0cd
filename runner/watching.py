"""Watch executions in a command: show them, and end the command as they ended."""

from __future__ import annotations

import boto3
import typer

from runner.following import follow
from runner.output import FAILED, INTERRUPTED, complain, console, say
from runner.views import view_for


def watch(arns: list[str]) -> None:
    """Follow executions and end the command as they ended."""
    states = boto3.client("stepfunctions", region_name=arns[0].split(":")[3])
    try:
        with view_for(console) as view:
            ended = follow(states, arns, view)
    except KeyboardInterrupt:
        complain(f"detached; the migration goes on. Follow it again: python -m runner follow {' '.join(arns)}")
        raise typer.Exit(INTERRUPTED) from None
    for progress in ended:
        if progress.error:
            complain(f"{progress.domain}: {progress.error}: {progress.cause}")
        elif progress.output:
            say(f"{progress.domain}: {progress.output.get('verdict')}, report {progress.output.get('report')}")
    if any(progress.status != "SUCCEEDED" for progress in ended):
        raise typer.Exit(FAILED)
