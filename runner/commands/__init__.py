"""The commands of the command line; each has a module that registers it with `app`."""

from __future__ import annotations

import importlib

import typer

from runner.console import EXIT_CODES

# In the order of --help.
NAMES = (
    "plan",
    "start.command",
    "follow.command",
    "status",
    "resume",
    "catch_up",
    "repair",
    "verify",
    "stop.command",
    "cut_over.command",
    "release_clones.command",
    "report",
    "releases",
    "idle",
    "stop_spark",
    "stack",
)

app = typer.Typer(
    help=f"Migrate hotel rates and availability from Aurora to DynamoDB.\n\n{EXIT_CODES}",
    no_args_is_help=True,
)


def load() -> typer.Typer:
    """Return the command line with all commands."""
    for name in NAMES:
        importlib.import_module(f"{__name__}.{name}")
    return app
