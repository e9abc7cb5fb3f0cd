"""Progress for a person: a live picture in a terminal, a line per change elsewhere."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING, Self

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from runner.words import PHASES

if TYPE_CHECKING:
    from types import TracebackType

    from rich.console import RenderableType

    from runner.progress import Progress

_SILENCE_SECONDS = 20.0
_BAR = 9


class LineView:
    """One line per change, and one now and then while nothing changes."""

    def __init__(self, console: Console) -> None:
        self._console = console
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
                self._write(progress.domain, f"{phase.name}, {phase.seconds(now):.0f} s so far")

    def ended(self, progress: Progress) -> None:
        """Say how it ended."""
        self._write(progress.domain, f"{progress.status} {progress.error}".strip())

    def _write(self, domain: str, text: str) -> None:
        self._last = time.monotonic()
        self._console.print(f"{dt.datetime.now(dt.UTC):%H:%M:%S} {domain:<14} {text}", highlight=False, soft_wrap=True)


class LiveView:
    """A picture of phases, clones and tables that is drawn again as they change."""

    def __init__(self, console: Console) -> None:
        self._watched: list[Progress] = []  # drawn from the moment that there is a Live
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
        return Group(*[picture(progress, dt.datetime.now(dt.UTC)) for progress in self._watched])


def view_for(console: Console) -> LineView | LiveView:
    """Return the live view in a terminal, the lines elsewhere."""
    return LiveView(console) if console.is_terminal else LineView(console)


def picture(progress: Progress, now: dt.datetime) -> Group:
    """Return one execution: its phases in order, its clones as a bar, its tables with their stage."""
    colour = {"RUNNING": "cyan", "SUCCEEDED": "green"}.get(progress.status, "red")
    title = Text.assemble((f"{progress.domain} ", "bold"), (progress.status.lower(), colour), f"  {progress.name}")
    return Group(title, _phase_line(progress, now), *_item_lines(progress), Text(""))


def _phase_line(progress: Progress, now: dt.datetime) -> Text:
    entered = {phase.name: phase for phase in progress.phases}
    line = Text("  ")
    for name in PHASES.values():
        phase = entered.get(name)
        if phase is None:
            line.append(f"· {name}   ", "dim")
            continue
        running = phase is progress.phases[-1] and progress.status == "RUNNING"
        failed = phase is progress.phases[-1] and progress.status not in ("RUNNING", "SUCCEEDED")
        mark, style = ("▶", "cyan") if running else ("✗", "red") if failed else ("✓", "green")
        line.append(f"{mark} {name} {phase.seconds(now):.0f}s   ", style)
    return line


def _item_lines(progress: Progress) -> list[Text]:
    lines = []
    if progress.clones:
        total = len(progress.clones)
        gone = sum(stage == "gone" for stage in progress.clones.values())
        ready = sum(stage == "ready" for stage in progress.clones.values())
        done, word = (gone, "destroyed") if gone or "destroying" in progress.clones.values() else (ready, "ready")
        bar = "█" * (_BAR * done // total) + "░" * (_BAR - _BAR * done // total)
        lines.append(Text(f"  clones {bar} {done}/{total} {word}"))
    for table, stage in progress.tables.items():
        counts = progress.counts.get(table)
        told = f"{counts['imported']:,} imported, {counts['exported']:,} exported" if counts else ""
        lines.append(Text(f"  {table:<24} {stage:<10} {told}"))
    if progress.error:
        lines.append(Text(f"  {progress.error}: {progress.cause}", "red"))
    return lines
