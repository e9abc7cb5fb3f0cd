"""A rendered machine as a graph: its states, their transitions and their texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

Machine = dict[str, Any]
State = dict[str, Any]


def machines(machine: Machine) -> Iterator[Machine]:
    """Yield a machine and the machines inside its Maps."""
    yield machine
    for state in machine["States"].values():
        if "ItemProcessor" in state:
            yield from machines(state["ItemProcessor"])


def all_states(machine: Machine) -> dict[str, State]:
    """Return all states by name, those of Maps included."""
    return {name: state for part in machines(machine) for name, state in part["States"].items()}


def targets(state: State) -> list[str]:
    """Return every state that can follow a state."""
    rules = [*state.get("Choices", []), *state.get("Catch", [])]
    return [rule["Next"] for rule in rules] + [state[key] for key in ("Next", "Default") if key in state]


def texts(value: object) -> Iterator[str]:
    """Yield every text of a document, in order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
