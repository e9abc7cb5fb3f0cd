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


def through(*states: dict[str, Any]) -> dict[str, Any]:
    """Return a machine of these states one behind the other: A, B, C and so on, to Z."""
    names = [*"ABCDEFG"[: len(states)], "Z"]
    chained = {
        name: {"Next": following, **state} for name, following, state in zip(names, names[1:], states, strict=False)
    }
    return {"StartAt": "A", "States": {**chained, "Z": END}}


def kept_as(value: object) -> dict[str, Any]:
    return {"Type": "Pass", "Assign": {"x": value}}


def output(expression: str) -> dict[str, Any]:
    return {"Type": "Pass", "Output": f"{{% {expression} %}}"}


def test_a_map_may_yield_nothing_where_its_catch_takes_over_and_its_items_may_not() -> None:
    inner = {"I": {"Type": "Pass", "Output": "{% $states.input.other %}", "End": True}}
    each = mapping(inner, Assign={"y": "{% $states.result.a %}"})
    caught = {**each, "Catch": [{"ErrorEquals": ["States.ALL"], "Assign": {"y": "{% $y.b %}"}, "Next": "Z"}]}

    assert list(check_nothing(through(caught))) == [
        "A can yield nothing: {% $y.b %}",
        "I can yield nothing: {% $states.input.other %}",
    ]


@pytest.mark.parametrize(
    ("expression", "nothing"),
    [
        ("$states.input.options", False),
        ("$states.input", False),
        ("$states.input.name", True),
        ("$states.input.options.name", True),
        ("$own.options", False),
        ("$own.name", True),
        ("$options.name", False),
        ("$options.ttl", True),
        ("$kept.name", True),
    ],
)
def test_an_item_of_a_map_has_what_its_selector_and_every_item_have(expression: str, *, nothing: bool) -> None:
    taken = {
        "own": "{% $states.input %}",
        "options": "{% $states.input.options %}",
        "kept": "{% $states.input.kept %}",
    }
    states = {
        "I": {"Type": "Pass", "Assign": taken, "Next": "J"},
        "J": {"Type": "Pass", "Output": f"{{% {expression} %}}", "End": True},
    }
    selector = {"options": "{% $states.context.Map.Item.Value %}", "kept": "{% $somewhere %}"}
    each = mapping(states, Items=[{"name": "a", "ttl": "t"}, {"name": "b"}], ItemSelector=selector)

    problems = [f"J can yield nothing: {{% {expression} %}}"] if nothing else []
    assert list(check_nothing(through(each))) == problems


@pytest.mark.parametrize("where", ["state", "Catch", "Choices"])
def test_a_variable_has_the_members_that_every_assignment_gives_it(where: str) -> None:
    other: dict[str, Any] = {"Assign": {"x": {"a": 1, "c": 1}}}
    second = {
        "state": {"Type": "Pass", **other},
        "Catch": {"Type": "Task", "Catch": [{**other, "Next": "C"}]},
        "Choices": {"Type": "Choice", "Choices": [{"Condition": "{% true %}", **other, "Next": "C"}], "Default": "C"},
    }[where]

    def problems_of(member: str) -> list[str]:
        return list(check_nothing(through(kept_as({"a": 1, "b": 1}), second, output(f"$x.{member}"))))

    assert [problems_of(member) for member in "abc"] == [
        [],
        ["C can yield nothing: {% $x.b %}"],
        ["C can yield nothing: {% $x.c %}"],
    ]


@pytest.mark.parametrize(("first", "second"), [("B", "C"), ("C", "B")])
def test_a_variable_is_set_only_if_every_path_sets_it_however_late_the_other_path_joins(
    first: str, second: str
) -> None:
    machine = {
        "StartAt": "A",
        "States": {
            "A": choice(first, second),
            "B": {"Type": "Pass", "Assign": {"x": 1}, "Next": "D"},
            "C": {"Type": "Pass", "Next": "D"},
            "D": {"Type": "Pass", "Next": "E"},
            "E": {"Type": "Choice", "Choices": [{"Condition": "{% $x = 1 %}", "Next": "D"}], "Default": "Z"},
            "Z": END,
        },
    }

    assert list(check_variables(machine)) == ["E reads $x, which a path leaves unset"]


def test_what_a_rule_of_a_choice_assigns_is_known_behind_it_alone() -> None:
    rule = {"Condition": "{% true %}", "Assign": {"x": 1}, "Next": "B"}
    machine = {
        "StartAt": "A",
        "States": {
            "A": {"Type": "Choice", "Choices": [rule], "Default": "C"},
            "B": {"Type": "Pass", "Output": "{% $x %}", "Next": "Z"},
            "C": {"Type": "Pass", "Output": "{% $x %}", "Next": "Z"},
            "Z": END,
        },
    }

    assert list(check_variables(machine)) == ["C reads $x, which a path leaves unset"]
    assert list(check_variables(machine, frozenset({"x"}))) == []


@pytest.mark.parametrize("where", ["state", "Catch", "Choices"])
def test_an_inner_variable_of_an_outer_name_is_refused_wherever_it_is_set(where: str) -> None:
    states = {
        "state": {"I": {"Type": "Pass", "Assign": {"x": 2}, "End": True}},
        "Catch": {"I": {"Type": "Task", "Catch": [{"Assign": {"x": 2}, "Next": "J"}], "End": True}, "J": END},
        "Choices": {
            "I": {"Type": "Choice", "Choices": [{"Assign": {"x": 2}, "Next": "J"}], "Default": "J"},
            "J": END,
        },
    }[where]

    assert list(check_variables(through(kept_as(1), mapping(states)))) == ["B sets $x inside, which is set outside"]
    assert list(check_variables(through(mapping(states)), frozenset({"x"}))) == [
        "A sets $x inside, which is set outside"
    ]
    assert list(check_variables(through(mapping(states)))) == []


def test_a_definition_without_other_findings_is_asked_for_its_data_flow() -> None:
    unset, nothing = output("$y"), output("$states.result.a")

    assert findings(through(kept_as(1), unset, nothing)) == [
        "B reads $y, which a path leaves unset",
        "C can yield nothing: {% $states.result.a %}",
    ]


def test_a_state_that_a_loop_reaches_again_hides_no_other_from_being_reached() -> None:
    machine = {"StartAt": "A", "States": {"A": choice("B", "A"), "B": END}}

    assert findings(machine) == []
