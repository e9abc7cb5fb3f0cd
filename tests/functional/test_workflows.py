"""The steps of migrate.yml, unchanged, against the deployed stack."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from tests.functional.conftest import project
from tests.workflow import WORKFLOWS, Job, load

if TYPE_CHECKING:
    from pathlib import Path

    from local.stack import LocalStack
    from tests.functional.recording import Recorded

ASK, START, FIND, FOLLOW, REPORT, LEFT = (
    "Ask once more before an official run",
    "Start the migration",
    "Find the migration",
    "Follow it",
    "Report",
    "Say how to follow what is still running",
)


def job(stack: LocalStack, work: Path, domain: str, **inputs: str) -> Job:
    values = {
        "environment": "test",
        "domain": domain,
        "mode": "rehearsal",
        "parallelism": "9",
        "run_id": "",
        "action": "migrate",
        "confirm": "",
        **inputs,
    }
    # The variables of GitHub, and those of the job that the composite action reads.
    environment = {**stack.aws.environment(), "PYTHON": sys.executable, "ENVIRONMENT": "test", "DOMAIN": domain}
    return Job(
        load(WORKFLOWS / "migrate.yml"),
        "migrate",
        values,
        work,
        environment,
        {"domain": domain},
        checkout=project(stack),
    )


@pytest.mark.usefixtures("clean")
def test_a_migration_is_started_detached_from_followed_to_its_failure_and_reported(
    stack: LocalStack, tmp_path: Path
) -> None:
    workflow = job(stack, tmp_path, "rates")
    states = stack.client("stepfunctions")

    ask, start, find = workflow.run(ASK, START, FIND)

    assert ask.skipped
    assert (start.code, find.code) == (0, 0), start.output
    arn = workflow.steps["find"]["outputs.run"]
    execution = states.describe_execution(executionArn=arn)
    assert json.loads(execution["input"]) == {
        "mode": "rehearsal",
        "parallelism": 9,
        "keepClones": False,
        "requestedBy": "octocat",
    }

    (piece,) = workflow.run(FOLLOW, FOR_MINUTES="0")
    assert piece.code == 0, piece.output
    assert workflow.steps["first"]["outputs.running"] == "true"
    workflow.steps["sixth"] = workflow.steps["first"]
    (left,) = workflow.run(LEFT)
    assert left.code == 130
    assert "The migration continues." in workflow.summary()
    assert f"`migrate follow --environment test {arn}`" in workflow.summary()

    states.stop_execution(executionArn=arn)
    workflow.failed = False
    (failed,) = workflow.run(FOLLOW)
    assert failed.code == 1
    run = arn.rsplit(":", 1)[1]
    assert f"rates: stopped\nResume with: migrate resume {run} --environment test" in failed.output
    (second,) = workflow.run("Keep following, 2")
    assert second.skipped
    (report,) = workflow.run(REPORT)
    assert report.code == 0, report.output
    assert "Stopped" in workflow.summary().split("is still running", 1)[1]


def test_a_run_that_ended_is_followed_and_reported_by_a_click(
    stack: LocalStack, migrated: Recorded, tmp_path: Path
) -> None:
    workflow = job(stack, tmp_path, "availability", action="follow", run_id=migrated.ended["availability"].name)

    done = {step.name: step for step in workflow.run(ASK, START, FIND, FOLLOW, "Keep following, 2", REPORT, LEFT)}

    assert [name for name, step in done.items() if step.skipped] == [ASK, START, "Keep following, 2", LEFT]
    assert {name: step.code for name, step in done.items() if step.code} == {}, done
    assert "MATCH" in done[FOLLOW].output
    assert "MATCH" in workflow.summary()
    assert "Inventory" in workflow.summary()
    assert "<html" in (tmp_path / "report" / "report.html").read_text("utf-8")
    assert json.loads((tmp_path / "report" / "report.json").read_text("utf-8"))["verdict"] == "MATCH"


def test_an_official_run_is_started_only_if_it_was_typed_once_more(stack: LocalStack, tmp_path: Path) -> None:
    workflow = job(stack, tmp_path, "rates", mode="official", confirm="Rates")

    ask, start, find, report = workflow.run(ASK, START, FIND, REPORT)

    assert ask.code == 2
    assert "Type rates into confirm" in ask.output
    assert start.skipped
    assert find.skipped
    assert report.skipped
    (asked,) = job(stack, tmp_path, "rates", mode="official", confirm="rates").run(ASK)
    assert asked.code == 0


def test_what_would_fail_is_refused_before_it_is_started_whatever_was_typed(stack: LocalStack, tmp_path: Path) -> None:
    planted = tmp_path / "planted"
    workflow = job(stack, tmp_path, "rates", run_id=f"$(touch {planted}); touch {planted}", parallelism="41")

    (start,) = workflow.run(START)

    assert start.code == 2
    assert "--parallelism: 41 must be 1 to 40" in start.output
    assert not planted.exists()
