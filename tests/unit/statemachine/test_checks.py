"""The rules bite: each is shown a machine that breaks it."""

from __future__ import annotations

from typing import Any

import pytest

from statemachine.checks import findings

END = {"Type": "Succeed"}


@pytest.mark.parametrize(
    ("states", "finding"),
    [
        ({"A": {"Type": "Pass", "Next": "B"}}, "A goes to the unknown state B"),
        ({"A": END, "B": END}, "B cannot be reached"),
        ({"A": {"Type": "Pass"}}, "A has no way out"),
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
