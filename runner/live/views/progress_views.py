"""Progress for people: a live table in a terminal, otherwise a line per change."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING, Self

from rich.live import Live

from runner.formatting import clock
from runner.labels import STATUSES
from runner.live.history.changes import JOB
from runner.live.views.progress_table import execution_tables
from runner.live.views.stages import state_words

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from rich.console import Console, RenderableType

    from runner.live.history.changes import Change
    from runner.live.history.progress import Progress

    Estimate = Callable[[Progress, dt.datetime], str]  # the remaining time and the cost in words

_SILENCE_SECONDS = 60.0


def _no_estimate(_progress: Progress, _now: dt.datetime) -> str:
    return ""


class LineView:
    """One line per change with its event time, and one a minute while nothing changes."""

    def __init__(self, console: Console, estimate: Estimate = _no_estimate) -> None:
        self._console = console
        self._estimate = estimate
        self._last = time.monotonic()

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""

    def changed(self, progress: Progress, changes: list[Change]) -> None:
        """Write each change; a job's frequent progress waits for the line of a silent minute."""
        for change in changes:
            if change.event != JOB:
                self._write(change.moment, progress.domain, change.text)

    def tick(self, all_progress: list[Progress]) -> None:
        """Write what is running if nothing was written for a minute."""
        if time.monotonic() - self._last < _SILENCE_SECONDS:
            return
        now = dt.datetime.now(dt.UTC)
        for progress in all_progress:
            if progress.status == "RUNNING" and progress.phases:
                self._write(now, progress.domain, state_words(progress, now, self._estimate(progress, now)))

    def ended(self, progress: Progress) -> None:
        """Write the end."""
        moment = progress.stopped or dt.datetime.now(dt.UTC)
        self._write(
            moment, progress.domain, f"{STATUSES.get(progress.status, progress.status)} {progress.error}".strip()
        )

    def _write(self, moment: dt.datetime, domain: str, text: str) -> None:
        self._last = time.monotonic()
        line = f"{clock(moment, dt.datetime.now(dt.UTC))} {domain:<14} {text}"
        self._console.print(line, highlight=False, soft_wrap=True, markup=False)


class LiveView:
    """A table of phases, clones and tables that is redrawn as they change."""

    def __init__(self, console: Console, estimate: Estimate = _no_estimate) -> None:
        self._watched: list[Progress] = []  # drawn once the Live display exists
        self._estimate = estimate
        self._console = console
        self._live = Live(console=console, refresh_per_second=4, get_renderable=self._draw)

    def __enter__(self) -> Self:
        """Begin drawing."""
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the last table on the screen."""
        self._live.__exit__(kind, error, trace)

    def changed(self, progress: Progress, changes: list[Change]) -> None:
        """Do nothing: the table shows it."""

    def tick(self, all_progress: list[Progress]) -> None:
        """Draw these executions from now on."""
        self._watched = all_progress

    def ended(self, progress: Progress) -> None:
        """Do nothing: the table shows it."""

    def _draw(self) -> RenderableType:
        now = dt.datetime.now(dt.UTC)
        expected = {progress.arn: self._estimate(progress, now) for progress in self._watched}
        return execution_tables(self._watched, now, expected, self._console)


def view_for(console: Console, estimate: Estimate = _no_estimate) -> LineView | LiveView:
    """Return the live view in a terminal, otherwise the line view."""
    return LiveView(console, estimate) if console.is_terminal else LineView(console, estimate)
