"""Who asks whom in a complete run, from an execution's history.

Of a Map the busiest item is drawn; a state that a loop enters again is drawn once, where it came first. So the picture
depends on what a run does, not on how long it waits.
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

# In a payload that an expression makes.
_OPERATION = re.compile(r"'operation': '(\w+)'")


class Call(NamedTuple):
    """A Task of the history: the phase and the Map that it belongs to, and what it asks of whom."""

    phase: str
    each: str
    state: str
    participant: str
    action: str


def calls(definition: dict[str, Any], events: Iterable[dict[str, Any]], phases: dict[str, str]) -> list[Call]:
    """Return the Tasks of a complete run in order, each once; of a Map's items, those of the busiest.

    The events of an item name it as their `item`.
    `phases` names the phase that begins with a top-level state.
    """
    known = {name: (each, state) for each, name, state in _states(definition)}
    entered = list(_entered(events))
    busiest = _busiest(entered, known)
    found: dict[str, Call] = {}
    phase = ""
    for item, name in entered:
        each, state = known[name]
        phase = phases.get(name, phase)
        if state["Type"] == "Task" and item == busiest.get(each) and name not in found:
            found[name] = Call(phase, each, name, *_asked(state))
    return list(found.values())


def _entered(events: Iterable[dict[str, Any]]) -> Iterator[tuple[str | None, str]]:
    """Yield each state entered, with the item of a Map that entered it; the run's own execution is none."""
    for event in events:
        if "stateEnteredEventDetails" in event:
            yield event.get("item"), event["stateEnteredEventDetails"]["name"]


def _busiest(entered: list[tuple[str | None, str]], known: dict[str, tuple[str, Any]]) -> dict[str, str | None]:
    """Return of each Map the item that entered the most different states."""
    visited: dict[tuple[str, str | None], set[str]] = {}
    for item, name in entered:
        visited.setdefault((known[name][0], item), set()).add(name)
    return dict(sorted(visited, key=lambda key: len(visited[key])))


def sequence(run: list[Call], counts: dict[str, str]) -> str:
    """Return the chart of a run; `counts` says of what a Map's items are, such as `each of 9 clusters`."""
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
        for inner, one in state.get("ItemProcessor", {}).get("States", {}).items():
            yield name, inner, one


def _asked(state: dict[str, Any]) -> tuple[str, str]:
    """Return whom a Task asks, and for what."""
    *_, service, action = str(state["Resource"]).split(":")
    if service != "lambda":
        return _SERVICES[service], action.removesuffix(".sync")
    function = json.dumps(state["Arguments"]["FunctionName"])
    participant = "registry" if "run-registry" in function else "clones"
    payload = state["Arguments"]["Payload"]
    return participant, payload["operation"] if isinstance(payload, dict) else _OPERATION.findall(payload)[0]
