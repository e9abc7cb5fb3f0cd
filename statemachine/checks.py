"""Rules for a definition, checked on its graph; every violation is reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statemachine.dataflow import check_nothing, check_variables
from statemachine.expressions import ExpressionError, is_expression, parse
from statemachine.graph import Machine, machines, targets, texts

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_NAME_CHARACTERS = 80
_ENDS = ("Succeed", "Fail")


def findings(machine: Machine, known_errors: frozenset[str] | None = None) -> list[str]:
    """Return one sentence per broken rule, in the order of the rules.

    `known_errors` are the error names of services and Lambdas; without them, names are not checked.
    """
    rules = (
        check_targets_exist,
        check_all_reachable,
        check_ways_out,
        check_tasks_are_bounded,
        check_expressions,
        check_tokens,
    )
    sentences = [sentence for rule in rules for part in machines(machine) for sentence in rule(part)]
    sentences += check_names_differ(machine)
    if known_errors is not None:
        sentences += check_errors_exist(machine, known_errors)
    # Data flow can be checked only in a connected graph.
    return sentences or [*check_variables(machine), *check_nothing(machine)]


def check_targets_exist(machine: Machine) -> Iterator[str]:
    """Report a transition to a state that the machine does not have."""
    states = machine["States"]
    if machine["StartAt"] not in states:
        yield f"StartAt names the unknown state {machine['StartAt']}"
    for name, state in states.items():
        for target in targets(state):
            if target not in states:
                yield f"{name} goes to the unknown state {target}"


def check_all_reachable(machine: Machine) -> Iterator[str]:
    """Report a state that no path reaches."""
    states = machine["States"]
    seen: set[str] = set()
    open_states = [machine["StartAt"]]
    while open_states:
        name = open_states.pop()
        if name in seen or name not in states:
            continue
        seen.add(name)
        open_states += targets(states[name])
    for name in states:
        if name not in seen:
            yield f"{name} cannot be reached"


def check_ways_out(machine: Machine) -> Iterator[str]:
    """Report a state without an end or a next state, and a Choice without Default."""
    for name, state in machine["States"].items():
        if state["Type"] == "Choice":
            if "Default" not in state:
                yield f"{name} is a Choice without Default"
        elif state["Type"] not in _ENDS and "Next" not in state and not state.get("End"):
            yield f"{name} has no next state"


def check_tasks_are_bounded(machine: Machine) -> Iterator[str]:
    """Report a Task that could hang, fail at the first throttled call, or fail without a name."""
    for name, state in machine["States"].items():
        if state["Type"] == "Task":
            for field in ("TimeoutSeconds", "Retry", "Catch"):
                if field not in state:
                    yield f"{name} is a Task without {field}"


def check_expressions(machine: Machine) -> Iterator[str]:
    """Report text that contains JSONata's delimiters but is not a whole expression, since it would stay text."""
    for name, state in machine["States"].items():
        for text in texts({key: value for key, value in state.items() if key != "ItemProcessor"}):
            whole = text.startswith("{%") and text.rstrip().endswith("%}")
            if ("{%" in text or "%}" in text) and not whole:
                yield f"{name} holds a half expression: {text[:60]}"
            if is_expression(text):
                try:
                    parse(text)
                except ExpressionError as error:
                    yield f"{name} holds an expression that does not parse: {text[:60]} ({error})"


def check_tokens(machine: Machine) -> Iterator[str]:
    """Report a client token that changes with a retry, since the retry would start the work twice."""
    for name, state in machine["States"].items():
        arguments = state.get("Arguments", {})
        token = arguments.get("ClientToken") if isinstance(arguments, dict) else None
        if isinstance(token, str) and ("$uuid" in token or "$random" in token or "$millis" in token):
            yield f"{name} has a random client token"
        verb = str(state.get("Resource")).rpartition(":")[2]
        if verb in ("importTable", "exportTableToPointInTime", "startJobRun.sync") and token is None:
            yield f"{name} has no client token"


def check_errors_exist(machine: Machine, known: frozenset[str]) -> Iterator[str]:
    """Report an error name that nothing raises, since its Retry or Catch would never match."""
    for part in machines(machine):
        for name, state in part["States"].items():
            for rule in (*state.get("Retry", []), *state.get("Catch", [])):
                for error in rule["ErrorEquals"]:
                    if error not in known and not error.startswith("States."):
                        yield f"{name} waits for the error {error}, which nothing raises"


def check_names_differ(machine: Machine) -> Iterator[str]:
    """Report names that are too long or used twice; Maps share their machine's name space."""
    seen: set[str] = set()
    for part in machines(machine):
        for name in part["States"]:
            if name in seen:
                yield f"{name} is the name of two states"
            if len(name) > MAX_NAME_CHARACTERS:
                yield f"{name} is longer than {MAX_NAME_CHARACTERS} characters"
            seen.add(name)
