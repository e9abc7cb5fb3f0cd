"""Definitions that the service refuses and moto accepts: an inner scope assigns a variable of an outer one.

CreateStateMachine refuses a Map whose items assign a variable that the state machine assigns outside of it:

moto parses a definition for each execution, which takes one second of a core. This module parses it once, and each
execution runs a copy: unpickling takes 7 ms, a deep copy 200.
"""

from __future__ import annotations

import json
import pickle
import threading
from functools import lru_cache
from typing import Any

from moto.stepfunctions.parser.api import InvalidDefinition
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker
from moto.stepfunctions.parser.models import StepFunctionsParserBackend

from local.aws.seams import replace

_KEPT = 32
_lock = threading.Lock()


def install() -> None:
    """Refuse shadowing variables when a state machine is created or updated, and parse each definition once."""
    original = StepFunctionsParserBackend._validate_definition

    def validate(definition: str) -> None:
        original(definition)
        shadowed = shadowing_variables(json.loads(definition))
        if shadowed:
            raise InvalidDefinition(
                message=f"Invalid State Machine Definition: variables of an outer scope are assigned: {shadowed}"
            )

    parse = lru_cache(maxsize=_KEPT)(AmazonStateLanguageParser.parse)

    def parse_once(definition: str) -> Any:
        with _lock:
            return parse(definition)

    replace(AmazonStateLanguageParser, "parse", staticmethod(parse_once))
    replace(StepFunctionsParserBackend, "_validate_definition", staticmethod(validate))
    replace(ExecutionWorker, "_get_evaluation_entrypoint", _program)


def _program(self: Any) -> Any:
    """Return a copy of the program for one execution: moto's states keep their progress in themselves."""
    return pickle.loads(_pickled(self._evaluation_details.state_machine_details.definition))  # noqa: S301 - our own


@lru_cache(maxsize=_KEPT)
def _pickled(definition: str) -> bytes:
    return pickle.dumps(AmazonStateLanguageParser.parse(definition)[0])


def shadowing_variables(scope: dict[str, Any], outer: frozenset[str] = frozenset()) -> list[str]:
    """Return the variables that an inner scope assigns although an outer scope does."""
    assigned: set[str] = set()
    for state in scope.get("States", {}).values():
        for part in (state, *state.get("Catch", []), *state.get("Choices", [])):
            assigned |= set(part.get("Assign", {}))
    shadowing = sorted(assigned & outer)
    for state in scope.get("States", {}).values():
        for inner in (state.get("ItemProcessor"), *state.get("Branches", [])):
            if inner:
                shadowing += shadowing_variables(inner, outer | assigned)
    return shadowing
