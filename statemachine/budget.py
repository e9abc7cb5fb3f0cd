"""The worst case of an execution: history events, payloads, and the size of the definition.

A Standard execution ends at 25,000 events, a payload at 256 KiB, a definition at 1 MiB, a job at 100 properties:
https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
https://docs.aws.amazon.com/emr-serverless/latest/APIReference/API_Configuration.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from statemachine.errors import DefinitionError
from statemachine.graph import Machine, targets
from statemachine.outcomes import NO_OUTCOMES, Outcomes, job_bytes, job_properties, names_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from statemachine.limits import Limits

MAX_EVENTS = 25_000
MAX_PAYLOAD_BYTES = 256 * 1024
MAX_DEFINITION_BYTES = 1024 * 1024
MAX_JOB_PROPERTIES = 100
_EVENTS = {"Pass": 2, "Choice": 2, "Wait": 2, "Succeed": 2, "Fail": 2, "Task": 5, "Map": 4}
_EVENTS_PER_RETRY = 3
_EVENTS_OF_EXECUTION = 2
_EVENTS_OF_MAP_RUN = 3
_WARNED_SHARE = 0.8


@dataclass(frozen=True)
class Loop:
    """A loop: the state that every round passes, the counter that ends it, and the counter's limit."""

    state: str
    counter: str
    rounds: int


@dataclass(frozen=True)
class Share:
    """The largest part of a service limit that a definition can use."""

    what: str
    used: int
    limit: int
    unit: str

    @property
    def is_passed(self) -> bool:
        """Return whether the limit is exceeded."""
        return self.used > self.limit

    @property
    def is_near(self) -> bool:
        """Return whether four fifths of the limit are used."""
        return not self.is_passed and self.used >= _WARNED_SHARE * self.limit

    def __str__(self) -> str:
        """Return the share as a sentence without a full stop."""
        return f"{self.what} can have {self.used:,} {self.unit} of {self.limit:,}"


@dataclass(frozen=True)
class Budget:
    """The worst case of a definition; `events` by execution: the run's own, and an item's of each Map."""

    events: Mapping[str, int]
    all_events: int  # of a run: its own execution and all items of all Maps
    payload_bytes: int
    definition_bytes: int
    job_properties: int

    def shares(self) -> list[Share]:
        """Return the definition's share of every limit."""
        return [
            *(Share(name, events, MAX_EVENTS, "history events") for name, events in self.events.items()),
            Share("a payload", self.payload_bytes, MAX_PAYLOAD_BYTES, "bytes"),
            Share("the definition", self.definition_bytes, MAX_DEFINITION_BYTES, "bytes"),
            Share("a Spark job", self.job_properties, MAX_JOB_PROPERTIES, "properties"),
        ]

    def problems(self) -> list[str]:
        """Return a sentence for each exceeded limit, with the figure and the remedy."""
        return [f"{share}: {_todo(share)}" for share in self.shares() if share.is_passed]

    def warnings(self) -> list[str]:
        """Return a sentence for each limit that is four fifths used, with the figure and the remedy."""
        return [f"{share}; before it grows, {_todo(share)}" for share in self.shares() if share.is_near]


def _todo(share: Share) -> str:
    if share.unit == "history events":
        return "shorten import_timeout_minutes or export_timeout_minutes in the catalog"
    if share.unit == "properties":
        return "read fewer clusters in a domain: each cluster's password is a property"
    return "move tables to another domain in the catalog"


def loops_of(limits: Limits, import_checks: int, export_checks: int) -> list[Loop]:
    """Return the loops of the templates; a loop over pages ends after the pages that a service's quotas allow."""
    listing = [
        Loop(state, state, limits.list_pages)
        for state in (
            *("ListImports", "ListTags", "ListExports", "ListJars", "ListMoreApplications"),
            "ListProvenTags",
        )
    ]
    importing = ("DescribePreviousImport", "DescribeImport", "DescribeEmptyTable")
    return [
        *listing,
        Loop("CheckPrefix", "CheckPrefix", limits.prefix_pages),
        Loop("RecordInProgressStatus", "beginCalls", limits.teardown_checks),
        Loop("CheckCloneStatus", "cloneChecks", limits.clone_checks),
        Loop("StartClone", "startCalls", limits.start_calls),
        *(Loop(state, "importChecks", import_checks) for state in importing),
        Loop("DescribeExport", "exportChecks", export_checks),
        Loop("DescribeExportOfBase", "exportChecks", export_checks),
        Loop("FindReach", "restorableChecks", limits.restorable_checks),
        Loop("WritePuts", "applyCalls", limits.apply_calls),
        Loop("WriteDeletes", "applyCalls", limits.apply_calls),
        Loop("VerifyTable", "deleteChecks", limits.settings_checks),
        Loop("DescribeSettings", "settingsChecks", limits.settings_checks),
        Loop("UpdateTable", "updates", limits.updates),
        Loop("DescribePitr", "pitrChecks", limits.settings_checks),
        Loop("DescribeDestination", "streamChecks", limits.settings_checks),
        Loop("EnableStream", "streamChecks", limits.settings_checks),  # only in the counter's first round
        Loop("DestroyClone", "destroyChecks", limits.destroy_checks),
    ]


def budget(machine: Machine, loops: list[Loop], outcomes: Outcomes = NO_OUTCOMES) -> Budget:
    """Return the worst case of a rendered machine; `outcomes` holds the widths of its Maps' outcomes.

    Each Task's Retry is counted as exhausted once, which leaves room for throttled calls.

    Raises:
        DefinitionError: A loop has no counter, or an outcome has a field of unknown width.
    """
    own = _events(machine, loops) + _EVENTS_OF_EXECUTION
    events, all_events, payload = {"the execution": own}, own, job_bytes(machine)
    for name, state in machine["States"].items():
        if state["Type"] == "Map":
            items = len(names_of(state) if isinstance(state["Items"], list) else outcomes.lanes)
            payload = max(payload, outcomes.bytes_of(state), len(json.dumps(state["Items"])))
            each = _events(state["ItemProcessor"], loops) + _EVENTS_OF_EXECUTION
            events[f"an item of {name}"] = each
            all_events += items * each
    definition_bytes = len(json.dumps(machine, indent=2).encode())
    return Budget(events, all_events, payload, definition_bytes, job_properties(machine))


def _events(machine: Machine, loops: list[Loop]) -> int:
    """Return the events of the longest path through a machine, with each loop as often as its counter allows."""
    reach = _reachable(machine)
    rounds = _rounds(machine, reach, loops)
    best: dict[str, int] = {}

    def longest(name: str) -> int:
        if name not in best:
            cycle = {other for other in reach[name] if name in reach[other]} | {name}
            beyond = {target for state in cycle for target in targets(machine["States"][state])} - cycle
            times = max(rounds.get(state, 1) for state in cycle)
            # A state with its own counter runs less often than the cycle.
            passed = sum(_cost(machine["States"][state]) * min(rounds.get(state, times), times) for state in cycle)
            retried = sum(_retries(machine["States"][state]) for state in cycle)
            total = passed + retried + max((longest(target) for target in beyond), default=0)
            best.update(dict.fromkeys(cycle, total))
        return best[name]

    return longest(machine["StartAt"])


def _cost(state: dict[str, Any]) -> int:
    events = _EVENTS[state["Type"]] + str(state.get("Resource")).endswith(".sync")
    # Each item has its own history.
    return events + (_EVENTS_OF_MAP_RUN if state["Type"] == "Map" else 0)


def _retries(state: dict[str, Any]) -> int:
    return _EVENTS_PER_RETRY * sum(int(rule["MaxAttempts"]) for rule in state.get("Retry", []))


def _rounds(machine: Machine, reach: dict[str, set[str]], loops: list[Loop]) -> dict[str, int]:
    """Return how often each counting state can run; loops that share a counter share its rounds.

    Raises:
        DefinitionError: A cycle remains after the counting states are removed.
    """
    counting = [loop for loop in loops if loop.state in machine["States"]]
    kept = {name: targets(state) for name, state in machine["States"].items()}
    for loop in counting:
        kept[loop.state] = []
    for name in kept:
        if name in _closure(kept, name):
            raise DefinitionError(f"{name} is in a loop without a counter")
    rounds: dict[str, int] = {}
    for counter in {loop.counter for loop in counting}:
        sharing = [loop for loop in counting if loop.counter == counter]
        # The longest round repeats as often as the counter allows, each other round of the counter once more.
        dearest = max(sharing, key=lambda loop: len([n for n in reach[loop.state] if loop.state in reach[n]]))
        rounds |= {loop.state: loop.rounds + 1 if loop is dearest else 2 for loop in sharing}
    return rounds


def _reachable(machine: Machine) -> dict[str, set[str]]:
    edges = {name: targets(state) for name, state in machine["States"].items()}
    return {name: _closure(edges, name) for name in edges}


def _closure(edges: dict[str, list[str]], start: str) -> set[str]:
    seen: set[str] = set()
    waiting = list(edges[start])
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += edges[name]
    return seen
