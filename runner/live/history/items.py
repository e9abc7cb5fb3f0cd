"""Map items of an execution; each is a child execution that a Map Run started."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

_AT_ONCE = 4  # histories; GetExecutionHistory refills at 20 calls a second
_PAGE = 1000
_NEWEST = 50  # a poll reads a few new events; each includes its whole input
Event = dict[str, Any]


@dataclass(frozen=True)
class Item:
    """A Map item as the Map Run lists it."""

    arn: str
    status: str

    @property
    def has_ended(self) -> bool:
        """Return whether its history is complete."""
        return self.status != "RUNNING"


def map_of(arn: str) -> str:
    """Return the Map state of a Map Run or item: the label in its ARN.

    A Map Run is `mapRun:<machine>/<label>:<id>`, an item is `execution:<machine>/<label>:<id>`.
    """
    return arn.rsplit(":", 1)[0].rsplit("/", 1)[1]


def items_of(states: Any, map_run_arn: str) -> list[Item]:  # noqa: ANN401 - a boto3 client
    """Return the items that a Map Run has started, oldest first."""
    pages = states.get_paginator("list_executions").paginate(mapRunArn=map_run_arn, maxResults=_PAGE)
    items = [Item(entry["executionArn"], entry["status"]) for page in pages for entry in page["executions"]]
    return items[::-1]


def histories_of_items(states: Any, arn: str) -> list[tuple[str, list[Event]]]:  # noqa: ANN401 - a boto3 client
    """Return the whole history of every item of an execution, by the item's ARN, oldest first."""
    arns = _all_items(states, arn)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(zip(arns, pool.map(lambda item: history(states, item), arns), strict=True))


def event_count(states: Any, arn: str) -> int:  # noqa: ANN401 - a boto3 client
    """Return the total number of events of an execution and its Map items.

    Events are numbered, so the last number is the count.
    """

    def last(arn: str) -> int:
        newest = states.get_execution_history(executionArn=arn, reverseOrder=True, maxResults=1)["events"]
        return int(newest[0]["id"]) if newest else 0

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return sum(pool.map(last, [arn, *_all_items(states, arn)]))


def _all_items(states: Any, arn: str) -> list[str]:  # noqa: ANN401 - a boto3 client
    pages = states.get_paginator("list_map_runs").paginate(executionArn=arn, maxResults=_PAGE)
    runs = [entry["mapRunArn"] for page in pages for entry in page["mapRuns"]]
    return [item.arn for run in reversed(runs) for item in items_of(states, run)]


def history(states: Any, arn: str) -> list[Event]:  # noqa: ANN401 - a boto3 client
    """Return an execution's whole history, oldest first."""
    pages = states.get_paginator("get_execution_history").paginate(executionArn=arn, maxResults=_PAGE)
    return [event for page in pages for event in page["events"]]


def new_events(states: Any, arn: str, last_event: int) -> list[Event]:  # noqa: ANN401 - a boto3 client
    """Return the events after the last known one, oldest first; read only the newest pages."""
    events: list[Event] = []
    arguments: dict[str, Any] = {"executionArn": arn, "reverseOrder": True, "maxResults": _NEWEST}
    while True:
        page = states.get_execution_history(**arguments)
        new = [event for event in page["events"] if event["id"] > last_event]
        events += new
        if len(new) < len(page["events"]) or "nextToken" not in page:
            return sorted(events, key=lambda event: int(event["id"]))
        arguments["nextToken"] = page["nextToken"]
