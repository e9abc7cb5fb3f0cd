"""Properties of variables and expressions that need no execution."""

from __future__ import annotations

from typing import Any

import pytest

from statemachine.checks import findings
from statemachine.dataflow import check_nothing, check_variables
from statemachine.expressions import can_be_nothing, variables

END = {"Type": "Succeed"}


def choice(then: str, otherwise: str) -> dict[str, Any]:
    return {"Type": "Choice", "Choices": [{"Condition": "{% true %}", "Next": then}], "Default": otherwise}


def mapping(states: dict[str, Any], **more: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of a state
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED"}, "StartAt": next(iter(states)), "States": states}
    return {"Type": "Map", "ItemSelector": {}, "Items": [], "ItemProcessor": processor, "Next": "Z", **more}


def test_a_variable_that_one_path_leaves_unset_is_named() -> None:
    machine = {
        "StartAt": "A",
        "States": {
            "A": choice("B", "C"),
            "B": {"Type": "Pass", "Assign": {"x": 1}, "Next": "C"},
            "C": {"Type": "Pass", "Output": "{% $x %}", "Next": "Z"},
            "Z": END,
        },
    }

    assert list(check_variables(machine)) == ["C reads $x, which a path leaves unset"]


def test_what_a_catch_assigns_is_known_on_its_path_alone() -> None:
    task = {
        "Type": "Task",
        "Assign": {"y": 1},
        "Catch": [{"ErrorEquals": ["States.ALL"], "Assign": {"x": 1}, "Next": "B"}],
    }
    machine = {
        "StartAt": "A",
        "States": {
            "A": {**task, "Next": "C"},
            "B": {"Type": "Pass", "Output": "{% $x & $y %}", "Next": "Z"},
            "C": {"Type": "Pass", "Output": "{% $y %}", "Next": "Z"},
            "Z": END,
        },
    }

    assert list(check_variables(machine)) == ["B reads $y, which a path leaves unset"]


def test_an_item_of_a_map_sees_no_outer_variable() -> None:
    inner = {"I": {"Type": "Pass", "Output": "{% $x %}", "End": True}}
    machine = {
        "StartAt": "A",
        "States": {"A": {"Type": "Pass", "Assign": {"x": 1}, "Next": "M"}, "M": mapping(inner), "Z": END},
    }

    assert list(check_variables(machine)) == ["I reads $x, which a path leaves unset"]


def test_an_inner_variable_of_an_outer_name_is_refused() -> None:
    inner = {"I": {"Type": "Pass", "Assign": {"x": 2}, "End": True}}
    machine = {
        "StartAt": "A",
        "States": {"A": {"Type": "Pass", "Assign": {"x": 1}, "Next": "M"}, "M": mapping(inner), "Z": END},
    }

    assert list(check_variables(machine)) == ["M sets $x inside, which is set outside"]


@pytest.mark.parametrize(
    ("expression", "nothing"),
    [
        ("{% 'a' & $x.y %}", False),
        ("{% $x.y %}", True),
        ("{% $known.member %}", False),
        ("{% $known.other %}", True),
        ("{% $exists($x.y) ? $x.y : '' %}", False),
        ("{% $exists($x.z) ? $x.y : '' %}", True),
        ("{% true ? 1 %}", True),
        ("{% $string($x.y) %}", True),
        ("{% $string($x) %}", False),
        ("{% $count($x.y) %}", False),
        ("{% $filter($x, function($v) { $v = 1 }) %}", True),
        ("{% $x.y < 3 %}", True),
        ("{% $x.y < 3 and true %}", False),
        ("{% ($a := $x.y; {'b': $a}) %}", False),
    ],
)
def test_an_expression_that_can_yield_nothing_is_told_from_one_that_cannot(expression: str, *, nothing: bool) -> None:
    assert can_be_nothing(expression, {"known": frozenset({"member"})}) is nothing


def test_only_states_without_a_catch_are_asked_to_yield_something() -> None:
    caught = {"Type": "Task", "Assign": {"x": "{% $states.result.a %}"}, "Next": "B"}
    catch = [{"ErrorEquals": ["States.ALL"], "Assign": {"y": "{% $states.errorOutput.a %}"}, "Next": "B"}]
    machine = {
        "StartAt": "A",
        "States": {
            "A": {**caught, "Catch": catch},
            "B": {"Type": "Pass", "Output": "{% $x.b %}", "Next": "Z"},
            "Z": END,
        },
    }

    assert list(check_nothing(machine)) == [
        "A can yield nothing: {% $states.errorOutput.a %}",
        "B can yield nothing: {% $x.b %}",
    ]


def test_bound_names_and_functions_are_no_variables_of_the_machine() -> None:
    text = "{% ($a := $outer; $map($items, function($b) { $string($a & $b & $other) })) %}"

    assert variables(text) == {"outer", "items", "other"}


@pytest.mark.parametrize(
    ("state", "finding"),
    [
        ({"Type": "Pass", "Output": "{% $a( %}", "End": True}, "A holds an expression that does not parse"),
        (
            {"Type": "Task", "Resource": "x:importTable", "Arguments": {"ClientToken": "{% $uuid() %}"}, "End": True},
            "A has a random client token",
        ),
        ({"Type": "Task", "Resource": "x:importTable", "Arguments": {}, "End": True}, "A has no client token"),
        (
            {"Type": "Task", "Catch": [{"ErrorEquals": ["Lambda.Odd"], "Next": "Z"}], "End": True},
            "A waits for the error Lambda.Odd, which nothing raises",
        ),
    ],
    ids=["parse", "random-token", "no-token", "unknown-error"],
)
def test_a_broken_expression_token_or_error_name_is_found(state: dict[str, Any], finding: str) -> None:
    machine = {"StartAt": "A", "States": {"A": state, "Z": END}}

    assert any(sentence.startswith(finding) for sentence in findings(machine, frozenset({"Lambda.ServiceException"})))
