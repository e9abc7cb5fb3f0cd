"""One execution as a picture: its phases in order, its clones and tables with their stage, and its counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.columns import Columns
from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from runner.job_picture import job_picture
from runner.words import COUNTS, STATUSES, duration, rounded

if TYPE_CHECKING:
    import datetime as dt

    from rich.console import RenderableType

    from runner.progress import Phase, Progress

_NARROW = 100  # columns: below, large counts are rounded
_COLOURS = {"RUNNING": "cyan", "SUCCEEDED": "green"}
_STAGE_STYLES = {"ready": "green", "gone": "green", "exported": "green", "failed": "red"}


def picture(progress: Progress, now: dt.datetime, expected: str = "", width: int = _NARROW) -> Group:
    """Return the picture for a terminal's width; `expected` says in words how long it will still take."""
    parts: list[RenderableType] = [_title(progress), _phases(progress, now, width), _times(progress, now, expected)]
    if progress.clones:
        parts.append(_clones(progress, now))
        if line := progress.reused():
            parts.append(Text(f"  {line}", "yellow"))
    if progress.tables or progress.counts:
        parts.append(_tables(progress, narrow=width < _NARROW))
    if progress.job:
        parts.append(job_picture(progress.job, now, narrow=width < _NARROW))
    if progress.error:
        parts.append(Text(f"  {progress.error}: {progress.cause}", "red"))
    return Group(*parts, Text(""))


def _title(progress: Progress) -> Text:
    status = STATUSES.get(progress.status, progress.status)
    facts = [str(progress.given.get("mode", "rehearsal")), f"run {progress.run}"]
    facts += [f"execution {progress.name}"] if progress.run != progress.name else []
    facts += [f"asked for by {who}"] if (who := progress.given.get("requestedBy")) else []
    colour = _COLOURS.get(progress.status, "red")
    return Text.assemble((f"{progress.domain} ", "bold"), (status, colour), "  " + ", ".join(facts))


def _phases(progress: Progress, now: dt.datetime, width: int) -> Text:
    """Return the phases in lines that break between them alone."""
    entered = {phase.name: phase for phase in progress.phases}
    told, used = Text("  "), 2
    for name in progress.phase_names.values():
        text, style = _phase(progress, entered.get(name), name, now)
        if used + len(text) > width:
            told.append("\n  ")
            used = 2
        told.append(text, style)
        told.append("   ")
        used += len(text) + 3
    return told


def _phase(progress: Progress, phase: Phase | None, name: str, now: dt.datetime) -> tuple[str, str]:
    if phase is None:
        return f"· {name}", "dim"
    last = phase is progress.phases[-1]
    running = last and progress.status == "RUNNING"
    failed = last and progress.status not in _COLOURS
    mark, style = ("▶", "cyan") if running else ("✗", "red") if failed else ("✓", "green")
    return f"{mark} {name} {duration(phase.seconds(now))}", style


def _times(progress: Progress, now: dt.datetime, expected: str) -> Text:
    told = f"{duration(progress.seconds(now))} so far" if progress.started else "not yet looked at"
    if progress.stopped:
        told = f"{duration(progress.seconds(now))} in all"
    return Text("  " + ", ".join(part for part in (told, expected) if part), "dim")


def _clones(progress: Progress, now: dt.datetime) -> RenderableType:
    """Return the clones, each with its stage and age, in as many columns as there is room for."""
    ages = {name: f" {duration((now - made).total_seconds())}" for name, made in progress.cloned.items()}
    listed = sorted(progress.clones.items(), key=_mains_first)
    cells = [
        Text.assemble(f"{name} ", (stage, _STAGE_STYLES.get(stage, "cyan")), (ages.get(name, ""), "dim"))
        for name, stage in listed
    ]
    return Padding(Columns(cells, padding=(0, 3)), (0, 0, 0, 2))


def _mains_first(entry: tuple[str, str]) -> tuple[bool, str]:
    return "partition" in entry[0], entry[0]


def _tables(progress: Progress, *, narrow: bool) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0) if narrow else (0, 1))
    table.add_column("  table", no_wrap=True)
    table.add_column("stage", no_wrap=True)
    for word in COUNTS.values():
        table.add_column(word, justify="right")
    for name in sorted({*progress.tables, *progress.counts}):
        stage = progress.tables.get(name, "")
        counts = progress.counts.get(name, {})
        cells = [rounded(counts[key], narrow=narrow) if key in counts else "·" for key in COUNTS]
        table.add_row(f"  {name}", Text(stage, _STAGE_STYLES.get(stage, "cyan")), *cells)
    return table
