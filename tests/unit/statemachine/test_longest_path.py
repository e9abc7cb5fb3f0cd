"""The events of an execution are counted along its longest path, whichever Choice leads there."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest

from statemachine.budget import Loop, budget
from statemachine.outcomes import Outcomes

END: dict[str, Any] = {"Type": "Succeed"}
JOB = {"ConfigurationOverrides": {"ApplicationConfiguration": [{"Properties": ""}]}}


def chain(name: str, length: int) -> dict[str, Any]:
    """Return so many Pass states one behind the other, to the end."""
    names = [f"{name}{n}" for n in range(length)]
    return {
        state: {"Type": "Pass", "Next": following} for state, following in zip(names, [*names[1:], "End"], strict=True)
    }


def events(states: dict[str, Any], loops: list[Loop] | None = None) -> int:
    machine = {"StartAt": next(iter(states)), "States": {**states, "End": END}}
    return budget(machine, loops or [], 0).events["the execution"]


@pytest.mark.parametrize(("first", "second"), [(2, 6), (6, 2), (6, 6)])
def test_the_longer_of_two_ways_counts(first: int, second: int) -> None:
    choices = {"Type": "Choice", "Choices": [{"Condition": "{% true %}", "Next": "a0"}], "Default": "b0"}
    straight = {"Start": {"Type": "Pass", "Next": "a0"}, **chain("a", 6)}

    assert events({"Start": choices, **chain("a", first), **chain("b", second)}) == events(straight)


def test_what_a_catch_leads_to_counts_where_it_is_the_longer_way() -> None:
    task: dict[str, Any] = {"Type": "Task", "Resource": "r", "Next": "End"}
    caught = {**task, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "a0"}]}

    assert events({"T": caught, **chain("a", 3)}) == events({"T": {**task, "Next": "a0"}, **chain("a", 3)})


@pytest.mark.parametrize(
    ("state", "counted"),
    [
        ({"Type": "Pass", "Next": "End"}, 2),
        ({"Type": "Choice", "Choices": [], "Default": "End"}, 2),
        ({"Type": "Wait", "Next": "End"}, 2),
        ({"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Next": "End"}, 5),
        (
            {
                "Type": "Task",
                "Resource": "arn:aws:states:::emr-serverless:startJobRun.sync",
                "Arguments": JOB,
                "Next": "End",
            },
            6,
        ),
        ({"Type": "Task", "Retry": [{"MaxAttempts": 2}, {"MaxAttempts": 3}], "Next": "End"}, 5 + 3 * 5),
    ],
)
def test_each_state_costs_what_its_history_shows(state: dict[str, Any], counted: int) -> None:
    # Two of the end, and two of the execution itself.
    assert events({"S": state}) == counted + 2 + 2
    machine = {"StartAt": "F", "States": {"F": {"Type": "Fail"}}}
    assert budget(machine, []).events == {"the execution": 2 + 2}


def again(name: str, onward: str, *between: str) -> dict[str, Any]:
    """Return a loop: a Pass, so many more of it, and a Choice that leads back or onward."""
    names = [name, *between, f"{name}?"]
    passes = {state: {"Type": "Pass", "Next": then} for state, then in pairwise(names)}
    return {**passes, names[-1]: {"Type": "Choice", "Choices": [{"Next": name}], "Default": onward}}


def test_loops_with_counters_of_their_own_count_beside_each_other() -> None:
    states = {**again("A", "B"), **again("B", "End")}

    counted = events(states, [Loop("A", "a", 3), Loop("B", "b", 5), Loop("Elsewhere", "c", 99)])

    assert counted == (3 + 1) * 4 + (5 + 1) * 4 + 2 + 2


@pytest.mark.parametrize("longer", ["A", "B"])
def test_of_loops_that_share_a_counter_the_longer_takes_all_rounds(longer: str) -> None:
    more = {name: ("x1", "x2") if name == longer else () for name in ("A", "B")}
    states = {**again("A", "B", *more["A"]), **again("B", "End", *more["B"])}

    counted = events(states, [Loop("A", "both", 5), Loop("B", "both", 5)])

    assert counted == (5 + 1) * 8 + 2 * 4 + 2 + 2


def test_a_loop_within_a_loop_counts_by_the_outer_and_a_rare_state_by_its_own() -> None:
    states = {
        **again("A", "Rare"),
        "Rare": {"Type": "Task", "Next": "Or"},
        "Or": {"Type": "Choice", "Choices": [{"Next": "A"}], "Default": "End"},
    }

    counted = events(states, [Loop("A", "a", 9), Loop("Rare", "b", 2)])

    # A, A? and Or pass ten times each, and Rare three times.
    assert counted == 10 * (2 + 2 + 2) + 3 * 5 + 2 + 2
    assert events(states, [Loop("A", "a", 2), Loop("Rare", "b", 9)]) == 3 * 2 + 10 * (2 + 2 + 5) + 2 + 2


def test_the_widest_payload_is_of_items_outcomes_or_a_job() -> None:
    def worst(items: list[str], cause: int, job: str) -> int:
        ends = {"E": {"Type": "Pass", "Output": {"cause": "{% $x %}"}, "End": True}}
        each = {"Type": "Map", "Items": items, "ItemProcessor": {"StartAt": "E", "States": ends}, "Next": "J"}
        spark = [{"Properties": job}]
        arguments = {"ConfigurationOverrides": {"ApplicationConfiguration": spark}}
        task = {"Type": "Task", "Resource": "x:startJobRun.sync", "Arguments": arguments, "Next": "End"}
        machine = {"StartAt": "M", "States": {"M": each, "J": task, "End": END}}
        counted = budget(machine, [], Outcomes(cause))
        assert counted.definition_bytes == len(json.dumps(machine, indent=2).encode())
        return counted.payload_bytes

    empty = len('{"ConfigurationOverrides": {"ApplicationConfiguration": [{"Properties": ""}]}}')
    assert worst(["a"], 0, "") == empty
    assert worst(["a"], 0, "j" * 500) == empty + 500
    assert worst(["a"], 1000, "j" * 500) == 2 + 1 + 2 + len("cause") + 6 + 1000
    assert worst(["a" * 3000], 1000, "j" * 500) == len('[""]') + 3000
