"""Single steps of the rendered machine with answers written by hand: a state's call, its variables and its next state.

The embedded AWS runs whole executions and takes seconds for each. Here a state takes milliseconds, so that tests can
check each decision on both sides of every limit.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from catalog.loader import load_catalog
from local.aws.stepfunctions.jsonata import evaluate
from statemachine.graph import all_states
from statemachine.limits import Limits
from statemachine.names import DeployedNames
from statemachine.render import definition

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# Bounds that differ from each other, so that no state passes with another one's.
LIMITS = Limits(clone_checks=4, start_calls=2, destroy_checks=3, teardown_checks=5, settings_checks=6, updates=3)
NAMES = DeployedNames.placeholder("test")
MACHINE = definition(load_catalog(), "rates", NAMES, LIMITS)
STATES = all_states(MACHINE)
EXECUTION = {"Name": "x1", "Id": "arn:aws:states:region-0:000000000000:execution:migration-test-rates:x1"}
# An item of a Map over tables, as its selector makes it.
OWN: dict[str, Any] = {"run": "r1", "mode": "official", "table": "T", "tableName": "T", "execution": "e"}
_MOST_STEPS = 500
_VARIABLE = re.compile(r"\$(\w+)")


@dataclass(frozen=True)
class Failed:
    """An error that a Task meets after its retries."""

    error: str
    cause: str = "planted"


@dataclass(frozen=True)
class Step:
    """The result of one state."""

    to: str  # the next state, or "" where the machine ends
    kept: dict[str, Any]  # all variables afterwards
    asked: Any = None  # a Task's arguments, or the seconds of a Wait
    output: Any = None


class UncaughtError(Exception):
    """No rule of a state catches its error."""


def step(name: str, state_input: object = None, answer: object = None, **variables: Any) -> Step:
    """Run one state with its input, the answer of what it calls (an error if it is Failed), and the variables."""
    return leave(STATES[name], state_input, answer, **variables)


def leave(state: dict[str, Any], state_input: object = None, answer: object = None, **variables: Any) -> Step:
    """Run one state of whichever machine, as `step` does."""
    return _step(state, state_input, answer, variables)


def chosen(name: str, **variables: Any) -> str:
    """Return where a Choice leads."""
    return step(name, **variables).to


def kept(name: str, answer: object, **variables: Any) -> dict[str, Any]:
    """Return the variables that a state sets or changes."""
    after = step(name, answer=answer, **variables).kept
    return {key: value for key, value in after.items() if key not in variables or variables[key] != value}


def value(template: object, **variables: Any) -> Any:
    """Evaluate a template of the machine: a text, or a document with expressions in it."""
    return _value(template, variables)


def _step(state: dict[str, Any], state_input: object, answer: object, variables: Mapping[str, Any]) -> Step:
    seen = {**variables, "states": {"input": state_input, "context": {"Execution": EXECUTION}}}
    match state["Type"]:
        case "Choice":
            rules = [rule for rule in state["Choices"] if _value(rule["Condition"], seen) is True]
            if not rules:
                return Step(state["Default"], dict(variables))
            return Step(rules[0]["Next"], {**variables, **_value(rules[0].get("Assign", {}), seen)})
        case "Wait":
            return Step(state["Next"], dict(variables), _value(state["Seconds"], seen))
        case "Fail":
            return Step("", dict(variables), output={key: _value(state[key], seen) for key in ("Error", "Cause")})
    asked = _value(state.get("Arguments"), seen)
    if isinstance(answer, Failed):
        return _caught(state, answer, seen, asked)
    if state["Type"] in ("Task", "Map"):
        seen["states"]["result"] = answer
    kept = {**variables, **_value(state.get("Assign", {}), seen)}
    return Step(state.get("Next", ""), kept, asked, _value(state["Output"], seen) if "Output" in state else state_input)


def _caught(state: dict[str, Any], failed: Failed, seen: dict[str, Any], asked: object) -> Step:
    for rule in state.get("Catch", []):
        if {failed.error, "States.ALL"} & set(rule["ErrorEquals"]):
            seen["states"]["errorOutput"] = {"Error": failed.error, "Cause": failed.cause}
            kept = {name: value for name, value in seen.items() if name != "states"}
            return Step(rule["Next"], {**kept, **_value(rule.get("Assign", {}), seen)}, asked)
    raise UncaughtError(f"{failed.error} at {state}")


def _value(template: Any, seen: Mapping[str, Any]) -> Any:
    if isinstance(template, str) and template.startswith("{%"):
        expression = template.strip()[2:-2]
        # What is given is copied: of sixty-four tables, far more than an expression reads.
        return evaluate(expression, {name: seen[name] for name in _VARIABLE.findall(expression) if name in seen})
    if isinstance(template, dict):
        return {key: _value(value, seen) for key, value in template.items()}
    if isinstance(template, list):
        return [_value(value, seen) for value in template]
    return template


@dataclass
class Walk:
    """A whole execution: each state asks `answers` by its name; Maps run their items one after another."""

    answers: Mapping[str, Any]  # an answer, or a function of the state's arguments and its visits so far
    path: list[str] = field(default_factory=list)
    asked: dict[str, list[Any]] = field(default_factory=dict)
    machine: dict[str, Any] = field(default_factory=lambda: MACHINE)

    def run(self, request: object) -> tuple[str, Any]:
        """Return the state that the execution ends in, and its output."""
        return self._run(self.machine, request)

    def _run(self, machine: dict[str, Any], request: object) -> tuple[str, Any]:
        name, variables, flows = machine["StartAt"], {}, request
        for _ in range(_MOST_STEPS):
            self.path.append(name)
            state = machine["States"][name]
            answer = self._map(state, variables) if state["Type"] == "Map" else self._answer(name, state, variables)
            left = _step(state, flows, answer, variables)
            if state["Type"] in ("Task", "Wait"):
                self.asked.setdefault(name, []).append(left.asked)
            if not left.to:
                return name, left.output
            name, variables, flows = left.to, left.kept, left.output
        raise AssertionError(f"it does not end: {self.path[-20:]}")

    def _answer(self, name: str, state: dict[str, Any], variables: Mapping[str, Any]) -> object:
        if state["Type"] != "Task":
            return None
        answer = self.answers[name]
        if not callable(answer):
            return answer
        answered: Callable[[Any, int], object] = answer
        seen = {**variables, "states": {"context": {"Execution": EXECUTION}}}
        return answered(_value(state["Arguments"], seen), len(self.asked.get(name, [])))

    def _map(self, state: dict[str, Any], variables: Mapping[str, Any]) -> list[Any]:
        results = []
        for item in _value(state["Items"], variables) if isinstance(state["Items"], str) else state["Items"]:
            seen = {**variables, "states": {"context": {"Map": {"Item": {"Value": item}}, "Execution": EXECUTION}}}
            results.append(self._run(state["ItemProcessor"], _value(state["ItemSelector"], seen))[1])
        return results


def body(**document: object) -> dict[str, str]:
    """Return what S3 answers of a JSON object."""
    return {"Body": json.dumps(document)}


def payload(**answer: object) -> dict[str, Any]:
    """Return what a Lambda answers."""
    return {"Payload": answer}


def export_call(table_name: str, kind: str) -> dict[str, Any]:
    """Return the arguments of a new export of the table T by run r1 and execution e, without its instant."""
    return {
        "ClientToken": hashlib.md5(f"r1|e|{kind}|{table_name}".encode(), usedforsecurity=False).hexdigest(),
        "TableArn": "a",
        "S3Bucket": NAMES.data_bucket,
        "S3Prefix": "export/rates/r1/T",
        "ExportFormat": "DYNAMODB_JSON",
        "S3SseAlgorithm": "KMS",
        "S3SseKmsKeyId": NAMES.data_key_arn,
    }


def carrying_passes(states: Mapping[str, Any]) -> set[str]:
    """Return the Passes whose output is not empty, without those that lead to a failure."""
    passes = {name: state for name, state in states.items() if state["Type"] == "Pass" and "Next" in state}
    return {name for name, state in passes.items() if state.get("Output") != {} and state["Next"] != "RecordFailure"}
