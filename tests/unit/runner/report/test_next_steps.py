"""The next steps after a run, by its mode, kind, verdict and failure."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from runner.failure_advice import ADVICE
from runner.report.sections.next_steps import next_steps
from tests.unit.runner.report import catch_ups, gallery, samples
from tests.unit.runner.report.raw import document_of, report_of

if TYPE_CHECKING:
    from runner.report.inputs.base import Kind, Mode
    from runner.report.model.base import Verdict
    from runner.report.model.report import Report

Steps = list[tuple[str, str | None, str | None]]

ON = "--environment test --domain rates"
GUIDE = "docs/cut-over.md"
RUNBOOK = "docs/runbooks/run-failed.md"
ACCEPT = (
    "Ask the owner of the application to accept this report, and to test against the rehearsal's tables",
    None,
    f"{GUIDE}#1-before-the-official-run",
)
START = (
    "Run it officially: the tables get their own names and their streams",
    f"migrate start {ON} --mode official",
    None,
)
CATCH_UP = (f"migrate catch-up {ON}", f"{GUIDE}#2-the-official-run-and-the-catch-ups")
FIRST_CATCH_UP = ("Catch up with what the application writes to the clusters, until the switch", *CATCH_UP)
NEXT_CATCH_UP = (
    "Catch up with what the application writes to the clusters, again, as often as you want: each is smaller",
    *CATCH_UP,
)
SWITCH = (
    "Switch: stop the writers, run the last catch-up, and when it matches cut the domain over",
    f"migrate cut-over {ON}",
    f"{GUIDE}#3-the-switch",
)
RESUME = "Resume the run once the cause is fixed; it repeats nothing that is done"
RELEASE = "migrate release-clones --environment test"
RELEASE_FIRST = ("Release the clones; the command shows what it would destroy, and asks first", RELEASE, None)
RELEASE_LATER = ("Release the clones if you do not intend to resume the run; the command asks first", RELEASE, None)


def resume(run: str = samples.RUN) -> tuple[str, str, None]:
    return (RESUME, f"migrate resume {run} --environment test", None)


def differences(run: str = samples.RUN) -> tuple[str, str, None]:
    return (
        f"Look at the differences; all of them are below s3://data/reports/rates/{run}/mismatches/",
        f"migrate report {run} --environment test --differences differences.csv",
        None,
    )


def repair(run: str = samples.RUN) -> tuple[str, str, str]:
    return (
        "Or make the tables equal to the clones of this run, and prove them again",
        f"migrate repair {run} --environment test",
        f"{GUIDE}#2-the-official-run-and-the-catch-ups",
    )


def ended(kind: Kind, mode: Mode, verdict: Verdict) -> Report:
    """Return the report of a run that succeeded, and left no clone."""
    matched = report_of(samples.match())
    run = matched.run.model_copy(update={"mode": mode, "kind": kind})
    return matched.model_copy(update={"run": run, "verdict": verdict})


def failed(error: str, report: Report | None = None) -> Report:
    """Return the report of a run that failed so, and left its clones."""
    report = report or report_of(samples.failed_in_bootstrap())
    assert report.failure is not None
    return report.model_copy(update={"failure": report.failure.model_copy(update={"error": error})})


def steps_of(report: Report) -> Steps:
    return [(step.what, step.command, step.link) for step in next_steps(report)]


@pytest.mark.parametrize(
    ("kind", "mode", "verdict", "steps"),
    [
        ("bootstrap", "rehearsal", "MATCH", [ACCEPT, START]),
        ("bootstrap", "official", "MATCH", [FIRST_CATCH_UP, SWITCH]),
        ("catch-up", "official", "MATCH", [NEXT_CATCH_UP, SWITCH]),
        ("repair", "official", "MATCH", [FIRST_CATCH_UP, SWITCH]),
        ("catch-up", "rehearsal", "MATCH", [ACCEPT, START]),
        ("bootstrap", "official", "NONE", []),
    ],
)
def test_a_match_leads_on_to_the_cut_over(kind: Kind, mode: Mode, verdict: Verdict, steps: Steps) -> None:
    assert steps_of(ended(kind, mode, verdict)) == steps


def test_nothing_is_left_to_do_for_tables_that_are_live() -> None:
    assert steps_of(report_of(catch_ups.live())) == [
        (
            "Nothing: the tables are live, and this system never writes to them again. Keep what the way back needs",
            None,
            f"{GUIDE}#4-the-way-back",
        )
    ]


def test_a_page_is_linked_at_github_if_the_repository_is_known() -> None:
    (step,) = document_of(catch_ups.live())["next"]

    assert step["link"] == f"https://github.com/acme/migration/blob/HEAD/{GUIDE}#4-the-way-back"


def test_what_the_clones_can_correct_is_repaired() -> None:
    assert steps_of(report_of(catch_ups.with_writers())) == [
        (ADVICE["WritersFound"].todo, None, f"{RUNBOOK}#writersfound"),
        repair(catch_ups.RUN),
        resume(catch_ups.RUN),
        RELEASE_LATER,
    ]


def test_differences_are_looked_at_first_and_then_repaired() -> None:
    mismatched = report_of(samples.mismatch())

    assert steps_of(mismatched) == [
        differences(),
        (ADVICE["DataMismatch"].todo, None, f"{RUNBOOK}#the-tables"),
        repair(),
        resume(),
        RELEASE_LATER,
    ]
    equal = report_of(samples.match()).tables[0]
    assert steps_of(mismatched.model_copy(update={"tables": (equal, *mismatched.tables)}))[0] == differences()


def test_a_refused_run_leaves_the_clones_to_the_run_that_created_them() -> None:
    refused = replace(samples.refused(), clones=(samples.existing("lipsdb"),))

    assert steps_of(report_of(refused)) == [
        (ADVICE["InvalidInput"].todo, None, f"{RUNBOOK}#before-anything-is-created"),
        ("Nothing was touched, and nothing is left to clean up after this run", None, None),
    ]


def test_a_failure_that_a_repair_cannot_correct_offers_none() -> None:
    assert steps_of(report_of(samples.failed_in_bootstrap())) == [
        (ADVICE["BootstrapFailed"].todo, None, f"{RUNBOOK}#the-jobs"),
        resume(),
        RELEASE_LATER,
    ]


def test_clones_that_caused_the_failure_are_released_before_the_resume_and_once() -> None:
    todo = ADVICE["CloneNotFresh"].todo

    assert steps_of(failed("CloneNotFresh")) == [(todo, None, f"{RUNBOOK}#clonenotfresh"), RELEASE_FIRST, resume()]


def test_a_failure_that_the_runbook_does_not_name_leads_to_its_beginning() -> None:
    assert steps_of(failed("Unheard")) == [("Fix what the cause names", None, RUNBOOK), resume(), RELEASE_LATER]


def test_clones_are_not_released_while_a_run_uses_them() -> None:
    idle = report_of(samples.failed_in_bootstrap())
    (lock,) = idle.remains.held_by
    held = (lock, lock.model_copy(update={"domain": "other", "state": "RUNNING"}))
    remains = idle.remains.model_copy(update={"held_by": held})

    assert RELEASE_LATER not in steps_of(idle.model_copy(update={"remains": remains}))
    assert RELEASE_LATER in steps_of(idle)


def test_a_running_run_is_watched_at_its_newest_attempt() -> None:
    report = report_of(samples.running())
    (newest,) = report.attempts
    earlier = newest.model_copy(update={"arn": f"{samples.ARN}-before"})

    assert steps_of(report.model_copy(update={"attempts": (earlier, newest)})) == [
        ("Watch it", f"migrate follow {samples.ARN}", None)
    ]


@pytest.mark.parametrize("name", gallery.ALL)
def test_every_page_of_the_repository_that_a_step_names_is_there_with_its_section(name: str) -> None:
    for step in document_of(replace(gallery.ALL[name](), repository=""))["next"]:
        if step["link"] is None:
            continue
        path, _, section = step["link"].partition("#")
        headings = re.findall(r"^#+ (.+)$", Path(path).read_text(), re.MULTILINE)
        assert section in [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]
