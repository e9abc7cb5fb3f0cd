"""Flow charts of a rendered machine: its phases with their states, and a chart for the inside of each Map.

Every Task has a Catch that leads to the failure's record or, in a Map, to the item's outcome; the charts draw only a
Catch that leads elsewhere. All transitions to the failure's record end in one node of their phase.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statemachine.diagrams.palette import class_definitions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statemachine.graph import Machine

# The first state of each phase, in the order of the customer's chart; a machine has the phases of its kind.
PHASES = {
    "DefineVariables": "Prepare",
    "CloneClusters": "Clone",
    "ListJars": "Locate Spark",
    "FindSummary": "Bootstrap",
    "MigrateTables": "Tables",
    "ChangesKnown": "Delta",
    "BeginWriting": "Apply",
    "WaitUntilQuiet": "Tables",
    "PrepareCompare": "Compare",
    "DeleteStatus": "Finish",
    "RecordFailure": "Fail",
}
_RECORD = "RecordFailure"
_SHAPES = {
    "Choice": ("{{", "}}"),
    "Wait": ("([", "])"),
    "Succeed": ("((", "))"),
    "Fail": ("((", "))"),
    "Map": ("[[", "]]"),
}
_KINDS = ("task", "choice", "wait", "pass", "succeed", "fail")


def flow_chart(machine: Machine) -> str:
    """Return the chart of the machine's own states, in which a Map is one node."""
    states = machine["States"]
    lines = ["flowchart TD"]
    for phase, names in phases(machine).items():
        box = phase.replace(" ", "_")
        drawn = [name for name in names if not _gives_up(states[name])]
        lines.append(f'  subgraph {box}_phase["{phase}"]')
        lines += [f"    {_drawn(name, states[name])}" for name in drawn]
        ways = list(dict.fromkeys(way for name in drawn for way in _edges(name, states, f"{box}_gives_up")))
        if any(f"{box}_gives_up" in way for way in ways):
            lines.append(f'    {box}_gives_up(("RecordFailure")):::fail')
        lines.append("  end")
        lines += [f"  {way}" for way in ways]
    failures = sum(state["Type"] == "Fail" for state in states.values())
    lines.append(f'  Failed(("{failures} named<br/>failures")):::fail')
    return "\n".join([*lines, *class_definitions(_KINDS)]) + "\n"


def map_charts(machine: Machine) -> dict[str, str]:
    """Return the chart of each Map's inside, by the Map's name."""
    return {name: _map_chart(state) for name, state in machine["States"].items() if state["Type"] == "Map"}


def phases(machine: Machine) -> dict[str, list[str]]:
    """Return the states of each phase: those reachable from its first state before another phase begins."""
    by_phase: dict[str, list[str]] = {}
    taken: set[str] = set()
    heads = [(head, phase) for head, phase in PHASES.items() if head in machine["States"]]
    for head, phase in heads:
        waiting, names = [head], list[str]()
        while waiting:
            name = waiting.pop(0)
            state = machine["States"][name]
            if name in taken or state["Type"] == "Fail" or (name in PHASES and name != head):
                continue
            taken.add(name)
            names.append(name)
            waiting += [*_ways(state), *_caught(state, machine["States"])]
        by_phase[phase] = names
    return by_phase


def _map_chart(state: dict[str, Any]) -> str:
    inner = state["ItemProcessor"]["States"]
    drawn = [name for name, inner_state in inner.items() if not _is_bad_end(inner_state)]
    lines = ["flowchart TD", *[f"  {_drawn(name, inner[name])}" for name in drawn]]
    lines.append('  not_ok(("outcome:<br/>not ok")):::fail')
    lines += [f"  {way}" for way in dict.fromkeys(way for name in drawn for way in _edges(name, inner, "not_ok"))]
    return "\n".join([*lines, *class_definitions(_KINDS)]) + "\n"


def _edges(name: str, states: dict[str, Any], gives_up: str) -> Iterator[str]:
    """Yield the transitions of a state; a dotted edge is a Catch that does more than give up."""
    for target in _ways(states[name]):
        if states[target]["Type"] == "Fail":
            yield f"{name} --> Failed"
        elif target == _RECORD or _gives_up(states[target]) or _is_bad_end(states[target]):
            yield f"{name} --> {gives_up}"
        else:
            yield f"{name} --> {target}"
    for target in _caught(states[name], states):
        yield f"{name} -.-> {gives_up if _gives_up(states[target]) else target}"


def _caught(state: dict[str, Any], states: dict[str, Any]) -> list[str]:
    targets = [rule["Next"] for rule in state.get("Catch", [])]
    return [target for target in targets if target != _RECORD and not _is_bad_end(states[target])]


def _ways(state: dict[str, Any]) -> list[str]:
    """Return the next states if nothing fails."""
    ways = [rule["Next"] for rule in state.get("Choices", [])]
    ways += [state[key] for key in ("Next", "Default") if key in state]
    return list(dict.fromkeys(ways))


def _gives_up(state: dict[str, Any]) -> bool:
    return state["Type"] == "Pass" and state.get("Next") == _RECORD


def _is_bad_end(state: dict[str, Any]) -> bool:
    output = state.get("Output")
    return state.get("End", False) and isinstance(output, dict) and output.get("ok") is False


def _drawn(name: str, state: dict[str, Any]) -> str:
    opening, closing = _SHAPES.get(state["Type"], ("[", "]"))
    call = ":".join(str(state["Resource"]).rsplit(":", 2)[-2:]).removesuffix(".sync") if "Resource" in state else ""
    label = f"{name}<br/><i>{call or 'for each'}</i>" if call or state["Type"] == "Map" else name
    kind = {"Map": "task"}.get(state["Type"], state["Type"].lower())
    return f'{name}{opening}"{label}"{closing}:::{kind}'
