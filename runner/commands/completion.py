"""What a shell offers after Tab: stacks of this folder and domains of their catalogs. It asks AWS nothing."""

from __future__ import annotations

from typer import Context  # noqa: TC002 - typer reads the annotations

from runner.account.environments import read_environment, stack_folder
from runner.account.executions import domains
from runner.errors import UsageError

_ALL = "all"


def stacks(incomplete: str) -> list[str]:
    """Return the stacks whose names begin so."""
    names = sorted(path.name.split(".")[1] for path in stack_folder().glob("Pulumi.*.yaml"))
    return [name for name in names if name.startswith(incomplete)]


def domains_or_all(context: Context, incomplete: str) -> list[str]:
    """Return the domains whose names begin so, of the stack that the command line names or of every one, and `all`."""
    named = context.params.get("environment")
    known = {domain for stack in ([named] if named else stacks("")) for domain in _domains(stack)}
    return [name for name in (*sorted(known), _ALL) if name.startswith(incomplete)]


def _domains(stack: str) -> list[str]:
    """Return the domains of a stack's catalog; of a stack or catalog that is wrong, none."""
    try:
        return domains(read_environment(stack).catalog)
    except UsageError:
        return []
