"""`idle`: wait until no migration runs."""

from __future__ import annotations

from typing import Annotated

import typer

from runner.account.environments import load_environment
from runner.account.running_executions import require_idle, wait_until_idle
from runner.commands import app
from runner.commands.options import EnvironmentOption
from runner.console import say


@app.command(epilog="Example: migrate idle --environment test --wait 30")
def idle(
    environment: EnvironmentOption,
    wait: Annotated[
        float,
        typer.Option(metavar="MINUTES", min=0, help="Wait this many minutes for running migrations."),
    ] = 0,
) -> None:
    """Succeed if no migration runs, or after waiting for its end; a deployment is safe then."""
    target = load_environment(environment)
    require_idle(target, wait_until_idle(target, wait, say))
    say(f"No migration runs in {target.name}.")
