"""Progress for a person: a live picture in a terminal, a line per change elsewhere."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING, Self

from rich.console import Console, Group
from rich.live import Live

from runner.picture import picture
from runner.words import STATUSES, duration

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from rich.console import RenderableType

    from runner.progress import Progress

    Told = Callable[[Progress, dt.datetime], str]  # the remaining time in words

_SILENCE_SECONDS = 60.0


def _untold(_progress: Progress, _now: dt.datetime) -> str:
    return ""


class LineView:
    """One line per change, and one a minute while nothing changes."""

    def __init__(self, console: Console, told: Told = _untold) -> None:
        self._console = console
        self._told = told
        self._last = time.monotonic()

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""

    def changed(self, progress: Progress, changes: list[str]) -> None:
        """Write each change."""
        for change in changes:
            self._write(progress.domain, change)

    def tick(self, all_progress: list[Progress]) -> None:
        """Say what is running where nothing was said for a while."""
        if time.monotonic() - self._last < _SILENCE_SECONDS:
            return
        now = dt.datetime.now(dt.UTC)
        for progress in all_progress:
            if progress.status == "RUNNING" and progress.phases:
                phase = progress.phases[-1]
                parts = [f"{phase.name}, {duration(phase.seconds(now))} so far", self._told(progress, now)]
                parts += [progress.job.told(now)] if progress.job else []
                self._write(progress.domain, ", ".join(part for part in parts if part))

    def ended(self, progress: Progress) -> None:
        """Say how it ended."""
        self._write(progress.domain, f"{STATUSES.get(progress.status, progress.status)} {progress.error}".strip())

    def _write(self, domain: str, text: str) -> None:
        self._last = time.monotonic()
        line = f"{dt.datetime.now(dt.UTC):%H:%M:%SZ} {domain:<14} {text}"
        self._console.print(line, highlight=False, soft_wrap=True, markup=False)


class LiveView:
    """A picture of phases, clones and tables that is drawn again as they change."""

    def __init__(self, console: Console, told: Told = _untold) -> None:
        self._watched: list[Progress] = []  # drawn from the moment that there is a Live
        self._told = told
        self._console = console
        self._live = Live(console=console, refresh_per_second=4, get_renderable=self._draw)

    def __enter__(self) -> Self:
        """Begin drawing."""
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the last picture on the screen."""
        self._live.__exit__(kind, error, trace)

    def changed(self, progress: Progress, changes: list[str]) -> None:
        """Nothing to do: the picture shows it."""

    def tick(self, all_progress: list[Progress]) -> None:
        """Draw these from now on."""
        self._watched = all_progress

    def ended(self, progress: Progress) -> None:
        """Nothing to do: the picture shows it."""

    def _draw(self) -> RenderableType:
        now = dt.datetime.now(dt.UTC)
        width = self._console.width
        return Group(*[picture(progress, now, self._told(progress, now), width) for progress in self._watched])


def view_for(console: Console, told: Told = _untold) -> LineView | LiveView:
    """Return the live view in a terminal, the lines elsewhere."""
    return LiveView(console, told) if console.is_terminal else LineView(console, told)
