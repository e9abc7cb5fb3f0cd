"""The end of a followed run on the screen: one table of counts, the next steps and links."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Self

from runner.live.history.progress import Phase, Progress
from runner.live.history.resources import JobRun, Resources
from runner.live.views.endings import say_end, say_start
from runner.live.views.paged_view import PagedView
from tests.unit.runner.fakes import BEGAN, environment
from tests.unit.runner.histories import left, numbered

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

    from runner.live.history.changes import Change

STATES = "arn:aws:states:eu-west-1:971779422973:execution:migration-test-rates"
PAGE = "https://eu-west-1.console.aws.amazon.com"
MATCHED = {"verdict": "MATCH", "clones": "destroyed", "report": "s3://bucket/report.json"}


class Costing:
    """A cost estimate with a fixed result."""

    def words(self, _progress: Progress, _now: dt.datetime) -> str:
        return "1.20 USD"


def end(progress: Progress, capsys: pytest.CaptureFixture[str], *, drawn: bool = False) -> tuple[list[str], list[str]]:
    say_end(environment(), progress, Costing(), drawn=drawn)  # type: ignore[arg-type]  # as Spending is used here
    shown = capsys.readouterr()
    return [line.rstrip() for line in shown.out.splitlines()], shown.err.splitlines()


def succeeded() -> Progress:
    progress = Progress(f"{STATES}-catch-up:c-1", status="SUCCEEDED", output=MATCHED, tables={"BaseRate": "exported"})
    counts = {"inserted": 1, "updated": 30, "deleted": 2, "unchanged": 967}
    clones = {"lipsdb": {"createdAt": "2026-01-01T00:00:04+00:00"}}
    for event in numbered(
        left("CloneClusters", clones=clones), left("ReadChanges", changes={"tables": {"BaseRate": counts}})
    ):
        progress.apply(event)
    return progress


def test_a_catch_up_that_matched_ends_with_one_table_of_counts_its_instant_cost_and_links(
    capsys: pytest.CaptureFixture[str],
) -> None:
    out, err = end(succeeded(), capsys)

    assert out[0].split() == [
        "table", "stage", "inserted", "updated", "deleted", "unchanged", "written", "conflicts", "exported", "compared",
    ]  # fmt: skip
    assert out[2].split() == ["BaseRate", "exported", "1", "30", "2", "967", "0", "0", "·", "·"]
    assert out[3:] == [
        "rates: MATCH: every item of the clones is in the export, and equal",
        "the tables represent the clusters as of 2026-01-01 00:00:04Z",
        "cost: 1.20 USD, estimated (docs/progress.md)",
        "clones: destroyed",
        "report: s3://bucket/report.json",
        f"execution: {PAGE}/states/home?region=eu-west-1#/v2/executions/details/{STATES}-catch-up:c-1",
    ]
    assert err == []


def test_the_table_is_not_written_again_below_a_picture_that_has_it(capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = end(succeeded(), capsys, drawn=True)

    assert out[0] == "rates: MATCH: every item of the clones is in the export, and equal"


def test_a_failed_job_leads_to_its_run_its_logs_and_the_runbook(capsys: pytest.CaptureFixture[str]) -> None:
    job = JobRun("j-1", "app-1", BEGAN + dt.timedelta(seconds=9), BEGAN + dt.timedelta(seconds=60))
    progress = Progress(
        f"{STATES}:r-1",
        phases=[Phase("Prepare", BEGAN), Phase("Bootstrap", BEGAN + dt.timedelta(seconds=5))],
        status="FAILED",
        error="RowsRejected",
        cause="3 rows were rejected",
        resources=Resources(job_runs=[job]),
    )

    out, err = end(progress, capsys)

    assert out == []
    assert err[0] == "rates: RowsRejected: 3 rows were rejected"
    assert err[-6:-4] == [
        "Resume with: migrate resume r-1 --environment test",
        f"execution: {PAGE}/states/home?region=eu-west-1#/v2/executions/details/{STATES}:r-1",
    ]
    assert err[-4] == f"job run j-1: {PAGE}/emr/home?region=eu-west-1#/serverless"
    assert "migration-test-spark" in err[-3]
    assert "j-1" in err[-3]
    assert err[-2:] == [
        "its log files: s3://migration-test-data-971779422973/logs/applications/app-1/jobs/j-1/",
        "runbook: docs/runbooks/run-failed.md#the-data",
    ]


def test_a_job_of_an_earlier_phase_is_not_what_failed(capsys: pytest.CaptureFixture[str]) -> None:
    phases = [Phase("Bootstrap", BEGAN), Phase("Tables", BEGAN + dt.timedelta(hours=1))]
    runs = Resources(job_runs=[JobRun("j-1", "app-1", BEGAN, BEGAN)])
    failed = Progress(f"{STATES}:r-1", phases=phases, status="FAILED", error="ImportFailed", cause="x", resources=runs)

    _, err = end(failed, capsys)

    assert not [line for line in err if "j-1" in line]


def test_following_begins_with_the_page_of_the_execution(capsys: pytest.CaptureFixture[str]) -> None:
    say_start(f"{STATES}-catch-up:c-1")

    assert capsys.readouterr().out == (
        f"rates: {PAGE}/states/home?region=eu-west-1#/v2/executions/details/{STATES}-catch-up:c-1\n"
    )


class Shown:
    """A view that records its calls."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def __enter__(self) -> Self:
        self.calls.append("enter")
        return self

    def __exit__(self, *_: object) -> None:
        self.calls.append("exit")

    def changed(self, _progress: Progress, changes: list[Change]) -> None:
        self.calls += [change.text for change in changes]

    def tick(self, _all: list[Progress]) -> None:
        self.calls.append("tick")

    def ended(self, _progress: Progress) -> None:
        self.calls.append("ended")


class Page:
    """A page whose renewals fail one after another."""

    def __init__(self, *problems: list[str]) -> None:
        self.asked: list[tuple[list[str], bool]] = []
        self._problems = iter(problems)

    def update(self, arns: Sequence[str], *, last: bool = False) -> list[str]:
        self.asked.append(([*arns], last))
        return next(self._problems)


def test_a_page_is_renewed_with_each_look_and_at_the_end_and_its_problems_are_told_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    view, page = Shown(), Page(["disk full"], ["disk full"], [], ["gone"])
    progress: Any = Progress(f"{STATES}:r-1")
    with PagedView(view, page, ["arn"]) as paged:  # type: ignore[arg-type]  # a view of the tests
        for _ in range(3):
            paged.tick([progress])
        paged.changed(progress, [])
        paged.ended(progress)

    assert view.calls == ["enter", "tick", "tick", "tick", "ended", "exit"]
    assert page.asked == [(["arn"], False)] * 3 + [(["arn"], True)]
    assert capsys.readouterr().err.splitlines() == ["disk full", "gone"]
