"""Follow executions to their end, or to a limit of time, telling a view what changes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from runner.errors import UsageError
from runner.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_PAGE = 50  # a look finds a few new events; each comes with its whole input
_POLL_SECONDS = 1.0
_PATIENCE_SECONDS = 300.0  # for throttling, faults and a lost network; the migration goes on meanwhile
_PASSING = ("ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded")
_FAULT = 500


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
    limit_seconds: float | None = None,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> list[Progress]:
    """Watch executions until all have ended or the limit has passed; return what became of them.

    One that has not ended is still RUNNING in what is returned.

    Raises:
        UsageError: An execution is not there or may not be seen, or AWS did not answer for five minutes.
    """
    watched = [Progress(arn) for arn in arns]
    began = answered = clock()
    while True:
        for progress in (one for one in watched if one.status == "RUNNING"):
            try:
                _look(states, progress, view)
                answered = clock()
            except (BotoCoreError, ClientError) as error:
                if not _passes(error) or clock() - answered > _PATIENCE_SECONDS:
                    raise UsageError(f"{progress.arn} cannot be followed: {error}") from error
        view.tick(watched)
        ended = all(progress.status != "RUNNING" for progress in watched)
        if ended or (limit_seconds is not None and clock() - began + poll_seconds > limit_seconds):
            return watched
        sleep(poll_seconds)


def _look(states: Any, progress: Progress, view: View) -> None:  # noqa: ANN401 - a boto3 client
    # The state first: what the history gains afterwards is read with the next look.
    found = states.describe_execution(executionArn=progress.arn)
    progress.describe(found)
    changes = [change for event in _new_events(states, progress) for change in progress.apply(event)]
    if changes:
        view.changed(progress, changes)
    if found["status"] != "RUNNING":
        progress.finish(found)
        view.ended(progress)


def _passes(error: BotoCoreError | ClientError) -> bool:
    """Say whether a later look may well succeed."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return error.response["Error"]["Code"] in _PASSING or status >= _FAULT
    return type(error).__name__ in ("EndpointConnectionError", "ConnectTimeoutError", "ReadTimeoutError")


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
