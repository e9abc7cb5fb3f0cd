"""Inline Map iterations in the histories of executions of earlier releases."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Iterations:
    """The iteration of each event, inherited from the previous event in its chain."""

    _of: dict[int, int | None] = field(default_factory=dict)

    def of(self, event: dict[str, Any]) -> int | None:
        """Return the event that began an event's iteration, or None outside Maps."""
        kind = event["type"]
        if kind == "MapIterationStarted":
            item: int | None = event["id"]
        elif kind.startswith("MapState"):
            item = None
        else:
            item = self._of.get(event.get("previousEventId", 0))
        self._of[event["id"]] = item
        return item
