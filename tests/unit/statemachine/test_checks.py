"""Each rule detects a machine that breaks it."""

from __future__ import annotations

from typing import Any

import pytest

from statemachine.checks import findings
from statemachine.graph import all_states

END = {"Type": "Succeed"}


@pytest.mark.parametrize(
    ("states", "finding"),
    [
        ({"A": {"Type": "Pass", "Next": "B"}}, "A goes to the unknown state B"),
        ({"A": END, "B": END}, "B cannot be reached"),
        ({"A": {"Type": "Pass"}}, "A has no next state"),
        ({"A": {"Type": "Choice", "Choices": [{"Condition": "{% true %}", "Next": "B"}]}, "B": END}, None),
        ({"A": {"Type": "Task", "End": True, "Retry": [], "Catch": []}}, "A is a Task without TimeoutSeconds"),
        ({"A": {"Type": "Task", "End": True, "TimeoutSeconds": 1, "Catch": []}}, "A is a Task without Retry"),
        ({"A": {"Type": "Task", "End": True, "TimeoutSeconds": 1, "Retry": []}}, "A is a Task without Catch"),
        ({"A": {"Type": "Pass", "End": True, "Output": "run {% $run %}"}}, "A holds a half expression: run {% $run %}"),
        (
            {"A": {"Type": "Map", "End": True, "ItemProcessor": {"StartAt": "A", "States": {"A": END}}}},
            "A is the name of two states",
        ),
        ({"A": {"Type": "Pass", "Next": "B" * 81}, "B" * 81: END}, f"{'B' * 81} is longer than 80 characters"),
    ],
    ids=[
        "dangling", "unreachable", "no-exit", "choice-without-default", "no-timeout", "no-retry", "no-catch",
        "half-expression", "same-name-in-map", "long-name",
    ],
)  # fmt: skip
def test_a_broken_rule_is_found(states: dict[str, Any], finding: str | None) -> None:
    expected = finding or "A is a Choice without Default"

    assert findings({"StartAt": "A", "States": states}) == [expected]


def test_all_findings_are_told_at_once() -> None:
    broken = {"StartAt": "X", "States": {"A": {"Type": "Pass", "Next": "Y"}}}

    assert findings(broken) == [
        "StartAt names the unknown state X",
        "A goes to the unknown state Y",
        "A cannot be reached",
    ]


def task(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - a state's fields
    return {"Type": "Task", "End": True, "TimeoutSeconds": 1, "Retry": [], "Catch": [], **more}


@pytest.mark.parametrize("call", ["$uuid()", "$random()", "$millis()"])
def test_a_client_token_that_a_retry_would_draw_anew_is_refused(call: str) -> None:
    state = task(Arguments={"ClientToken": f"{{% {call} %}}"})

    assert findings({"StartAt": "A", "States": {"A": state}}) == ["A has a random client token"]


@pytest.mark.parametrize(
    ("resource", "needs"),
    [
        ("arn:aws:states:::aws-sdk:dynamodb:importTable", True),
        ("arn:aws:states:::aws-sdk:dynamodb:exportTableToPointInTime", True),
        ("arn:aws:states:::emr-serverless:startJobRun.sync", True),
        ("arn:aws:states:::aws-sdk:dynamodb:describeTable", False),
    ],
)
def test_what_starts_something_has_a_client_token(*, resource: str, needs: bool) -> None:
    without = task(Resource=resource, Arguments={})
    having = task(Resource=resource, Arguments={"ClientToken": "{% 'run' %}"})

    assert findings({"StartAt": "A", "States": {"A": without}}) == (["A has no client token"] if needs else [])
    assert findings({"StartAt": "A", "States": {"A": having}}) == []


@pytest.mark.parametrize("text", ["run %}", "{% $run", "{% $run %} x"])
def test_text_that_is_half_an_expression_is_refused(text: str) -> None:
    assert findings({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True, "Output": text}}}) == [
        f"A holds a half expression: {text}"
    ]


def test_an_expression_that_does_not_parse_is_refused() -> None:
    (finding,) = findings({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True, "Output": "{% ( %}"}}})

    assert finding.startswith("A holds an expression that does not parse: {% ( %} (")


@pytest.mark.parametrize("field", ["Retry", "Catch"])
def test_an_error_that_nothing_raises_is_waited_for_in_vain(field: str) -> None:
    known = frozenset({"A.Known"})
    rule: dict[str, Any] = {"ErrorEquals": ["A.Known", "States.Timeout", "A.Unknown"]}
    if field == "Catch":
        rule["Next"] = "B"
    machine = {"StartAt": "A", "States": {"A": task(**{field: [rule]}), "B": END}}
    if field == "Retry":
        del machine["States"]["B"]  # type: ignore[attr-defined]  # JSON

    assert findings(machine, known) == ["A waits for the error A.Unknown, which nothing raises"]
    assert findings(machine) == []
    assert findings(machine, known | {"A.Unknown"}) == []


def test_an_error_is_looked_for_in_the_items_of_a_map_too() -> None:
    item = {"StartAt": "B", "States": {"B": task(Retry=[{"ErrorEquals": ["A.Unknown"]}])}}
    each = {"Type": "Map", "End": True, "ItemProcessor": item}

    assert findings({"StartAt": "A", "States": {"A": each}}, frozenset()) == [
        "B waits for the error A.Unknown, which nothing raises"
    ]


def test_a_name_of_eighty_characters_is_the_longest() -> None:
    name = "B" * 80

    assert findings({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": name}, name: END}}) == []


@pytest.mark.parametrize("kind", ["Pass", "Task", "Wait", "Map"])
def test_a_state_that_neither_ends_nor_goes_on_has_no_way_out(kind: str) -> None:
    state: dict[str, Any] = {**task(), "Type": kind}
    del state["End"]
    if kind == "Map":
        state |= {"ItemSelector": {}, "ItemProcessor": {"StartAt": "B", "States": {"B": END}}}

    assert findings({"StartAt": "A", "States": {"A": state}}) == ["A has no next state"]
    assert findings({"StartAt": "A", "States": {"A": {**state, "End": False}}}) == ["A has no next state"]
    assert findings({"StartAt": "A", "States": {"A": {**state, "End": True}}}) == []


@pytest.mark.parametrize("kind", ["Succeed", "Fail"])
def test_an_end_needs_no_way_out(kind: str) -> None:
    assert findings({"StartAt": "A", "States": {"A": {"Type": kind}}}) == []


def test_a_machine_has_the_states_of_its_maps_too() -> None:
    inner = {"StartAt": "B", "States": {"B": END}}
    outer: dict[str, Any] = {"StartAt": "A", "States": {"A": {"Type": "Map", "ItemProcessor": inner}, "C": END}}

    assert all_states(outer) == {"A": outer["States"]["A"], "B": END, "C": END}
