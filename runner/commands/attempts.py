"""Executions of the runs that a command continues or ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.account.executions import find
from runner.errors import UsageError
from runner.labels import STATUSES

if TYPE_CHECKING:
    from runner.account.environments import Environment
    from runner.account.executions import Execution

_NOT_FAILED = ("SUCCEEDED", "RUNNING")


def failed_attempts(environment: Environment, target: str, verb: str) -> list[Execution]:
    """Return the newest execution of each run that the target names, if it failed.

    Raises:
        UsageError: No run failed, so there is nothing to `verb`.
    """
    # The target may be an older attempt of a run that was resumed since.
    newest = [
        new for old in find(environment, target) for new in find(environment, old.run) if new.domain == old.domain
    ]
    failed = [execution for execution in newest if execution.status not in _NOT_FAILED]
    if not failed:
        raise nothing_to(verb, target, newest)
    return failed


def nothing_to(verb: str, target: str, executions: list[Execution]) -> UsageError:
    """Return the error that no execution allows a command, with the status of each."""
    statuses = ", ".join(f"{e.domain} {STATUSES.get(e.status, e.status)} ({e.name})" for e in executions)
    return UsageError(f"nothing to {verb} in {target}: {statuses}")
