"""The loop that polls executions to their end or to a time limit, and passes changes to a view."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from runner.errors import UsageError
from runner.live.history.items import items_of, new_events
from runner.live.history.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from runner.live.history.changes import Change
    from runner.live.history.items import Item

# Item histories per poll: GetExecutionHistory refills at 20 calls a second for the whole account.
# https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
_ITEMS_PER_POLL = 8
_ITEMS_AT_FIRST_POLL = 104  # the first poll reads every clone and table of 64 clusters and 40 tables
_POLL_SECONDS = 1.0
_PATIENCE_SECONDS = 300.0  # during throttling, faults and a lost network; the migration continues meanwhile
_PASSING = ("ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded")
_FAULT = 500


class View(Protocol):
    """A view that shows progress."""

    def changed(self, progress: Progress, changes: list[Change]) -> None:
        """Show changes of an execution, oldest first."""

    def tick(self, all_progress: list[Progress]) -> None:
        """Update the view after each poll."""

    def ended(self, progress: Progress) -> None:
        """Show the end of an execution."""


def follow(
    states: Any,  # noqa: ANN401 - a boto3 client
    arns: Iterable[str],
    view: View,
    *,
    poll_seconds: float = _POLL_SECONDS,
    limit_seconds: float | None = None,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
    look_at_job: Callable[[Progress], list[Change]] = lambda _: [],
) -> list[Progress]:
    """Poll executions until all have ended or the limit has passed; return their progress.

    An execution that has not ended is RUNNING in the result. `look_at_job` reads the progress of an execution's Spark
    job and returns its changes.

    Raises:
        UsageError: An execution does not exist or may not be read, or AWS did not answer for five minutes.
    """
    watched = [Progress(arn) for arn in arns]
    began = answered = clock()
    while True:
        for progress in [progress for progress in watched if progress.status == "RUNNING"]:
            try:
                _look(states, progress, view, look_at_job)
                answered = clock()
            except (BotoCoreError, ClientError) as error:
                if not _passes(error) or clock() - answered > _PATIENCE_SECONDS:
                    raise UsageError(f"{progress.arn} cannot be followed: {error}") from error
        view.tick(watched)
        ended = all(progress.status != "RUNNING" for progress in watched)
        if ended or (limit_seconds is not None and clock() - began + poll_seconds > limit_seconds):
            return watched
        sleep(poll_seconds)


def _look(
    states: Any,  # noqa: ANN401 - a boto3 client
    progress: Progress,
    view: View,
    look_at_job: Callable[[Progress], list[Change]],
) -> None:
    # Read the status first: the next poll reads the events that follow.
    answer = states.describe_execution(executionArn=progress.arn)
    progress.describe(answer)
    own = new_events(states, progress.arn, progress.last_events.get(progress.arn, 0))
    changes = [change for event in own for change in progress.apply(event)]
    changes += _read_items(states, progress, all_of_them=answer["status"] != "RUNNING")
    changes += look_at_job(progress)
    if changes:
        view.changed(progress, sorted(changes, key=lambda change: change.moment))
    if answer["status"] != "RUNNING":
        progress.finish(answer)
        view.ended(progress)


def _passes(error: BotoCoreError | ClientError) -> bool:
    """Return whether a later poll may succeed."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return error.response["Error"]["Code"] in _PASSING or status >= _FAULT
    return type(error).__name__ in ("EndpointConnectionError", "ConnectTimeoutError", "ReadTimeoutError")


def _read_items(states: Any, progress: Progress, *, all_of_them: bool) -> list[Change]:  # noqa: ANN401 - a boto3 client
    """Read the histories of Map items; if there are many, those not read for the longest time."""
    changes: list[Change] = []
    waiting: list[Item] = []
    for map_run in progress.open_map_runs():
        items = [item for item in items_of(states, map_run) if item.arn not in progress.ended_items]
        waiting += items
        if not items and progress.has_left(map_run):
            progress.closed_map_runs.add(map_run)
    waiting.sort(key=lambda item: progress.last_poll.get(item.arn, -1))
    most = _ITEMS_PER_POLL if progress.last_poll else _ITEMS_AT_FIRST_POLL
    for item in waiting if all_of_them else waiting[:most]:
        for event in new_events(states, item.arn, progress.last_events.get(item.arn, 0)):
            changes += progress.apply(event, item.arn)
        progress.last_poll[item.arn] = max(progress.last_poll.values(), default=0) + 1
        if item.has_ended:
            progress.ended_items.add(item.arn)
    return changes
