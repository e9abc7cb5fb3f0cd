"""A cause states the facts and then the command to type, and avoids the old wording without a command."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
OLD = re.compile(r"with the same run ?-?id|start (?:it )?again with", re.IGNORECASE)
PLACES = ("statemachine", "lambdas", "runner", "spark", "infra", "scripts", "docs", ".github")
TEXTS = (".py", ".j2", ".md", ".yml", ".yaml", ".sh", ".java")
# Decisions and the history of releases keep the words of their time.
HISTORY = ("docs/adr/",)
# Causes that another part words, or whose remedy is no command of ours.
WORDED_ELSEWHERE = {
    "ReportDeletesLive",
    "ReportDeletesReplaced",
    "ReportNotCopyOnWrite",
    "ReportPutsLive",
    "ReportPutsReplaced",
    "ReportTableLive",
}
NEW_RUN = "start a new run"  # of a run that cannot go on


def test_no_text_says_to_start_again_with_the_same_run_id() -> None:
    problems = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for folder in PLACES
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in TEXTS and not str(path.relative_to(ROOT)).startswith(HISTORY)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if OLD.search(line)
    ]

    assert problems == []


@pytest.mark.parametrize("machine", ["rates", "rates-catch-up"])
def test_each_failure_names_the_command_to_type(machine: str) -> None:
    definition = json.loads((ROOT / "tests/golden" / f"{machine}.asl.json").read_text("utf-8"))
    causes = dict(_causes(definition["States"]))

    assert len(causes) > 50
    silent = {name for name, cause in causes.items() if "migrate " not in cause and NEW_RUN not in cause}
    assert silent <= WORDED_ELSEWHERE


def _causes(states: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the causes of failure states and Catches."""
    for name, state in states.items():
        yield from _causes(state.get("ItemProcessor", {}).get("States", {}))
        for number, rule in enumerate(state.get("Catch", [])):
            failure = rule.get("Assign", {}).get("failure")
            if failure:
                yield f"{name} catch {number}", failure["cause"]
        recorded, outcome = state.get("Assign", {}).get("failure"), state.get("Output")
        if isinstance(recorded, dict) and state["Type"] == "Pass" and state.get("Next") == "RecordFailure":
            yield name, recorded["cause"]
        elif isinstance(outcome, dict) and outcome.get("ok") is False:
            yield name, outcome["cause"]
