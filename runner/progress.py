"""What an execution's history says: phases with their times, clones and tables with their stage."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.words import CLONE_STAGES, PHASES, TABLE_STAGES

if TYPE_CHECKING:
    import datetime as dt

_NAMES = {"TakeCluster": "cluster", "TakeClone": "cluster", "TakeTable": "table"}


@dataclass
class Phase:
    """A phase that was entered."""

    name: str
    began: dt.datetime
    ended: dt.datetime | None = None

    def seconds(self, now: dt.datetime) -> float:
        """Return how long it has taken."""
        return ((self.ended or now) - self.began).total_seconds()


@dataclass
class Progress:
    """One execution as far as its history was read."""

    arn: str
    phases: list[Phase] = field(default_factory=list)
    clones: dict[str, str] = field(default_factory=dict)
    tables: dict[str, str] = field(default_factory=dict)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    status: str = "RUNNING"
    error: str = ""
    cause: str = ""
    output: dict[str, Any] = field(default_factory=dict)
    last_event: int = 0
    _items: dict[int, int | None] = field(default_factory=dict)
    _labels: dict[int, str] = field(default_factory=dict)

    @property
    def domain(self) -> str:
        """Return the domain, which the state machine's name ends with."""
        return self.arn.split(":")[6].split("-", 2)[2]

    @property
    def name(self) -> str:
        """Return the execution's name."""
        return self.arn.rsplit(":", 1)[1]

    def seconds_by_phase(self, now: dt.datetime) -> dict[str, float]:
        """Return how long each phase took."""
        return {phase.name: round(phase.seconds(now), 1) for phase in self.phases}

    def apply(self, event: dict[str, Any]) -> list[str]:
        """Take one event in; return what changed, in words."""
        self.last_event = event["id"]
        item = self._item_of(event)
        entered = event.get("stateEnteredEventDetails")
        exited = event.get("stateExitedEventDetails")
        if entered and item is None and entered["name"] in PHASES:
            return self._enter_phase(PHASES[entered["name"]], event["timestamp"])
        if entered and item is not None:
            return self._enter_item(item, entered)
        if exited and exited["name"] == "TableMigrated":
            return self._take_counts(json.loads(exited.get("output") or "{}"))
        return []

    def finish(self, found: dict[str, Any]) -> None:
        """Take the end of the execution in."""
        self.status = found["status"]
        self.error, self.cause = found.get("error", ""), found.get("cause", "")
        self.output = json.loads(found.get("output") or "{}")
        if self.phases:
            self.phases[-1].ended = self.phases[-1].ended or found.get("stopDate")

    def _item_of(self, event: dict[str, Any]) -> int | None:
        """Return the Map iteration that an event belongs to: that of the event before it in its chain."""
        kind = event["type"]
        if kind == "MapIterationStarted":
            item: int | None = event["id"]
        elif kind.startswith("MapState"):
            item = None
        else:
            item = self._items.get(event.get("previousEventId", 0))
        self._items[event["id"]] = item
        return item

    def _enter_phase(self, name: str, moment: dt.datetime) -> list[str]:
        if self.phases and self.phases[-1].name == name:
            return []  # a loop over pages enters its first state again
        if self.phases:
            self.phases[-1].ended = moment
        self.phases.append(Phase(name, moment))
        return [name]

    def _enter_item(self, item: int, entered: dict[str, Any]) -> list[str]:
        state = entered["name"]
        if state in _NAMES:
            self._labels[item] = json.loads(entered["input"])[_NAMES[state]]
        label = self._labels.get(item)
        if label is None:
            return []
        kind, stages = (self.tables, TABLE_STAGES) if self.phases[-1].name == "Tables" else (self.clones, CLONE_STAGES)
        stage = "failed" if state.startswith("Report") else stages.get(state)
        if stage is None or kind.get(label) == stage:
            return []
        kind[label] = stage
        return [f"{label}: {stage}"]

    def _take_counts(self, output: dict[str, Any]) -> list[str]:
        self.counts[output["name"]] = {"imported": output["imported"], "exported": output["exported"]}
        return [f"{output['name']}: {output['imported']:,} imported, {output['exported']:,} exported"]
