"""`stop-spark`: stop the Spark application, so that it can be updated."""

from __future__ import annotations

from runner.account.environments import load_environment
from runner.account.spark_application import stop_application
from runner.commands import app
from runner.commands.options import EnvironmentOption
from runner.console import say


@app.command(name="stop-spark", epilog="Example: migrate stop-spark --environment test")
def stop_spark(environment: EnvironmentOption) -> None:
    """Stop the Spark application, which `pulumi up` can only update while it is stopped; not while jobs run."""
    say(f"{stop_application(load_environment(environment))} is stopped; it starts again with the next job.")
