"""The chart in the documentation is the machine's, and shows all of it."""

from __future__ import annotations

import json
from pathlib import Path

from statemachine.diagrams.flow import PHASES, flow_chart
from tests.golden.diagrams import PLACE, document

RATES = json.loads((Path(__file__).parents[2] / "golden" / "rates.asl.json").read_text("utf-8"))


def test_the_documented_chart_is_up_to_date() -> None:
    assert PLACE.read_text("utf-8") == document(), "run: make diagrams"


def test_every_state_but_the_named_failures_is_drawn_once() -> None:
    chart = flow_chart(RATES)
    drawn = [line.strip().split('"')[0].rstrip("[({") for line in chart.splitlines() if ":::" in line]

    wanted = {name for name, state in RATES["States"].items() if state["Type"] not in ("Fail", "Map")}
    for state in RATES["States"].values():
        if state["Type"] == "Map":
            wanted |= {name for name in state["ItemProcessor"]["States"] if not name.startswith("Report")}
    assert wanted <= set(drawn)
    assert len(drawn) == len(set(drawn))


def test_every_phase_is_a_box_that_begins_with_its_first_state() -> None:
    lines = [line.strip() for line in flow_chart(RATES).splitlines()]

    for head, phase in PHASES.items():
        box = lines.index(f'subgraph {phase.replace(" ", "_")}_phase["{phase}"]')
        assert head in lines[box + 1]
