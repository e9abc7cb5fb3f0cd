"""One execution as a picture: its phases in order, its clones and tables with their stage, and its counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from runner.words import COUNTS, PHASES, STATUSES, duration

if TYPE_CHECKING:
    import datetime as dt

    from rich.console import RenderableType

    from runner.progress import Progress

_CLONES_A_LINE = 3
_COLOURS = {"RUNNING": "cyan", "SUCCEEDED": "green"}
_STAGE_STYLES = {"ready": "green", "gone": "green", "exported": "green", "failed": "red"}


def picture(progress: Progress, now: dt.datetime, expected: str = "") -> Group:
    """Return the picture; `expected` says in words how long it will still take."""
    parts: list[RenderableType] = [_title(progress), _phases(progress, now), _times(progress, now, expected)]
    if progress.distributed:
        parts.append(
            Text("  clones and tables run as executions of their own: only phases and counts show here", "dim")
        )
    if progress.clones:
        parts.append(_clones(progress))
    if progress.tables or progress.counts:
        parts.append(_tables(progress))
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


def _phases(progress: Progress, now: dt.datetime) -> Text:
    entered = {phase.name: phase for phase in progress.phases}
    line = Text("  ")
    for name in PHASES.values():
        phase = entered.get(name)
        if phase is None:
            line.append(f"· {name}   ", "dim")
            continue
        last = phase is progress.phases[-1]
        running = last and progress.status == "RUNNING"
        failed = last and progress.status not in _COLOURS
        mark, style = ("▶", "cyan") if running else ("✗", "red") if failed else ("✓", "green")
        line.append(f"{mark} {name} {duration(phase.seconds(now))}   ", style)
    return line


def _times(progress: Progress, now: dt.datetime, expected: str) -> Text:
    told = f"{duration(progress.seconds(now))} so far" if progress.started else "not yet looked at"
    if progress.stopped:
        told = f"{duration(progress.seconds(now))} in all"
    return Text("  " + ", ".join(part for part in (told, expected) if part), "dim")


def _clones(progress: Progress) -> Table:
    """Return the clones in lines of three, each with its stage."""
    grid = Table.grid(padding=(0, 3))
    cells = [
        Text.assemble(
            "  " if index % _CLONES_A_LINE == 0 else "", f"{name} ", (stage, _STAGE_STYLES.get(stage, "cyan"))
        )
        for index, (name, stage) in enumerate(sorted(progress.clones.items(), key=_mains_first))
    ]
    for start in range(0, len(cells), _CLONES_A_LINE):
        grid.add_row(*cells[start : start + _CLONES_A_LINE])
    return grid


def _mains_first(entry: tuple[str, str]) -> tuple[bool, str]:
    return "partition" in entry[0], entry[0]


def _tables(progress: Progress) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1))
    table.add_column("  table", no_wrap=True)
    table.add_column("stage", no_wrap=True)
    for word in COUNTS.values():
        table.add_column(word, justify="right", no_wrap=True)
    for name in sorted({*progress.tables, *progress.counts}):
        stage = progress.tables.get(name, "")
        counts = progress.counts.get(name, {})
        cells = [f"{counts[key]:,}" if key in counts else "·" for key in COUNTS]
        table.add_row(f"  {name}", Text(stage, _STAGE_STYLES.get(stage, "cyan")), *cells)
    return table
