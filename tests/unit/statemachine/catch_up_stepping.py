"""Single steps of a catch-up's machine, as `stepping` makes them of a migration's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from catalog.loader import load_catalog
from statemachine.graph import all_states
from statemachine.kinds import CATCH_UP
from statemachine.render import definition
from tests.unit.statemachine import stepping
from tests.unit.statemachine.stepping import NAMES, Step, leave

if TYPE_CHECKING:
    from collections.abc import Mapping

LIMITS = replace(stepping.LIMITS, lanes=3, apply_calls=7, restorable_checks=8, quiet_seconds=70)
MACHINE = definition(load_catalog(), "rates", NAMES, LIMITS, CATCH_UP)
STATES = all_states(MACHINE)
TABLES = [table["name"] for table in MACHINE["States"]["ExportTables"]["Items"]]
CLUSTERS = MACHINE["States"]["CloneClusters"]["Items"]
INSTANT = "2026-02-03T04:05:06Z"
WHOSE = {"domain": "rates", "run": "r1", "execution": "e"}
# An item of a Map over tables, as its selector makes it.
OWN: dict[str, Any] = {"run": "r1", "execution": "e", "attempt": "x1", "table": "T", "tableName": "T-n", "tableId": "i"}


def step(name: str, state_input: object = None, answer: object = None, **variables: object) -> Step:
    """Run one state of a catch-up with its input, the answer of what it calls, and the variables."""
    return leave(STATES[name], state_input, answer, **variables)


def chosen(name: str, **variables: object) -> str:
    """Return where a Choice of a catch-up leads."""
    return step(name, **variables).to


def kept(name: str, answer: object, **variables: object) -> dict[str, Any]:
    """Return the variables that a state of a catch-up sets or changes."""
    after = step(name, answer=answer, **variables).kept
    return {key: value for key, value in after.items() if key not in variables or variables[key] != value}


def walk(answers: Mapping[str, Any]) -> stepping.Walk:
    """Return a whole execution of a catch-up, to run."""
    return stepping.Walk(answers, machine=MACHINE)
