"""What to do after a run, by its mode and verdict."""

from __future__ import annotations

from typing import Any

import pytest

from runner.report.advice import next_steps

START = "migrate start --environment test --domain rates --mode official"
CUT_OVER = "migrate cut-over --environment test --domain rates"


def ended(mode: str, verdict: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {
        "run": {"id": "r-1", "environment": "test", "domain": "rates", "mode": mode},
        "status": "SUCCEEDED",
        "verdict": verdict,
        "failure": None,
        "tables": [],
        "remains": {"clones": [], "heldBy": []},
        **changes,
    }


@pytest.mark.parametrize(
    ("mode", "verdict", "commands"),
    [("rehearsal", "MATCH", [START]), ("official", "MATCH", [CUT_OVER]), ("official", "NONE", [])],
)
def test_a_match_leads_to_the_official_run_and_from_there_to_the_cut_over(
    mode: str, verdict: str, commands: list[str]
) -> None:
    steps = next_steps(ended(mode, verdict))

    assert [step["command"] for step in steps] == commands
    assert [step["what"].endswith("docs/cut-over.md") for step in steps] == [
        command == CUT_OVER for command in commands
    ]
