"""Data flow along every path: variables that are unset, shadow an outer one, or make an expression yield nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statemachine.expressions import can_be_nothing, constant_members, is_expression, variables
from statemachine.graph import Machine, State, texts

if TYPE_CHECKING:
    from collections.abc import Iterator

_ITEM = "{% $states.context.Map.Item.Value %}"


def check_variables(machine: Machine, preset: frozenset[str] = frozenset()) -> Iterator[str]:
    """Report a read of a variable that some path leaves unset, and an inner variable with an outer one's name.

    An item of a Map cannot read outer variables, because every Map is DISTRIBUTED:
    https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
    """
    outer = frozenset(name for state in machine["States"].values() for name in _assigned(state))
    for name, known in _known_before(machine, preset).items():
        state = machine["States"][name]
        for text in _expressions({key: value for key, value in state.items() if key != "ItemProcessor"}):
            for variable in sorted(variables(text) - known):
                yield f"{name} reads ${variable}, which a path leaves unset"
        if "ItemProcessor" in state:
            inner = state["ItemProcessor"]
            shadowed = {v for s in inner["States"].values() for v in _assigned(s)} & (outer | preset)
            yield from (f"{name} sets ${variable} inside, which is set outside" for variable in sorted(shadowed))
            yield from check_variables(inner)


def check_nothing(machine: Machine) -> Iterator[str]:
    """Report an expression that can yield nothing in a state without a Catch."""
    yield from _check_nothing(machine, _members(machine, {}), {})


def _check_nothing(machine: Machine, fields: dict[str, frozenset[str]], selector: State) -> Iterator[str]:
    for name, state in machine["States"].items():
        if state["Type"] in ("Task", "Map"):
            uncaught: object = [rule.get("Assign") for rule in state.get("Catch", [])]
        else:
            uncaught = {key: value for key, value in state.items() if key != "ItemProcessor"}
        for text in _expressions(uncaught):
            if can_be_nothing(text, fields) and not _is_selected(text, selector):
                yield f"{name} can yield nothing: {text[:100]}"
        if "ItemProcessor" in state:
            inner = state["ItemProcessor"]
            yield from _check_nothing(inner, {**fields, **_members(inner, state)}, state["ItemSelector"])


def _is_selected(text: str, selector: State) -> bool:
    """Return whether an expression is a member of the Map's own items."""
    return any(text.replace(" ", "") == f"{{%$states.input.{key}%}}" for key in selector)


def _members(machine: Machine, of: State) -> dict[str, frozenset[str]]:
    """Return the members that each variable of a machine has after every assignment to it."""
    by_variable: dict[str, frozenset[str]] = {}
    for state in machine["States"].values():
        for rule in (state, *state.get("Catch", []), *state.get("Choices", [])):
            for name, value in rule.get("Assign", {}).items():
                members = _selected(value, of) | constant_members(value)
                by_variable[name] = members & by_variable[name] if name in by_variable else members
    return by_variable


def _selected(value: object, of: State) -> frozenset[str]:
    """Return the members of `$states.input` or of one of its members, from the Map's selector and items."""
    selector = of.get("ItemSelector", {})
    if value == "{% $states.input %}":
        return frozenset(selector)
    for key, source in selector.items():
        if value == f"{{% $states.input.{key} %}}" and source == _ITEM:
            return frozenset.intersection(*(frozenset(item) for item in of["Items"]))
    return frozenset()


def _known_before(machine: Machine, preset: frozenset[str]) -> dict[str, frozenset[str]]:
    """Return the variables that are certainly set when each state is entered."""
    known: dict[str, frozenset[str]] = {machine["StartAt"]: preset}
    waiting = [machine["StartAt"]]
    while waiting:
        name = waiting.pop()
        for target, assigned in _edges(machine["States"][name]):
            after = known[name] | assigned
            if target not in known or not known[target] <= after:
                known[target] = after & known.get(target, after)
                waiting.append(target)
    return known


def _edges(state: State) -> Iterator[tuple[str, frozenset[str]]]:
    for rule in (*state.get("Catch", []), *state.get("Choices", [])):
        yield rule["Next"], frozenset(rule.get("Assign", {}))
    for key in ("Next", "Default"):
        if key in state:
            yield state[key], frozenset(state.get("Assign", {}))


def _assigned(state: State) -> set[str]:
    rules = (state, *state.get("Catch", []), *state.get("Choices", []))
    return {name for rule in rules for name in rule.get("Assign", {})}


def _expressions(value: object) -> Iterator[str]:
    return (text for text in texts(value) if is_expression(text))
