"""Creation times of an execution's clones, and the clones that are older than the execution."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from runner.account.json_texts import json_object
from runner.labels import duration


@dataclass
class CloneTimes:
    """The creation and deletion time of each cluster's clone, from the execution's states."""

    made: dict[str, dt.datetime] = field(default_factory=dict)
    gone: dict[str, dt.datetime] = field(default_factory=dict)

    def apply(self, left: dict[str, Any], moment: dt.datetime) -> bool:
        """Process a state's output or assignments; return whether all clones are ready now."""
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
        """Return the clusters whose clones were created before a moment, oldest first."""
        old = [name for name, made in self.made.items() if began and made < began]
        return sorted(old, key=self.made.__getitem__)

    def reused(self, began: dt.datetime | None) -> str:
        """Describe the clones that an execution reuses; empty if it created all of them."""
        old = self.older_than(began)
        if not old or began is None:
            return ""
        count = "1 clone" if len(old) == 1 else f"{len(old)} clones"
        age = duration((began - self.made[old[0]]).total_seconds())
        return f"reuses {count}, the oldest made {age} before this execution began"

    def span(self) -> tuple[dt.datetime, dt.datetime] | None:
        """Return the first and the last creation time, which are the instants that the tables represent, or None."""
        return (min(self.made.values()), max(self.made.values())) if self.made else None

    def seconds(self, began: dt.datetime, now: dt.datetime) -> float:
        """Return the total lifetime of all clones since a moment."""
        ends = {name: self.gone.get(name, now) for name in self.made}
        return sum(max(0.0, (ends[name] - max(made, began)).total_seconds()) for name, made in self.made.items())

    def _take(self, clone: dict[str, Any]) -> None:
        if "name" in clone and clone.get("createdAt"):
            self.made[clone["name"]] = dt.datetime.fromisoformat(clone["createdAt"])
