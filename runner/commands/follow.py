"""`follow`: watch executions to their end."""

from __future__ import annotations

from typing import Annotated

import typer

from runner.commands import app
from runner.errors import UsageError
from runner.watching import watch


@app.command()
def follow(executions: Annotated[list[str], typer.Argument(help="ARNs of executions.")]) -> None:
    """Follow executions that are running, or say how they ended."""
    wrong = [arn for arn in executions if len(arn.split(":")) != 8 or ":execution:" not in arn]  # noqa: PLR2004 - an ARN's parts
    if wrong:
        raise UsageError(f"{wrong[0]!r} is no ARN of an execution")
    watch(executions)
