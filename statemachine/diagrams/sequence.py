"""Sequence diagram of a complete run's calls, from an execution's history.

The diagram shows the busiest item of each Map, and each state of a loop once, at its first entry. So it depends on what
a run does, not on how long it waits.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_PARTICIPANTS = {
    "person": "Operator",
    "machine": "Step Functions",
    "registry": "run registry",
    "clones": "clone service",
    "s3": "S3",
    "iam": "IAM",
    "emr": "EMR Serverless",
    "dynamodb": "DynamoDB",
    "kinesis": "Kinesis",
}
_SERVICES = {
    "s3": "s3",
    "iam": "iam",
    "emrserverless": "emr",
    "emr-serverless": "emr",
    "dynamodb": "dynamodb",
    "kinesis": "kinesis",
}

# The operation in a payload that an expression builds.
_OPERATION = re.compile(r"'operation': '(\w+)'")


class Call(NamedTuple):
    """A Task of the history: its phase, its Map, and the service and action that it calls."""

    phase: str
    each: str
    state: str
    participant: str
    action: str


def calls(definition: dict[str, Any], events: Iterable[dict[str, Any]], phases: dict[str, str]) -> list[Call]:
    """Return the Tasks of a complete run in order, each once; from a Map, those of the busiest item.

    The events of a Map's item name it as `item`.
    `phases` names the phase that begins with a top-level state.
    """
    known = {name: (each, state) for each, name, state in _states(definition)}
    entered = list(_entered(events))
    busiest = _busiest(entered, known)
    by_state: dict[str, Call] = {}
    phase = ""
    for item, name in entered:
        each, state = known[name]
        phase = phases.get(name, phase)
        if state["Type"] == "Task" and item == busiest.get(each) and name not in by_state:
            by_state[name] = Call(phase, each, name, *_asked(state))
    return list(by_state.values())


def _entered(events: Iterable[dict[str, Any]]) -> Iterator[tuple[str | None, str]]:
    """Yield each entered state with the Map's item that entered it, or None for the run's own execution."""
    for event in events:
        if "stateEnteredEventDetails" in event:
            yield event.get("item"), event["stateEnteredEventDetails"]["name"]


def _busiest(entered: list[tuple[str | None, str]], known: dict[str, tuple[str, Any]]) -> dict[str, str | None]:
    """Return the item of each Map that entered the most different states."""
    visited: dict[tuple[str, str | None], set[str]] = {}
    for item, name in entered:
        visited.setdefault((known[name][0], item), set()).add(name)
    return dict(sorted(visited, key=lambda key: len(visited[key])))


def sequence(run: list[Call], counts: dict[str, str]) -> str:
    """Return the chart of a run; `counts` describes each Map's items, such as `each of 9 clusters`."""
    used = {"person", "machine", *(call.participant for call in run)}
    lines = ["sequenceDiagram", "  autonumber"]
    lines += [f"  participant {name} as {words}" for name, words in _PARTICIPANTS.items() if name in used]
    lines.append("  person->>machine: start-execution")
    phase = each = ""
    for call in run:
        if each and call.each != each:
            lines.append("  end")
        if call.phase != phase:
            lines.append(f"  Note over person,{[name for name in _PARTICIPANTS if name in used][-1]}: {call.phase}")
        if call.each and call.each != each:
            lines.append(f"  par {counts[call.each]}")
        phase, each = call.phase, call.each
        lines.append(f"  machine->>{call.participant}: {call.state} ({call.action})")
    lines += ["  end"] if each else []
    lines.append("  machine-->>person: SUCCEEDED, verdict MATCH")
    return "\n".join(lines) + "\n"


def _states(definition: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the Map, name and body of every state."""
    for name, state in definition["States"].items():
        yield "", name, state
        for inner, body in state.get("ItemProcessor", {}).get("States", {}).items():
            yield name, inner, body


def _asked(state: dict[str, Any]) -> tuple[str, str]:
    """Return the service and the action that a Task calls."""
    *_, service, action = str(state["Resource"]).split(":")
    if service != "lambda":
        return _SERVICES[service], action.removesuffix(".sync")
    function = json.dumps(state["Arguments"]["FunctionName"])
    participant = "registry" if "run-registry" in function else "clones"
    payload = state["Arguments"]["Payload"]
    return participant, payload["operation"] if isinstance(payload, dict) else _OPERATION.findall(payload)[0]
