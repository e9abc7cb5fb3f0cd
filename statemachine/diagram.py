"""The chart of a rendered machine, as Mermaid: its phases, its states, and the ways between them.

What every Task has in common is said once: a Catch leads to the failure's record, or in a Map to the item's outcome;
only a Catch that leads elsewhere is drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statemachine.graph import Machine

# The state that a phase begins with, in the order of the customer's chart.
PHASES = {
    "DefineVariables": "Prepare",
    "CloneClusters": "Clone",
    "ListJars": "Locate Spark",
    "FindSummary": "Bootstrap",
    "MigrateTables": "Tables",
    "PrepareCompare": "Compare",
    "DeleteStatus": "Finish",
    "RecordFailure": "Fail",
}
_SHAPES = {"Choice": ("{{", "}}"), "Wait": ("([", "])"), "Succeed": ("((", "))"), "Fail": ("((", "))")}
_CLASSES = {
    "task": "fill:#dbeafe,stroke:#1d4ed8,color:#111827",
    "choice": "fill:#fef3c7,stroke:#b45309,color:#111827",
    "wait": "fill:#ede9fe,stroke:#6d28d9,color:#111827",
    "pass": "fill:#f3f4f6,stroke:#6b7280,color:#111827",
    "succeed": "fill:#dcfce7,stroke:#15803d,color:#111827",
    "fail": "fill:#fee2e2,stroke:#b91c1c,color:#111827",
}


def flow_chart(machine: Machine) -> str:
    """Return the flow chart of a rendered machine."""
    states = machine["States"]
    lines = ["flowchart TD"]
    for phase, names in _phases(machine).items():
        lines.append(f'  subgraph {_node(phase)}_phase["{phase}"]')
        for name in names:
            lines += (
                _map(name, states[name]) if states[name]["Type"] == "Map" else [f"    {_drawn(name, states[name])}"]
            )
        lines.append("  end")
    lines += [f"  {edge}" for name in states if name != "FailureKind" for edge in _edges(name, states)]
    failures = sorted(name for name, state in states.items() if state["Type"] == "Fail")
    lines.append(f'  Failed(("{len(failures)} named<br/>failures")):::fail')
    lines.append("  FailureKind --> Failed")
    lines += [f"  classDef {name} {style}" for name, style in _CLASSES.items()]
    return "\n".join(lines) + "\n"


def _phases(machine: Machine) -> dict[str, list[str]]:
    """Return the states of each phase: what its first state leads to before another phase begins."""
    found: dict[str, list[str]] = {}
    taken: set[str] = set()
    for head, phase in PHASES.items():
        waiting, names = [head], list[str]()
        while waiting:
            name = waiting.pop(0)
            state = machine["States"][name]
            if name in taken or state["Type"] == "Fail" or (name in PHASES and name != head):
                continue
            taken.add(name)
            names.append(name)
            waiting += [*_ways(state), *_caught(state, machine["States"])]
        found[phase] = names
    return found


def _map(name: str, state: dict[str, Any]) -> Iterator[str]:
    """Draw a Map as a box of its own, its bad outcomes as one node."""
    inner = state["ItemProcessor"]["States"]
    yield f'    subgraph {name}["{name} · for each"]'
    for inside, one in inner.items():
        if not _is_bad_end(one):
            yield f"      {_drawn(inside, one)}"
    yield f'      {name}_not_ok["outcome: not ok"]:::fail'
    for inside, one in inner.items():
        if not _is_bad_end(one):
            for edge in _edges(inside, inner, bad_end=f"{name}_not_ok"):
                yield f"      {edge}"
    yield "    end"


def _edges(name: str, states: dict[str, Any], bad_end: str = "Failed") -> Iterator[str]:
    """Draw where a state leads, and with dots where a Catch does that is more than giving up."""
    for target in _ways(states[name]):
        ends = states[target]["Type"] == "Fail" or _is_bad_end(states[target])
        yield f"{name} --> {bad_end if ends else target}"
    for target in _caught(states[name], states):
        yield f"{name} -.-> {target}"


def _caught(state: dict[str, Any], states: dict[str, Any]) -> list[str]:
    targets = [rule["Next"] for rule in state.get("Catch", [])]
    return [one for one in targets if one != "RecordFailure" and not _is_bad_end(states[one])]


def _ways(state: dict[str, Any]) -> list[str]:
    """Return where a state leads when nothing fails."""
    ways = [rule["Next"] for rule in state.get("Choices", [])]
    ways += [state[key] for key in ("Next", "Default") if key in state]
    return list(dict.fromkeys(ways))


def _is_bad_end(state: dict[str, Any]) -> bool:
    output = state.get("Output")
    return state.get("End", False) and isinstance(output, dict) and output.get("ok") is False


def _drawn(name: str, state: dict[str, Any]) -> str:
    opening, closing = _SHAPES.get(state["Type"], ("[", "]"))
    call = ":".join(str(state["Resource"]).rsplit(":", 2)[-2:]).removesuffix(".sync") if "Resource" in state else ""
    label = f"{name}<br/><i>{call}</i>" if call else name
    return f'{name}{opening}"{label}"{closing}:::{state["Type"].lower()}'


def _node(phase: str) -> str:
    return phase.replace(" ", "_")
