"""The next steps after a run, by its mode, kind, verdict and failure."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from runner.report.sections.next_steps import next_steps
from tests.unit.runner.report import catch_ups, gallery, samples
from tests.unit.runner.report.raw import document_of, report_of

if TYPE_CHECKING:
    from runner.report.inputs.base import Kind, Mode
    from runner.report.model.base import Verdict
    from runner.report.model.report import Report

ON = "--environment test --domain rates"
START = f"migrate start {ON} --mode official"
CATCH_UP, CUT_OVER = f"migrate catch-up {ON}", f"migrate cut-over {ON}"
GUIDE = "docs/cut-over.md"


def ended(kind: Kind, mode: Mode, verdict: Verdict) -> Report:
    """Return the report of a run that succeeded, and left no clone."""
    matched = report_of(samples.match())
    run = matched.run.model_copy(update={"mode": mode, "kind": kind})
    return matched.model_copy(update={"run": run, "verdict": verdict})


@pytest.mark.parametrize(
    ("kind", "mode", "verdict", "commands", "pages"),
    [
        ("bootstrap", "rehearsal", "MATCH", [None, START], [f"{GUIDE}#1-before-the-official-run", None]),
        (
            "bootstrap",
            "official",
            "MATCH",
            [CATCH_UP, CUT_OVER],
            [f"{GUIDE}#2-the-official-run-and-the-catch-ups", f"{GUIDE}#3-the-switch"],
        ),
        (
            "catch-up",
            "official",
            "MATCH",
            [CATCH_UP, CUT_OVER],
            [f"{GUIDE}#2-the-official-run-and-the-catch-ups", f"{GUIDE}#3-the-switch"],
        ),
        ("catch-up", "rehearsal", "MATCH", [None, START], [f"{GUIDE}#1-before-the-official-run", None]),
        ("bootstrap", "official", "NONE", [], []),
    ],
)
def test_a_match_leads_on_to_the_cut_over(
    kind: Kind, mode: Mode, verdict: Verdict, commands: list[str | None], pages: list[str | None]
) -> None:
    steps = next_steps(ended(kind, mode, verdict))

    assert [step.command for step in steps] == commands
    assert [step.link for step in steps] == pages


def test_nothing_is_left_to_do_for_tables_that_are_live() -> None:
    (step,) = document_of(catch_ups.live())["next"]

    assert step["what"].startswith("Nothing: the tables are live")
    assert (step["command"], step["link"]) == (
        None,
        f"https://github.com/acme/migration/blob/HEAD/{GUIDE}#4-the-way-back",
    )


def test_what_the_clones_can_correct_is_repaired() -> None:
    steps = document_of(catch_ups.with_writers())["next"]

    assert [step["command"] for step in steps] == [
        None,
        f"migrate repair {catch_ups.RUN} --environment test",
        f"migrate resume {catch_ups.RUN} --environment test",
        "migrate release-clones --environment test",
    ]
    assert steps[0]["link"] == "https://github.com/acme/migration/blob/HEAD/docs/runbooks/run-failed.md#writersfound"


def test_a_refused_run_leaves_the_clones_to_the_run_that_created_them() -> None:
    refused = replace(samples.refused(), clones=(samples.existing("lipsdb"),))

    assert [step["command"] for step in document_of(refused)["next"]] == [None, None]


def test_a_failure_that_a_repair_cannot_correct_offers_none() -> None:
    commands = [step["command"] for step in document_of(samples.failed_in_bootstrap())["next"]]

    assert commands == [
        None,
        f"migrate resume {samples.RUN} --environment test",
        "migrate release-clones --environment test",
    ]


@pytest.mark.parametrize("name", gallery.ALL)
def test_every_page_of_the_repository_that_a_step_names_is_there_with_its_section(name: str) -> None:
    for step in document_of(replace(gallery.ALL[name](), repository=""))["next"]:
        if step["link"] is None:
            continue
        path, _, section = step["link"].partition("#")
        headings = re.findall(r"^#+ (.+)$", Path(path).read_text(), re.MULTILINE)
        assert section in [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]
