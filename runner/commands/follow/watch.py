"""Progress of executions in a command, whose exit code follows their end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from runner.account.environments import domain_of, is_catch_up
from runner.console import DONE, FAILED, INTERRUPTED, complain, console
from runner.live.eta import expect
from runner.live.job_documents import JobDocuments
from runner.live.poll import follow
from runner.live.spending import Spending
from runner.live.views.endings import say_end, say_start
from runner.live.views.json_lines import JsonLineView
from runner.live.views.paged_view import PagedView
from runner.live.views.progress_views import view_for
from runner.report.live_page import LivePage

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from runner.account.environments import Environment
    from runner.live.history.progress import Progress


def watch(
    environment: Environment,
    arns: list[str],
    *,
    for_minutes: float | None = None,
    as_json: bool = False,
    page: Path | None = None,
) -> None:
    """Follow executions and exit by their result; after the time limit, exit as if interrupted.

    Raises:
        UsageError: An execution cannot be read, or the page cannot be written.
    """
    limit = None if for_minutes is None else for_minutes * 60
    spending = Spending(environment)
    watched: list[Progress] = []
    try:
        expected = {arn: expect(environment, domain_of(arn), besides=arn, catch_up=is_catch_up(arn)) for arn in arns}

        def left_words(progress: Progress, now: dt.datetime) -> str:
            parts = (expected[progress.arn].words(progress, now), spending.words(progress, now))
            return ", ".join(part for part in parts if part)

        def left(progress: Progress, now: dt.datetime) -> tuple[float | None, float | None]:
            return expected[progress.arn].remaining(progress, now), spending.usd(progress, now)

        if not as_json:
            for arn in arns:
                say_start(arn)
        shown = JsonLineView(left) if as_json else view_for(console, left_words)
        with PagedView(shown, LivePage(environment, page), arns) if page else shown as view:
            jobs = JobDocuments(environment)
            states = environment.client("stepfunctions")
            watched = follow(states, arns, view, limit_seconds=limit, look_at_job=jobs.look)
    except KeyboardInterrupt:
        _detached(environment, arns, "detached")
        raise typer.Exit(INTERRUPTED) from None
    for progress in watched:
        if not as_json or progress.status != "SUCCEEDED":
            say_end(environment, progress, spending, drawn=console.is_terminal)
    raise typer.Exit(_exit_code(environment, watched, for_minutes))


def _exit_code(environment: Environment, watched: list[Progress], for_minutes: float | None) -> int:
    open_ones = [progress.arn for progress in watched if progress.status == "RUNNING"]
    if open_ones:
        _detached(environment, open_ones, f"still running after {for_minutes:g} minutes")
        return INTERRUPTED
    return DONE if all(progress.status == "SUCCEEDED" for progress in watched) else FAILED


def _detached(environment: Environment, arns: list[str], why: str) -> None:
    names = " ".join(arns)
    complain(
        f"{why}; the migration continues. Follow it again with: migrate follow --environment {environment.name} {names}"
    )
