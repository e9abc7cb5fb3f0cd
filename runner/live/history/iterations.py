"""The Map iterations of executions of earlier releases, which have them in their own history."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Iterations:
    """The iteration that each event belongs to: that of the event before it in its chain."""

    _of: dict[int, int | None] = field(default_factory=dict)

    def of(self, event: dict[str, Any]) -> int | None:
        """Return the event that began the iteration of an event, or None outside of every Map."""
        kind = event["type"]
        if kind == "MapIterationStarted":
            item: int | None = event["id"]
        elif kind.startswith("MapState"):
            item = None
        else:
            item = self._of.get(event.get("previousEventId", 0))
        self._of[event["id"]] = item
        return item
