"""The events of an execution are counted along its longest path, whichever Choice leads there."""

from __future__ import annotations

from typing import Any

import pytest

from statemachine.budget import Loop, budget

END: dict[str, Any] = {"Type": "Succeed"}


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
