"""What an execution can cost at worst: history events, payloads, and the definition's own size.

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
    """The state that every lap of a loop passes, the counter that ends it, and how far that counts."""

    state: str
    counter: str
    laps: int


@dataclass(frozen=True)
class Share:
    """How much of a limit of the service a definition can use at worst."""

    what: str
    used: int
    limit: int
    unit: str

    @property
    def is_passed(self) -> bool:
        """Return whether the limit is passed."""
        return self.used > self.limit

    @property
    def is_near(self) -> bool:
        """Return whether four fifths of the limit are used."""
        return not self.is_passed and self.used >= _WARNED_SHARE * self.limit

    def __str__(self) -> str:
        """Return the share as a sentence without its end."""
        return f"{self.what} can have {self.used:,} {self.unit} of {self.limit:,}"


@dataclass(frozen=True)
class Budget:
    """The worst case of a definition; `events` by execution: the run's own, and an item's of each Map."""

    events: Mapping[str, int]
    all_events: int  # of a run: its own execution and all items of all Maps
    payload_bytes: int
    definition_bytes: int
    job_properties: int = 0

    def shares(self) -> list[Share]:
        """Return every limit with what the definition can use of it."""
        return [
            *(Share(name, events, MAX_EVENTS, "history events") for name, events in self.events.items()),
            Share("a payload", self.payload_bytes, MAX_PAYLOAD_BYTES, "bytes"),
            Share("the definition", self.definition_bytes, MAX_DEFINITION_BYTES, "bytes"),
            Share("a Spark job", self.job_properties, MAX_JOB_PROPERTIES, "properties"),
        ]

    def problems(self) -> list[str]:
        """Return a sentence per limit that is passed, with the figure and what to do."""
        return [f"{share}: {_todo(share)}" for share in self.shares() if share.is_passed]

    def warnings(self) -> list[str]:
        """Return a sentence per limit of which four fifths are used, with the figure and what to do."""
        return [f"{share}; before it grows, {_todo(share)}" for share in self.shares() if share.is_near]


def _todo(share: Share) -> str:
    if share.unit == "history events":
        return "shorten import_timeout_minutes or export_timeout_minutes in the catalog"
    if share.unit == "properties":
        return "read fewer clusters in a domain: each cluster's password is a property"
    return "move tables to a domain of their own in the catalog"


def loops_of(limits: Limits, import_laps: int, export_laps: int) -> list[Loop]:
    """Return the loops of the templates; those that turn pages end with the pages that a service's quotas allow."""
    listing = [
        Loop(state, state, limits.list_pages)
        for state in (
            *("ListImports", "ListTags", "ListExports", "ListJars", "ListMoreApplications"),
            "ListProvenTags",
        )
    ]
    importing = ("DescribeFormerImport", "DescribeImport", "DescribeEmptyTable")
    return [
        *listing,
        Loop("CheckPrefix", "CheckPrefix", limits.prefix_pages),
        Loop("RecordInProgressStatus", "beginLaps", limits.teardown_laps),
        Loop("CheckCloneStatus", "cloneLaps", limits.clone_laps),
        Loop("StartClone", "startLaps", limits.start_laps),
        *(Loop(state, "importLaps", import_laps) for state in importing),
        Loop("DescribeExport", "exportLaps", export_laps),
        Loop("DescribeExportOfBase", "exportLaps", export_laps),
        Loop("FindReach", "restorableLaps", limits.restorable_laps),
        Loop("WritePuts", "applyLaps", limits.apply_laps),
        Loop("WriteDeletes", "applyLaps", limits.apply_laps),
        Loop("ProveTable", "deleteLaps", limits.settings_laps),
        Loop("DescribeSettings", "settingsLaps", limits.settings_laps),
        Loop("UpdateTable", "updates", limits.updates),
        Loop("DescribePitr", "pitrLaps", limits.settings_laps),
        Loop("DescribeDestination", "streamLaps", limits.settings_laps),
        Loop("EnableStream", "streamLaps", limits.settings_laps),  # in the counter's first lap alone
        Loop("DestroyClone", "destroyLaps", limits.destroy_laps),
    ]


def budget(machine: Machine, loops: list[Loop], outcomes: Outcomes = NO_OUTCOMES) -> Budget:
    """Return the worst case of a rendered machine; `outcomes` says how wide its Maps' outcomes can be.

    Each Task's Retry is counted as exhausted once: that is the room for throttled calls.

    Raises:
        DefinitionError: A loop has no state that counts its laps, or an outcome has a field of unknown width.
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
    """Return the events of the longest way through a machine, each loop taken as often as its counter lets it."""
    reach = _reachable(machine)
    laps = _laps(machine, reach, loops)
    best: dict[str, int] = {}

    def longest(name: str) -> int:
        if name not in best:
            ring = {other for other in reach[name] if name in reach[other]} | {name}
            beyond = {target for one in ring for target in targets(machine["States"][one])} - ring
            times = max(laps.get(one, 1) for one in ring)
            # A state with a counter of its own is passed less often than the ring goes round.
            passed = sum(_cost(machine["States"][one]) * min(laps.get(one, times), times) for one in ring)
            retried = sum(_retries(machine["States"][one]) for one in ring)
            total = passed + retried + max((longest(target) for target in beyond), default=0)
            best.update(dict.fromkeys(ring, total))
        return best[name]

    return longest(machine["StartAt"])


def _cost(state: dict[str, Any]) -> int:
    events = _EVENTS[state["Type"]] + str(state.get("Resource", "")).endswith(".sync")
    # The items have histories of their own.
    return events + (_EVENTS_OF_MAP_RUN if state["Type"] == "Map" else 0)


def _retries(state: dict[str, Any]) -> int:
    return _EVENTS_PER_RETRY * sum(int(rule["MaxAttempts"]) for rule in state.get("Retry", []))


def _laps(machine: Machine, reach: dict[str, set[str]], loops: list[Loop]) -> dict[str, int]:
    """Return how often each counting state can be passed; loops that share a counter share its laps.

    Raises:
        DefinitionError: A ring of states is left when the counting ones are taken away.
    """
    counting = [loop for loop in loops if loop.state in machine["States"]]
    kept = {name: targets(state) for name, state in machine["States"].items()}
    for loop in counting:
        kept[loop.state] = []
    for name in kept:
        if name in _closure(kept, name):
            raise DefinitionError(f"{name} is in a loop whose laps nothing counts")
    laps: dict[str, int] = {}
    for counter in {loop.counter for loop in counting}:
        sharing = [loop for loop in counting if loop.counter == counter]
        # The dearest lap is taken as often as the counter lets it, the others of the counter once more each.
        dearest = max(sharing, key=lambda loop: len([n for n in reach[loop.state] if loop.state in reach[n]]))
        laps |= {loop.state: loop.laps + 1 if loop is dearest else 2 for loop in sharing}
    return laps


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
