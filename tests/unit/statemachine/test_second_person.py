"""If the stack requires a second person, the machine itself refuses an official run without an approver."""

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
    "an official run needs approvedBy, the name of a second person, besides requestedBy, the name of the requester: "
    "add --approved-by NAME"
)


def problem(run_input: dict[str, Any], kind: Kind = BOOTSTRAP, *, second_person: bool = True) -> str:
    """Return what the machine says of an input."""
    names = replace(DeployedNames.placeholder("test"), second_person=second_person)
    states = json.loads(render(CATALOG, "rates", names, kind=kind))["States"]
    expression = states["DefineVariables"]["Assign"]["inputProblem"]
    message = evaluate(
        expression.strip()[2:-2], {"states": {"input": run_input, "context": {"Execution": {"Name": "x1"}}}}
    )
    return str(message)


@pytest.mark.parametrize(
    ("run_input", "is_refused"),
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
def test_an_official_run_needs_two_people(run_input: dict[str, Any], *, is_refused: bool) -> None:
    assert problem(run_input) == (REFUSED if is_refused else "")
    assert problem(run_input, second_person=False) == ""


def test_a_catch_up_is_official_unless_it_says_otherwise() -> None:
    assert problem({}, CATCH_UP) == REFUSED
    assert problem({"requestedBy": "ada", "approvedBy": "grace"}, CATCH_UP) == ""
    assert problem({"mode": "rehearsal"}, CATCH_UP) == ""


def test_a_name_that_is_no_text_approves_nothing() -> None:
    run_input = {"mode": "official", "requestedBy": "ada", "approvedBy": 7}

    assert problem(run_input) == f"approvedBy must be text; {REFUSED}"
