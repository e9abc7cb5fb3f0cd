"""A cut-over before the verdict: the last catch-up has applied every change; it exports and compares afterwards."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING

from runner.account.executions import describe
from runner.account.registry import locks
from runner.account.requests import OFFICIAL, mode_of
from runner.commands.cut_over.checks import EXPORT_SETTLES
from runner.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.account.environments import Environment
    from runner.account.registry import Lock

_LOOK_SECONDS = 5.0


def last_catch_up(environment: Environment, domain: str) -> Lock:
    """Return the lock of the domain's official catch-up, which must be running.

    Raises:
        UsageError: No run holds the domain, the run is not an official catch-up, or it has ended.
    """
    lock = next((lock for lock in locks(environment) if lock.domain == domain), None)
    if lock is None:
        raise UsageError(
            f"no catch-up of {domain} is under way. Stop every writer to the source clusters, then: migrate catch-up "
            f"--environment {environment.name} --domain {domain} --detach; and call this again. If it has matched "
            "already, leave out --verify-after"
        )
    execution = describe(environment.client("stepfunctions"), lock.execution)
    if lock.kind != "catch-up" or mode_of(execution) != OFFICIAL:
        raise UsageError(
            f"{domain} is held by the run {lock.run}, which is no official catch-up: a cut-over before the verdict "
            f"rests on one. Follow it: migrate follow {lock.execution}"
        )
    if lock.state != "RUNNING" or execution.status != "RUNNING":
        raise UsageError(
            f"the catch-up {lock.run} of {domain} ended {execution.status} {lock.error}".rstrip()
            + f". Resume it: migrate resume {lock.run} --environment {environment.name}"
        )
    return lock


def wait_until_applied(
    environment: Environment, lock: Lock, tell: Callable[[str], None], sleep: Callable[[float], None] = time.sleep
) -> Lock:
    """Wait until the run has applied every change and its export can contain no later write; return the lock.

    Raises:
        UsageError: The run ended too early, or another run holds the domain.
    """
    tell(f"waiting until the run {lock.run} has applied every change")
    while True:
        now = last_catch_up(environment, lock.domain)
        if now.run != lock.run:
            raise UsageError(f"{lock.domain} is held by the run {now.run} now, and no longer by {lock.run}")
        if now.applied is not None:
            break
        sleep(_LOOK_SECONDS)
    left = now.applied + EXPORT_SETTLES - dt.datetime.now(dt.UTC)
    if left > dt.timedelta():
        tell(f"waiting {left.total_seconds():.0f} s, until a write cannot be in the export any more")
        sleep(left.total_seconds())
    return now
