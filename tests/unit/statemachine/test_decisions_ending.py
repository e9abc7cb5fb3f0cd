"""The last Choices of a run: which clones are destroyed, and by which name a run fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from statemachine.failures import RECORDED
from tests.unit.statemachine.stepping import LIMITS, STATES, chosen


@pytest.mark.parametrize(
    ("status", "keep", "to"),
    [
        ("DESTROY", False, "DestroyClones"),
        ("DESTROY", True, "LiftSeal"),
        ("OTHERS", False, "Succeed"),
        ("OTHERS", True, "Succeed"),
        ("DONE", False, "Succeed"),
    ],
)
def test_the_last_domain_alone_destroys_the_clones_unless_they_are_to_be_kept(
    *, status: str, keep: bool, to: str
) -> None:
    assert chosen("LastDomain", ended={"status": status}, keepClones=keep) == to


@pytest.mark.parametrize(
    ("proof", "to"),
    [
        ({"isClone": True, "status": "PRESENT"}, "DestroyClone"),
        ({"isClone": False, "status": "UNAVAILABLE"}, "CloneDestroyed"),
        ({"isClone": False, "status": "PRESENT"}, "ReportNotProven"),
        ({"isClone": "true", "status": "PRESENT"}, "ReportNotProven"),
        ({}, "ReportNotProven"),
    ],
)
def test_only_a_proven_clone_is_destroyed(proof: dict[str, Any], to: str) -> None:
    assert chosen("IsClone", proof=proof) == to


@pytest.mark.parametrize(
    ("status", "checks", "to"),
    [
        ("UNAVAILABLE", LIMITS.destroy_checks, "CloneDestroyed"),
        ("INPROCESSING", LIMITS.destroy_checks - 1, "DestroyClone"),
        ("INPROCESSING", LIMITS.destroy_checks, "ReportDestroyTimedOut"),
    ],
)
def test_a_clone_is_destroyed_until_it_is_gone(status: str, checks: int, to: str) -> None:
    assert chosen("DestroyStatus", remains={"status": status}, destroyChecks=checks) == to


@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_failure_ends_the_execution_by_its_name(name: str) -> None:
    assert chosen("FailureKind", failure={"error": name, "cause": "c"}) == name
    assert STATES[name]["Error"] == name


def test_a_failure_without_a_name_ends_the_execution_as_unknown() -> None:
    assert chosen("FailureKind", failure={"error": "Odd", "cause": "c"}) == "UnknownFailure"
    assert STATES["UnknownFailure"]["Error"] == "UnknownFailure"


def test_every_choice_of_the_machine_is_tried_here() -> None:
    files = Path(__file__).parent.glob("test_decisions_*.py")
    text = "".join(file.read_text("utf-8") for file in files)

    assert [name for name, state in STATES.items() if state["Type"] == "Choice" and f'"{name}"' not in text] == []
