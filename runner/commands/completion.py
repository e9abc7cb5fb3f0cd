"""Shell completion of stacks and domains; it reads local files and calls no AWS API."""

from __future__ import annotations

from typer import Context  # noqa: TC002 - typer reads the annotations

from runner.account.environments import read_environment, stack_folder
from runner.account.executions import domains
from runner.errors import UsageError

_ALL = "all"


def stacks(incomplete: str) -> list[str]:
    """Return the stacks whose names begin with a prefix."""
    names = sorted(path.name.split(".")[1] for path in stack_folder().glob("Pulumi.*.yaml"))
    return [name for name in names if name.startswith(incomplete)]


def domains_or_all(context: Context, incomplete: str) -> list[str]:
    """Return matching domains and `all`; the domains are the named stack's, or those of every stack."""
    named = context.params.get("environment")
    known = {domain for stack in ([named] if named else stacks("")) for domain in _domains(stack)}
    return [name for name in (*sorted(known), _ALL) if name.startswith(incomplete)]


def _domains(stack: str) -> list[str]:
    """Return the domains of a stack's catalog; none if the stack or the catalog is wrong."""
    try:
        return domains(read_environment(stack).catalog)
    except UsageError:
        return []
