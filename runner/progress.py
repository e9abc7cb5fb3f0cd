"""What an execution's history says: phases with their times, clones and tables with their stage and counts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.environments import domain_of, is_catch_up
from runner.items import map_of
from runner.json_texts import json_list, json_number, json_object
from runner.words import CATCH_UP_PHASES, CLONE_STAGES, COUNTS, PHASES, TABLE_STAGES, compared_keys, duration

if TYPE_CHECKING:
    from runner.job_progress import JobProgress

_NAMES = {"TakeCluster": "cluster", "TakeClone": "cluster", "TakeTable": "table"}
# What the items of a Map are, as far as a person is shown them.
_KINDS = {"CloneClusters": "clones", "MigrateTables": "tables", "DestroyClones": "clones"}
_ADOPTED = ("FindSummary", "FindVerdict")  # what an earlier attempt left counts once it is known to be adopted


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
    cloned: dict[str, dt.datetime] = field(default_factory=dict)  # cluster -> when its clone was made
    tables: dict[str, str] = field(default_factory=dict)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)  # by table; keys of words.COUNTS
    status: str = "RUNNING"
    error: str = ""
    cause: str = ""
    given: dict[str, Any] = field(default_factory=dict)
    output: dict[str, Any] = field(default_factory=dict)
    job: JobProgress | None = None  # of the Spark job that runs now, as it said last
    started: dt.datetime | None = None
    stopped: dt.datetime | None = None
    last_events: dict[str, int] = field(default_factory=dict)  # of the execution and of each item, by ARN
    looked_at: dict[str, int] = field(default_factory=dict)  # item -> in whose turn it was looked at last
    ended_items: set[str] = field(default_factory=set)  # whose whole history was read
    closed_map_runs: set[str] = field(default_factory=set)  # of which all items were read
    _map_runs: dict[str, bool] = field(default_factory=dict)  # by ARN: whether the Map was left
    _moment: dt.datetime | None = None  # of the last event
    _items: dict[int, int | None] = field(default_factory=dict)
    _labels: dict[int | str, str] = field(default_factory=dict)
    _found: dict[str, Any] = field(default_factory=dict)

    @property
    def domain(self) -> str:
        """Return the domain, which the state machine's name ends with."""
        return domain_of(self.arn)

    @property
    def phase_names(self) -> dict[str, str]:
        """Return the phases of the execution by the state that each begins with, in their order."""
        return CATCH_UP_PHASES if is_catch_up(self.arn) else PHASES

    @property
    def name(self) -> str:
        """Return the execution's name."""
        return self.arn.rsplit(":", 1)[1]

    @property
    def run(self) -> str:
        """Return the run that it carries out; a first attempt names its run."""
        return str(self.given.get("runId") or self.name)

    def seconds(self, now: dt.datetime) -> float:
        """Return how long it has been running."""
        return ((self.stopped or now) - self.started).total_seconds() if self.started else 0.0

    def seconds_by_phase(self, now: dt.datetime) -> dict[str, float]:
        """Return how long each phase took."""
        return {phase.name: round(phase.seconds(now), 1) for phase in self.phases}

    def describe(self, found: dict[str, Any]) -> None:
        """Take in what DescribeExecution says of a running execution."""
        self.started = found.get("startDate")
        if not self.given:
            self.given = json_object(found.get("input"))

    def open_map_runs(self) -> list[str]:
        """Return the Map Runs whose items show and were not all read yet."""
        return [arn for arn in self._map_runs if map_of(arn) in _KINDS and arn not in self.closed_map_runs]

    def has_left(self, map_run_arn: str) -> bool:
        """Say whether the execution has left a Map, so that it begins no more items."""
        return self._map_runs[map_run_arn]

    def apply(self, event: dict[str, Any], item_arn: str = "") -> list[str]:
        """Take one event in, of the execution itself or of an item of its Maps; return what changed, in words."""
        self.last_events[item_arn or self.arn] = event["id"]
        self._moment = max(event["timestamp"], self._moment or event["timestamp"])
        item = item_arn or self._item_of(event)
        entered = event.get("stateEnteredEventDetails")
        exited = event.get("stateExitedEventDetails")
        if event["type"] == "MapRunStarted":
            self._map_runs[event["mapRunStartedEventDetails"]["mapRunArn"]] = False
        elif event["type"].startswith("MapRun") or event["type"].startswith("ExecutionAborted"):
            self._map_runs = dict.fromkeys(self._map_runs, True)
        elif entered and item is None:
            return self._enter_phase(entered["name"], event["timestamp"])
        elif entered:
            return self._enter_item(item, entered)
        elif exited:
            return [*self._take_clones(exited), *self._take_counts(item, exited)]
        return []

    def finish(self, found: dict[str, Any]) -> None:
        """Take the end of the execution in."""
        self.describe(found)
        self.status = found["status"]
        self.error, self.cause = found.get("error", ""), found.get("cause", "")
        self.output = json_object(found.get("output"))
        # Where time is scaled, the date of the end may lie before the last event.
        self.stopped = max((end for end in (found.get("stopDate"), self._moment) if end is not None), default=None)
        if self.phases:
            self.phases[-1].ended = self.phases[-1].ended or self.stopped

    def _item_of(self, event: dict[str, Any]) -> int | None:
        """Return the Map iteration that an event belongs to: that of the event before it in its chain.

        Only executions of earlier releases have iterations in their own history.
        """
        kind = event["type"]
        if kind == "MapIterationStarted":
            item: int | None = event["id"]
        elif kind.startswith("MapState"):
            item = None
        else:
            item = self._items.get(event.get("previousEventId", 0))
        self._items[event["id"]] = item
        return item

    def _enter_phase(self, state: str, moment: dt.datetime) -> list[str]:
        adopted = self._adopt(state)
        name = self.phase_names.get(state)
        if name is None or (self.phases and self.phases[-1].name == name):
            return adopted  # a loop over pages enters its first state again
        if self.phases:
            self.phases[-1].ended = moment
        self.phases.append(Phase(name, moment))
        return [*adopted, name]

    def _enter_item(self, item: int | str | None, entered: dict[str, Any]) -> list[str]:
        state = entered["name"]
        if state in _NAMES and item is not None and "input" in entered:
            self._labels[item] = json_object(entered["input"])[_NAMES[state]]
        label = self._labels.get(item or 0)
        if label is None:
            return []
        of_tables = _KINDS.get(map_of(item)) == "tables" if isinstance(item, str) else self.phases[-1].name == "Tables"
        kind, stages = (self.tables, TABLE_STAGES) if of_tables else (self.clones, CLONE_STAGES)
        stage = "failed" if state.startswith("Report") else stages.get(state)
        if stage is None or kind.get(label) == stage:
            return []
        kind[label] = stage
        return [f"{label}: {stage}"]

    def _take_clones(self, exited: dict[str, Any]) -> list[str]:
        """Learn when clones were made; once all are ready, say which are older than the run."""
        if exited["name"] == "CloneReady":
            self._date_clone(json_object(exited.get("output")))
        if exited["name"] != "CloneClusters":
            return []
        assigned = (exited.get("assignedVariables") or {}).get("clones")
        for cluster, clone in json_object(assigned).items():
            self._date_clone({**clone, "name": cluster})
        line = self.reused()
        return [line] if line else []

    def _date_clone(self, clone: dict[str, Any]) -> None:
        if "name" in clone and clone.get("createdAt"):
            self.cloned[clone["name"]] = dt.datetime.fromisoformat(clone["createdAt"])

    def reused(self) -> str:
        """Say in words which clones were made before this execution began; nothing if it made all of them."""
        began = self.started or (self.phases[0].began if self.phases else None)
        old = sorted(made for made in self.cloned.values() if began and made < began)
        if not old or began is None:
            return ""
        count = "1 clone" if len(old) == 1 else f"{len(old)} clones"
        return (
            f"reuses {count}, the oldest made {duration((began - old[0]).total_seconds())} before this execution began"
        )

    def _take_counts(self, item: int | str | None, exited: dict[str, Any]) -> list[str]:
        """Learn counts from what a state assigned or, of a whole table, put out."""
        assigned = exited.get("assignedVariables") or {}
        if item is not None:
            label = self._labels.get(item)
            if exited["name"] in ("TableMigrated", "TableVerified"):
                return self._count_migrated([json_object(exited.get("output"))])
            known = {name: json_number(assigned[name]) for name in ("imported", "exported") if name in assigned}
            return self._count(label, {name: count for name, count in known.items() if count}) if label else []
        for name in ("summary", "verdict"):
            if name in assigned:
                self._found[name] = json_object(assigned[name]).get("tables", {})
                if exited["name"] not in _ADOPTED:
                    return self._count_found(name)
        return self._count_migrated(json_list(assigned.get("migrated"))) if exited["name"] == "MigrateTables" else []

    def _adopt(self, state: str) -> list[str]:
        """Count what an earlier attempt left, where this one goes on from it."""
        if state == "AdoptSummary":
            return self._count_found("summary")
        return self._count_found("verdict") if state == "DeleteStatus" else []

    def _count_found(self, name: str) -> list[str]:
        changes = []
        for table, counts in self._found.get(name, {}).items():
            if name == "summary":
                known = {key: counts[key] for key in ("rowsRead", "items") if isinstance(counts.get(key), int)}
            else:
                compared = compared_keys(counts)
                compared = counts.get("compared") if compared is None else compared
                known = {"compared": compared} if isinstance(compared, int) else {}
            changes += self._count(table, known)
        return changes

    def _count_migrated(self, outcomes: list[dict[str, Any]]) -> list[str]:
        changes = []
        for outcome in outcomes:
            if "name" in outcome:  # a history may come without its data
                # Nothing is imported by a catch-up or a verification.
                known = {key: outcome[key] for key in ("imported", "exported") if key in outcome}
                changes += self._count(outcome["name"], known)
        return changes

    def _count(self, table: str, counts: dict[str, int]) -> list[str]:
        known = self.counts.setdefault(table, {})
        news = {name: count for name, count in counts.items() if known.get(name) != count}
        known.update(news)
        if not known:
            del self.counts[table]
        return [f"{table}: " + ", ".join(f"{count:,} {COUNTS[name]}" for name, count in news.items())] if news else []
