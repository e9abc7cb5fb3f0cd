"""When the clones of an execution were made, and which of them are older than it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from runner.account.json_texts import json_object
from runner.labels import duration


@dataclass
class CloneTimes:
    """When the clone of each cluster was made and was gone, as states of the execution tell it."""

    made: dict[str, dt.datetime] = field(default_factory=dict)
    gone: dict[str, dt.datetime] = field(default_factory=dict)

    def take(self, left: dict[str, Any], moment: dt.datetime) -> bool:
        """Take in what a state put out or assigned; return whether all clones are ready by it."""
        if left["name"] == "CloneDestroyed":
            self.gone.setdefault(str(json_object(left.get("output")).get("name")), moment)
        if left["name"] == "CloneReady":
            self._take(json_object(left.get("output")))
        if left["name"] != "CloneClusters":
            return False
        assigned = (left.get("assignedVariables") or {}).get("clones")
        for cluster, clone in json_object(assigned).items():
            self._take({**clone, "name": cluster})
        return True

    def older_than(self, began: dt.datetime | None) -> list[str]:
        """Return the clusters whose clones were made before a moment, the oldest first."""
        old = [name for name, made in self.made.items() if began and made < began]
        return sorted(old, key=self.made.__getitem__)

    def reused(self, began: dt.datetime | None) -> str:
        """Say in words which clones an execution did not make; nothing if it made all of them."""
        old = self.older_than(began)
        if not old or began is None:
            return ""
        count = "1 clone" if len(old) == 1 else f"{len(old)} clones"
        age = duration((began - self.made[old[0]]).total_seconds())
        return f"reuses {count}, the oldest made {age} before this execution began"

    def span(self) -> tuple[dt.datetime, dt.datetime] | None:
        """Return the first and the last moment: the instants that the tables represent, or None before any clone."""
        return (min(self.made.values()), max(self.made.values())) if self.made else None

    def seconds(self, began: dt.datetime, now: dt.datetime) -> float:
        """Return how long all clones together have existed since a moment."""
        ends = {name: self.gone.get(name, now) for name in self.made}
        return sum(max(0.0, (ends[name] - max(made, began)).total_seconds()) for name, made in self.made.items())

    def _take(self, clone: dict[str, Any]) -> None:
        if "name" in clone and clone.get("createdAt"):
            self.made[clone["name"]] = dt.datetime.fromisoformat(clone["createdAt"])
