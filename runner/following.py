"""Follow executions to their end, telling a view what changes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import ClientError

from runner.errors import UsageError
from runner.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_PAGE = 50  # a look finds a few new events; each comes with its whole input
_POLL_SECONDS = 1.0


class View(Protocol):
    """What shows progress."""

    def changed(self, progress: Progress, changes: list[str]) -> None:
        """Take changes of an execution in."""

    def tick(self, all_progress: list[Progress]) -> None:
        """Show that time passes."""

    def ended(self, progress: Progress) -> None:
        """Take the end of an execution in."""


def follow(
    states: Any,  # noqa: ANN401 - a boto3 client
    arns: Iterable[str],
    view: View,
    *,
    poll_seconds: float = _POLL_SECONDS,
    sleep: Callable[[float], None] = time.sleep,
) -> list[Progress]:
    """Watch executions until all have ended; return what became of them.

    Raises:
        UsageError: An execution is not there.
    """
    watched = [Progress(arn) for arn in arns]
    open_ones = list(watched)
    while open_ones:
        for progress in list(open_ones):
            try:
                # The state first: what the history gains afterwards is read with the next look.
                found = states.describe_execution(executionArn=progress.arn)
                changes = [change for event in _new_events(states, progress) for change in progress.apply(event)]
            except ClientError as error:
                raise UsageError(f"{progress.arn} cannot be followed: {error}") from error
            if changes:
                view.changed(progress, changes)
            if found["status"] != "RUNNING":
                progress.finish(found)
                view.ended(progress)
                open_ones.remove(progress)
        view.tick(watched)
        if open_ones:
            sleep(poll_seconds)
    return watched


def _new_events(states: Any, progress: Progress) -> list[dict[str, Any]]:  # noqa: ANN401 - a boto3 client
    """Return the events since the last one seen, oldest first; only the newest pages are read."""
    found: list[dict[str, Any]] = []
    arguments: dict[str, Any] = {"executionArn": progress.arn, "reverseOrder": True, "maxResults": _PAGE}
    while True:
        page = states.get_execution_history(**arguments)
        new = [event for event in page["events"] if event["id"] > progress.last_event]
        found += new
        if len(new) < len(page["events"]) or "nextToken" not in page:
            return sorted(found, key=lambda event: event["id"])
        arguments["nextToken"] = page["nextToken"]
