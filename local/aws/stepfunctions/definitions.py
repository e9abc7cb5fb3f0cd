"""Definitions that the service refuses and moto accepts: inner variables that share an outer name.

Assigning in a Map's item a variable that the state machine assigns outside is an error of CreateStateMachine:
https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html#workflow-variables-scope
"""

from __future__ import annotations

import json
from typing import Any

from moto.stepfunctions.parser.api import InvalidDefinition
from moto.stepfunctions.parser.models import StepFunctionsParserBackend

from local.aws.seams import replace


def install() -> None:
    """Refuse shadowing variables when a state machine is made or changed."""
    original = StepFunctionsParserBackend._validate_definition

    def validate(definition: str) -> None:
        original(definition)
        shadowed = shadowing_variables(json.loads(definition))
        if shadowed:
            raise InvalidDefinition(
                message=f"Invalid State Machine Definition: variables of an outer scope are assigned: {shadowed}"
            )

    replace(StepFunctionsParserBackend, "_validate_definition", staticmethod(validate))


def shadowing_variables(scope: dict[str, Any], outer: frozenset[str] = frozenset()) -> list[str]:
    """Return the variables that some inner scope assigns though an outer one does."""
    assigned: set[str] = set()
    for state in scope.get("States", {}).values():
        for place in (state, *state.get("Catch", []), *state.get("Choices", [])):
            assigned |= set(place.get("Assign", {}))
    found = sorted(assigned & outer)
    for state in scope.get("States", {}).values():
        for inner in (state.get("ItemProcessor"), *state.get("Branches", [])):
            if inner:
                found += shadowing_variables(inner, outer | assigned)
    return found
