"""Expressions are parsed once, and each evaluation has its own variables."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from moto.stepfunctions.parser.asl.jsonata.jsonata import JSONataException

from local.aws.stepfunctions.jsonata import evaluate

NESTED = {"states": {"input": {"items": [{"n": 1, "of": None}, {"n": 2}], "none": None, "text": "a\"b'\\\n{é}"}}}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("$states.input.none", None),
        ("$states.input.items[0].of", None),
        ("$states.input.text & '!'", "a\"b'\\\n{é}!"),
        ("$states.input.items.n", [1, 2]),
        ("$states.input.items[n = 2]", {"n": 2}),
        ("[$states.input.items[n = 1].n]", [1]),
        ("$type($states.input.none)", "null"),
        ("$exists($states.input.gone)", False),
        ("$string($states.input.items)", '[{"n":1,"of":null},{"n":2}]'),
        ("4 / 2", 2),
        ("$merge([$states.input.items[1], {'n': 3.5}])", {"n": 3.5}),
    ],
)
def test_an_expression_gives_what_it_gives_with_its_variables_written_into_it(
    expression: str, expected: object
) -> None:
    assert evaluate(expression, NESTED) == expected


@pytest.mark.parametrize("expression", ["$states.input.gone", "$eval('1')", "$n.x.y", "1 / 'a'", "(("])
def test_what_yields_nothing_or_fails_is_an_error(expression: str) -> None:
    with pytest.raises(JSONataException):
        evaluate(expression, NESTED)


def test_a_variable_of_one_evaluation_is_not_known_to_the_next() -> None:
    assert evaluate("($kept := $given + 1; $kept)", {"given": 1}) == 2

    with pytest.raises(JSONataException):
        evaluate("$kept", {"given": 1})
    with pytest.raises(JSONataException):
        evaluate("$given", {})


def test_what_is_given_is_not_changed() -> None:
    variables: dict[str, Any] = {"table": {"name": "a", "laps": [1, None]}}

    assert evaluate("$table ~> |$|{'name': 'b'}|", variables) == {"name": "b", "laps": [1, None]}

    assert variables == {"table": {"name": "a", "laps": [1, None]}}


def test_threads_that_evaluate_one_expression_see_their_own_variables() -> None:
    def doubled(number: int) -> object:
        return [evaluate("$map([1..3], function($i) { $i * $n })", {"n": number + turn}) for turn in range(20)]

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(doubled, range(0, 800, 100)))

    assert results == [[[i * (n + turn) for i in (1, 2, 3)] for turn in range(20)] for n in range(0, 800, 100)]
