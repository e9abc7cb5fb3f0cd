"""Where the stack asks for a second person, the machine itself refuses an official run that nobody else approved."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from catalog.loader import load_catalog
from local.aws.stepfunctions.jsonata import evaluate
from statemachine.kinds import BOOTSTRAP, CATCH_UP, Kind
from statemachine.names import DeployedNames
from statemachine.render import render

CATALOG = load_catalog()
REFUSED = (
    "an official run needs approvedBy, the name of a second person, beside requestedBy, the name of who asks for it: "
    "add --approved-by NAME"
)


def problem(given: dict[str, Any], kind: Kind = BOOTSTRAP, *, second_person: bool = True) -> str:
    """Return what the machine says of an input."""
    names = replace(DeployedNames.placeholder("test"), second_person=second_person)
    states = json.loads(render(CATALOG, "rates", names, kind=kind))["States"]
    expression = states["DefineVariables"]["Assign"]["inputProblem"]
    found = evaluate(expression.strip()[2:-2], {"states": {"input": given, "context": {"Execution": {"Name": "x1"}}}})
    return str(found)


@pytest.mark.parametrize(
    ("given", "is_refused"),
    [
        ({"mode": "official", "requestedBy": "ada", "approvedBy": "grace"}, False),
        ({"mode": "official", "requestedBy": "ada"}, True),
        ({"mode": "official", "approvedBy": "grace"}, True),
        ({"mode": "official"}, True),
        ({"mode": "official", "requestedBy": "ada", "approvedBy": "ada"}, True),
        ({"mode": "official", "requestedBy": "ada", "approvedBy": " ADA "}, True),
        ({"mode": "official", "requestedBy": "ada", "approvedBy": "  "}, True),
        ({"mode": "rehearsal"}, False),
        ({}, False),
    ],
)
def test_an_official_run_needs_two_people(given: dict[str, Any], *, is_refused: bool) -> None:
    assert problem(given) == (REFUSED if is_refused else "")
    assert problem(given, second_person=False) == ""


def test_a_catch_up_is_official_unless_it_says_otherwise() -> None:
    assert problem({}, CATCH_UP) == REFUSED
    assert problem({"requestedBy": "ada", "approvedBy": "grace"}, CATCH_UP) == ""
    assert problem({"mode": "rehearsal"}, CATCH_UP) == ""


def test_a_name_that_is_no_text_approves_nothing() -> None:
    given = {"mode": "official", "requestedBy": "ada", "approvedBy": 7}

    assert problem(given) == f"approvedBy must be text; {REFUSED}"
