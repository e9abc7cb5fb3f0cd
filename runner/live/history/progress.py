"""Progress of an execution from its history: phase times, and the stage and counts of clones and tables."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.account.environments import domain_of, is_catch_up
from runner.account.json_texts import json_object, json_value
from runner.labels import CATCH_UP_PHASES, CATCH_UP_TABLE_STAGES, CLONE_STAGES, PHASES, TABLE_STAGES
from runner.live.history.changes import CLONE, INSTANT, PHASE, REUSED, TABLE, Change
from runner.live.history.clone_times import CloneTimes
from runner.live.history.items import map_of
from runner.live.history.iterations import Iterations
from runner.live.history.resources import Resources
from runner.live.history.table_counts import TableCounts
from runner.live.history.table_writes import TableWrites

if TYPE_CHECKING:
    from runner.live.jobs.progress import JobProgress

# The first states of Map items; their input names the cluster or table.
_FIRST_STATES = (
    "TakeCluster",
    "TakeClone",
    "TakeTable",
    "TakePuts",
    "TakeDeletes",
    "TakeWrittenTable",
    "TakeTableOfBase",
)
# The Maps whose items are shown, and the kind of their items.
_KINDS = {
    "CloneClusters": "clones",
    "MigrateTables": "tables",
    "ExportBase": "tables",
    "ApplyPuts": "tables",
    "ApplyDeletes": "tables",
    "ExportTables": "tables",
    "DestroyClones": "clones",
}


@dataclass
class Phase:
    """A phase that the execution has entered."""

    name: str
    began: dt.datetime
    ended: dt.datetime | None = None

    def seconds(self, now: dt.datetime) -> float:
        """Return the seconds that it has taken."""
        return ((self.ended or now) - self.began).total_seconds()


@dataclass
class Progress:
    """The progress of one execution, as far as its history was read."""

    arn: str
    phases: list[Phase] = field(default_factory=list)
    clones: dict[str, str] = field(default_factory=dict)
    clone_times: CloneTimes = field(default_factory=CloneTimes)
    tables: dict[str, str] = field(default_factory=dict)
    table_counts: TableCounts = field(default_factory=TableCounts)
    table_writes: TableWrites = field(default_factory=TableWrites)  # of a catch-up or a repair
    resources: Resources = field(default_factory=Resources)
    instant: dt.datetime | None = None  # the instant of the compared exports, if the run chooses one
    status: str = "RUNNING"
    error: str = ""
    cause: str = ""
    input: dict[str, Any] = field(default_factory=dict)
    output: dict[str, Any] = field(default_factory=dict)
    job: JobProgress | None = None  # the last progress document of the running Spark job
    started: dt.datetime | None = None
    stopped: dt.datetime | None = None
    last_events: dict[str, int] = field(default_factory=dict)  # of the execution and of each item, by ARN
    last_poll: dict[str, int] = field(default_factory=dict)  # item -> the poll that read it last
    ended_items: set[str] = field(default_factory=set)  # items whose whole history was read
    closed_map_runs: set[str] = field(default_factory=set)  # Map Runs whose items were all read
    _map_runs: dict[str, bool] = field(default_factory=dict)  # by ARN: whether the execution left the Map
    _moment: dt.datetime | None = None  # of the last event
    _iterations: Iterations = field(default_factory=Iterations)
    _labels: dict[int | str, str] = field(default_factory=dict)

    @property
    def domain(self) -> str:
        """Return the domain from the end of the state machine's name."""
        return domain_of(self.arn)

    @property
    def is_catch_up(self) -> bool:
        """Return whether the execution is a catch-up or a repair."""
        return is_catch_up(self.arn)

    @property
    def kind(self) -> str:
        """Return its kind: migration, verification, catch-up or repair."""
        if not self.is_catch_up:
            return "verification" if self.input.get("verify") else "migration"
        return "repair" if self.input.get("repair") else "catch-up"

    @property
    def mode(self) -> str:
        """Return the mode; the input may omit it."""
        return str(self.input.get("mode") or ("official" if self.is_catch_up else "rehearsal"))

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """Return the counts by table; their names are the keys of labels.COUNTS."""
        return self.table_counts.by_table

    @property
    def cloned(self) -> dict[str, dt.datetime]:
        """Return the creation time of each cluster's clone."""
        return self.clone_times.made

    @property
    def phase_names(self) -> dict[str, str]:
        """Return the execution's phases by their first state, in order."""
        return CATCH_UP_PHASES if self.is_catch_up else PHASES

    @property
    def name(self) -> str:
        """Return the execution's name."""
        return self.arn.rsplit(":", 1)[1]

    @property
    def run(self) -> str:
        """Return its run id; the name of a first attempt is the run id."""
        return str(self.input.get("runId") or self.name)

    def seconds(self, now: dt.datetime) -> float:
        """Return the seconds that it has run."""
        return ((self.stopped or now) - self.started).total_seconds() if self.started else 0.0

    def seconds_by_phase(self, now: dt.datetime) -> dict[str, float]:
        """Return the seconds of each phase."""
        return {phase.name: round(phase.seconds(now), 1) for phase in self.phases}

    def describe(self, answer: dict[str, Any]) -> None:
        """Process a DescribeExecution response."""
        self.started = self.started or answer.get("startDate")
        if not self.input:
            self.input = json_object(answer.get("input"))

    def open_map_runs(self) -> list[str]:
        """Return the Map Runs whose items are shown and not all read yet."""
        return [arn for arn in self._map_runs if map_of(arn) in _KINDS and arn not in self.closed_map_runs]

    def has_left(self, map_run_arn: str) -> bool:
        """Return whether the execution has left a Map and therefore starts no more items."""
        return self._map_runs[map_run_arn]

    def apply(self, event: dict[str, Any], item_arn: str = "") -> list[Change]:
        """Process an event of the execution or of a Map item; return the changes."""
        moment = event["timestamp"]
        self.last_events[item_arn or self.arn] = event["id"]
        self._moment = max(moment, self._moment or moment)
        self.resources.apply(event)
        item = item_arn or self._iterations.of(event)
        entered = event.get("stateEnteredEventDetails")
        exited = event.get("stateExitedEventDetails")
        if event["type"] == "ExecutionStarted" and not item_arn:
            self.started = moment
        elif event["type"] == "MapRunStarted":
            self._map_runs[event["mapRunStartedEventDetails"]["mapRunArn"]] = False
        elif event["type"].startswith("MapRun") or event["type"].startswith("ExecutionAborted"):
            self._map_runs = dict.fromkeys(self._map_runs, True)
        elif entered and item is None:
            return [*self.table_counts.adopt(entered["name"], moment), *self._enter_phase(entered["name"], moment)]
        elif entered:
            return self._enter_item(item, entered, moment)
        elif exited:
            return self._leave(item, exited, moment)
        return []

    def finish(self, answer: dict[str, Any]) -> None:
        """Process the end of the execution."""
        self.describe(answer)
        self.status = answer["status"]
        self.error, self.cause = answer.get("error", ""), answer.get("cause", "")
        self.output = json_object(answer.get("output"))
        # The times of an execution and of its events come from different clocks.
        self.stopped = max((end for end in (answer.get("stopDate"), self._moment) if end is not None), default=None)
        if self.phases:
            self.phases[-1].ended = self.phases[-1].ended or self.stopped

    def _enter_phase(self, state: str, moment: dt.datetime) -> list[Change]:
        name = self.phase_names.get(state)
        if name is None or (self.phases and self.phases[-1].name == name):
            return []  # a loop over pages re-enters its first state
        if self.phases:
            self.phases[-1].ended = moment
        self.phases.append(Phase(name, moment))
        return [Change(moment, PHASE, name, {"phase": name})]

    def _enter_item(self, item: int | str | None, entered: dict[str, Any], moment: dt.datetime) -> list[Change]:
        state = entered["name"]
        if state in _FIRST_STATES and item is not None and "input" in entered:
            self._labels[item] = _label(json_object(entered["input"]))
        label = self._labels.get(item or 0)
        if label is None:
            return []
        of_tables = _KINDS.get(map_of(item)) == "tables" if isinstance(item, str) else self.phases[-1].name == "Tables"
        kind, stages = (self.tables, TABLE_STAGES | CATCH_UP_TABLE_STAGES) if of_tables else (self.clones, CLONE_STAGES)
        stage = "failed" if state.startswith("Report") else stages.get(state)
        if stage is None or kind.get(label) == stage:
            return []
        kind[label] = stage
        event, name = (TABLE, "table") if of_tables else (CLONE, "cluster")
        return [Change(moment, event, f"{label}: {stage}", {name: label, "stage": stage})]

    def _leave(self, item: int | str | None, exited: dict[str, Any], moment: dt.datetime) -> list[Change]:
        changes = self._read_clones(exited, moment)
        if item is not None:
            table = self._labels.get(item)
            changes += self.table_writes.apply_item(item, table, exited, moment)
            return [*changes, *self.table_counts.apply_item(table, exited, moment)]
        changes += self.table_writes.apply(exited, moment)
        return [*changes, *self._read_instant(exited, moment), *self.table_counts.apply(exited, moment)]

    def _read_instant(self, exited: dict[str, Any], moment: dt.datetime) -> list[Change]:
        """Read the instant of the compared exports."""
        instant = json_value((exited.get("assignedVariables") or {}).get("instant"))
        if not instant or not isinstance(instant, str) or self.instant == dt.datetime.fromisoformat(instant):
            return []
        self.instant = dt.datetime.fromisoformat(instant)
        return [Change(moment, INSTANT, f"tables are exported as of {instant}", {"instant": instant})]

    def _read_clones(self, exited: dict[str, Any], moment: dt.datetime) -> list[Change]:
        """Read the clones' creation times; once all are ready, report those older than the execution."""
        all_ready = self.clone_times.apply(exited, moment)
        line = self.reused() if all_ready else ""
        return [Change(moment, REUSED, line, {"clusters": self.clone_times.older_than(self.started)})] if line else []

    def reused(self) -> str:
        """Describe the clones that the execution reuses; empty if it created all of them."""
        return self.clone_times.reused(self.started)


def _label(first: dict[str, Any]) -> str:
    """Return the cluster or table of a Map item, from the input of its first state."""
    return str(first.get("cluster") or first.get("table") or first["options"]["name"])
