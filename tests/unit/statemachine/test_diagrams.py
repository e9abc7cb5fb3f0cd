"""The diagrams of the documentation show everything that exists, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from statemachine.diagrams.dataflow import data_flow
from statemachine.diagrams.flow import PHASES, flow_chart, map_charts
from statemachine.diagrams.sequence import Call, calls, sequence
from tests.customer import customer_catalog
from tests.diagrams.page import pages, with_diagrams
from tests.diagrams.sources import drawn

GOLDEN = Path(__file__).parents[2] / "golden"
RATES, CATCH_UP = (json.loads((GOLDEN / f"{name}.asl.json").read_text("utf-8")) for name in ("rates", "rates-catch-up"))
both_machines = pytest.mark.parametrize("machine", [RATES, CATCH_UP], ids=["bootstrap", "catch-up"])


def shown(chart: str) -> list[str]:
    """Return the nodes of a chart that have a colour."""
    return [line.strip().split('"')[0].rstrip("[({") for line in chart.splitlines() if ":::" in line]


def test_the_documented_diagrams_are_up_to_date() -> None:
    assert pages() == with_diagrams(pages(), drawn()), "run: make diagrams"


def test_a_diagram_without_marks_on_a_page_is_refused() -> None:
    with pytest.raises(ValueError, match=r"the pages have marks for \['one'\], but \['two'\] are drawn"):
        with_diagrams({"page.md": "<!-- diagram: one -->\n<!-- /diagram -->"}, {"two": "flowchart LR\n"})


def test_a_diagram_on_two_pages_is_refused() -> None:
    marks = "<!-- diagram: one -->\n<!-- /diagram -->"

    with pytest.raises(ValueError, match=r"the pages have marks for \['one', 'one'\]"):
        with_diagrams({"first.md": marks, "second.md": marks}, {"one": "flowchart LR\n"})


@both_machines
def test_every_state_is_drawn_once_but_failures_and_the_ways_to_their_record(machine: dict[str, Any]) -> None:
    states = machine["States"]
    gives_up = {n for n, s in states.items() if s["Type"] == "Pass" and s.get("Next") == "RecordFailure"}
    failures = {name for name, state in states.items() if state["Type"] == "Fail"}

    nodes = [node for node in shown(flow_chart(machine)) if not node.endswith("_gives_up") and node != "Failed"]

    assert sorted(nodes) == sorted(set(states) - failures - gives_up)


def test_the_inside_of_every_map_is_drawn_with_its_bad_outcomes_as_one() -> None:
    maps = {name: state for name, state in RATES["States"].items() if state["Type"] == "Map"}

    for name, chart in map_charts(RATES).items():
        inner = maps.pop(name)["ItemProcessor"]["States"]
        wanted = {state for state in inner if not state.startswith("Report")}
        assert sorted(shown(chart)) == sorted(wanted | {"not_ok"})
    assert maps == {}


@both_machines
def test_every_phase_is_a_box_that_begins_with_its_first_state(machine: dict[str, Any]) -> None:
    lines = [line.strip() for line in flow_chart(machine).splitlines()]
    heads = {head: phase for head, phase in PHASES.items() if head in machine["States"]}

    assert len(heads) >= 8
    for head, phase in heads.items():
        box = lines.index(f'subgraph {phase.replace(" ", "_")}_phase["{phase}"]')
        assert head in lines[box + 1]


def test_the_data_flow_has_every_cluster_source_table_and_stream() -> None:
    catalog = customer_catalog()
    chart = data_flow(catalog)

    for cluster in catalog.clusters:
        assert f'("{cluster}")]:::aurora' in chart
    for domain in catalog.domains.values():
        for table in domain.tables:
            assert f'[["{table.name}"]]:::dynamodb' in chart
            assert f"{table.name} -- official runs --> {table.stream.replace('-', '_')}" in chart
            for name, extract in table.extracts.items():
                assert f"{extract.group}_clones --> {table.name}_{name}" in chart


def event(state: str, item: str = "") -> dict[str, Any]:
    of_item = {"item": item} if item else {}
    return {"type": "TaskStateEntered", "stateEnteredEventDetails": {"name": state}, **of_item}


DEFINITION = {
    "States": {
        "Ask": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:getObject"},
        "Each": {
            "Type": "Map",
            "ItemProcessor": {
                "States": {
                    "Import": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:dynamodb:importTable"},
                    "Look": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:dynamodb:describeImport"},
                    "Tell": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:dynamodb:tagResource"},
                }
            },
        },
    }
}
EVENTS = [
    event("Ask"),
    event("Each"),
    event("Import", "one"),
    event("Tell", "two"),
    event("Import", "two"),
    {"type": "TaskStarted", "item": "two"},
    event("Look", "two"),
    event("Look", "two"),
]


def test_of_a_map_the_busiest_item_is_shown_and_a_loop_once() -> None:
    assert calls(DEFINITION, EVENTS, {"Ask": "First", "Each": "Second"}) == [
        Call("First", "", "Ask", "s3", "getObject"),
        Call("Second", "Each", "Tell", "dynamodb", "tagResource"),
        Call("Second", "Each", "Import", "dynamodb", "importTable"),
        Call("Second", "Each", "Look", "dynamodb", "describeImport"),
    ]


def test_a_sequence_has_its_participants_phases_and_items() -> None:
    run = calls(DEFINITION, EVENTS, {"Ask": "First", "Each": "Second"})

    assert sequence(run, {"Each": "each of 2 tables"}) == (
        "sequenceDiagram\n"
        "  autonumber\n"
        "  participant person as Operator\n"
        "  participant machine as Step Functions\n"
        "  participant s3 as S3\n"
        "  participant dynamodb as DynamoDB\n"
        "  person->>machine: start-execution\n"
        "  Note over person,dynamodb: First\n"
        "  machine->>s3: Ask (getObject)\n"
        "  Note over person,dynamodb: Second\n"
        "  par each of 2 tables\n"
        "  machine->>dynamodb: Tell (tagResource)\n"
        "  machine->>dynamodb: Import (importTable)\n"
        "  machine->>dynamodb: Look (describeImport)\n"
        "  end\n"
        "  machine-->>person: SUCCEEDED, verdict MATCH\n"
    )
