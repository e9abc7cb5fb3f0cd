"""Executor statistics from an application's event log: losses, repeated tasks, and memory."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

_HEAP, _PROCESS = "JVMHeapMemory", "ProcessTreeJVMRSSMemory"


@dataclass
class Seen:
    """Figures of one application."""

    lost: list[str] = field(default_factory=list)  # removed executors with the reason
    tasks: int = 0
    failed: int = 0  # tasks that ended with an error or with their executor
    speculative: int = 0
    shuffled_bytes: int = 0
    heap: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))  # by executor, a value per task


def seen(events: Iterable[dict[str, Any]]) -> Seen:
    """Return the statistics of all events."""
    figures = Seen()
    for event in events:
        kind = event["Event"]
        if kind == "SparkListenerExecutorRemoved":
            figures.lost.append(f"executor {event['Executor ID']}: {event['Removed Reason']}")
        elif kind == "SparkListenerTaskStart":
            figures.speculative += event["Task Info"]["Speculative"]
        elif kind == "SparkListenerTaskEnd":
            _add_task(figures, event)
    return figures


def _add_task(figures: Seen, event: dict[str, Any]) -> None:
    figures.tasks += 1
    figures.failed += event["Task End Reason"]["Reason"] not in ("Success", "TaskKilled")
    metrics = event.get("Task Metrics")
    if metrics:
        figures.shuffled_bytes += metrics["Shuffle Write Metrics"]["Shuffle Bytes Written"]
    heap = event.get("Task Executor Metrics", {}).get(_HEAP, 0)
    if heap:
        figures.heap[event["Task Info"]["Executor ID"]].append(heap)
