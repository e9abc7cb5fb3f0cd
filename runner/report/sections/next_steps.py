"""The next steps after a run, each with its command and the page that describes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from runner import links
from runner.failure_advice import REFUSED, advice
from runner.report.model.report import Step
from runner.runbooks import section_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.report.model.report import Report
    from runner.report.model.run import Failure

_GUIDE = "docs/cut-over.md"
_REHEARSED, _CATCH_UPS = "1-before-the-official-run", "2-the-official-run-and-the-catch-ups"
_SWITCH, _WAY_BACK = "3-the-switch", "4-the-way-back"
# A repair corrects these failures: the tables differ from the clones, and the clones still exist.
_REPAIRABLE = ("DataMismatch", "WritersFound")


class _Step(NamedTuple):
    what: str
    command: str | None = None
    page: str | None = None  # a path in the repository, with an anchor


def next_steps(report: Report, repository: str = "") -> tuple[Step, ...]:
    """Return the next steps; a link is a page of the repository at GitHub, or its path in the repository."""
    return tuple(
        Step(
            what=step.what,
            command=step.command,
            link=step.page and links.repository_page(step.page, repository),
        )
        for step in _steps(report)
    )


def _steps(report: Report) -> Iterator[_Step]:
    failure = report.failure
    if report.status == "RUNNING":
        yield _Step("Watch it", f"migrate follow {report.attempts[-1].arn}")
        return
    if any(table.differences.total for table in report.tables):
        yield _Step(
            f"Look at the differences; all of them are below {report.locations.differences}",
            f"migrate report {report.run.id} {_environment(report)} --differences differences.csv",
        )
    if failure and failure.error not in REFUSED:
        yield from _after_failure(report, failure)
    elif failure:
        page = f"{links.RUNBOOK}#{section_of(failure.error)}"
        yield _Step(advice(failure.error, report.run.domain).todo, None, page)
        yield _Step("Nothing was touched, and nothing is left to clean up after this run")
        return
    elif report.verdict == "MATCH":
        yield from _after_match(report)
    remains = report.remains
    released = failure is not None and advice(failure.error, report.run.domain).new_clones
    if remains.clones and not released and not any(lock.state == "RUNNING" for lock in remains.held_by):
        yield _Step(
            "Release the clones if you do not intend to resume the run; the command asks first", _release(report)
        )


def _after_failure(report: Report, failure: Failure) -> Iterator[_Step]:
    run, error = report.run, failure.error
    known = advice(error, run.domain)
    yield _Step(known.todo, None, f"{links.RUNBOOK}#{section_of(error)}".rstrip("#"))
    if known.new_clones:
        yield _Step("Release the clones; the command shows what it would destroy, and asks first", _release(report))
    if error in _REPAIRABLE:
        yield _Step(
            "Or make the tables equal to the clones of this run, and prove them again",
            f"migrate repair {run.id} {_environment(report)}",
            f"{_GUIDE}#{_CATCH_UPS}",
        )
    yield _Step(
        "Resume the run once the cause is fixed; it repeats nothing that is done",
        f"migrate resume {run.id} {_environment(report)}",
    )


def _after_match(report: Report) -> Iterator[_Step]:
    run, live = report.run, report.state.live
    target = f"{_environment(report)} --domain {run.domain}"
    if live:
        yield _Step(
            "Nothing: the tables are live, and this system never writes to them again. Keep what the way back needs",
            None,
            f"{_GUIDE}#{_WAY_BACK}",
        )
    elif run.mode == "rehearsal":
        yield _Step(
            "Ask the owner of the application to accept this report, and to test against the rehearsal's tables",
            None,
            f"{_GUIDE}#{_REHEARSED}",
        )
        yield _Step(
            "Run it officially: the tables get their own names and their streams",
            f"migrate start {target} --mode official",
        )
    else:
        again = "again, as often as you want: each is smaller" if run.kind == "catch-up" else "until the switch"
        yield _Step(
            f"Catch up with what the application writes to the clusters, {again}",
            f"migrate catch-up {target}",
            f"{_GUIDE}#{_CATCH_UPS}",
        )
        yield _Step(
            "Switch: stop the writers, run the last catch-up, and when it matches cut the domain over",
            f"migrate cut-over {target}",
            f"{_GUIDE}#{_SWITCH}",
        )


def _environment(report: Report) -> str:
    return f"--environment {report.run.environment}"


def _release(report: Report) -> str:
    return f"migrate release-clones {_environment(report)}"
