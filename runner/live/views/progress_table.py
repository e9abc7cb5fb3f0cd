"""The terminal's progress table: phases, clones and tables, in the detail that fits the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.columns import Columns
from rich.console import Group
from rich.padding import Padding
from rich.text import Text

from runner.formatting import second
from runner.labels import STATUSES, duration
from runner.live.views.job_rows import job_table
from runner.live.views.stages import stage_words
from runner.live.views.table_rows import STAGE_STYLES, fitting_tables, table_names

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from rich.console import Console, RenderableType

    from runner.live.history.progress import Phase, Progress

_NARROW = 100  # in a narrower terminal, large counts are rounded
_COLOURS = {"RUNNING": "cyan", "SUCCEEDED": "green"}
# Levels of detail: everything; clones by stage; few tables; tables by stage.
ALL, CLONES_COUNTED, FEW_TABLES, COUNTED = range(4)
_FEW = 6


def execution_tables(
    watched: Sequence[Progress], now: dt.datetime, expected: Mapping[str, str], console: Console
) -> Group:
    """Return all executions in the most detail that fits the terminal's height; ended ones in full."""
    width, height = console.size
    ended = all(progress.status != "RUNNING" for progress in watched)
    for detail in range(ALL, COUNTED + 1):
        drawn = [execution_table(run, now, expected.get(run.arn, ""), width, detail) for run in watched]
        if ended or detail == COUNTED or _lines(drawn, console) < height:
            break
    return Group(*drawn)


def _lines(drawn: Sequence[Group], console: Console) -> int:
    return sum(len(console.render_lines(group, console.options.update(height=None))) for group in drawn)


def execution_table(
    progress: Progress, now: dt.datetime, expected: str = "", width: int = _NARROW, detail: int = ALL
) -> Group:
    """Return the progress table for a terminal's width; `expected` is the remaining time in words."""
    narrow = width < _NARROW
    parts: list[RenderableType] = [_title(progress), _phases(progress, now, width), _times(progress, now, expected)]
    if progress.clones:
        counted = Text(f"  {stage_words(progress.clones, 'clone')}")
        parts.append(_clones(progress, now) if detail == ALL else counted)
        if line := progress.reused():
            parts.append(Text(f"  {line}", "yellow"))
    if line := represented(progress):
        parts.append(Text(f"  {line}", "dim"))
    parts += _tables(progress, detail, width)
    if progress.job:
        parts.append(job_table(progress.job, now, narrow=narrow, brief=detail >= FEW_TABLES))
    if progress.error:
        parts.append(Text(f"  {progress.error}: {progress.cause}", "red"))
    return Group(*parts, Text(""))


def represented(progress: Progress) -> str:
    """Return the instants that the tables of a catch-up represent, now or after its end."""
    span = progress.clone_times.span() if progress.is_catch_up else None
    if span is None:
        return ""
    first, last = (second(moment) for moment in span)
    when = first if first == last else f"{first} to {last}"
    proven = progress.output.get("verdict") == "MATCH"
    return f"the tables {'represent' if proven else 'will represent'} the clusters as of {when}"


def _tables(progress: Progress, detail: int, width: int) -> list[RenderableType]:
    """Return all tables, the few least advanced ones, or counts by stage."""
    names = table_names(progress)
    if not names:
        return []
    if detail < FEW_TABLES or (len(names) <= _FEW and detail < COUNTED):
        return [fitting_tables(progress, names, width)]
    stages = {name: progress.tables.get(name, "") or "awaited" for name in names}
    if detail == COUNTED:
        return [Text(f"  {stage_words(stages, 'table')}")]
    few = [name for name in names if stages[name] not in ("exported", "awaited")][:_FEW]
    others = {name: stage for name, stage in stages.items() if name not in few}
    return [
        *([fitting_tables(progress, few, width)] if few else []),
        Text(f"  {stage_words(others, 'other table' if few else 'table')}"),
    ]


def _title(progress: Progress) -> Text:
    status = STATUSES.get(progress.status, progress.status)
    facts = [*([progress.kind] if progress.is_catch_up else []), progress.mode, f"run {progress.run}"]
    facts += [f"execution {progress.name}"] if progress.run != progress.name else []
    facts += [f"asked for by {who}"] if (who := progress.input.get("requestedBy")) else []
    colour = _COLOURS.get(progress.status, "red")
    return Text.assemble((f"{progress.domain} ", "bold"), (status, colour), "  " + ", ".join(facts))


def _phases(progress: Progress, now: dt.datetime, width: int) -> Text:
    """Return the phases in lines that break only between phases."""
    entered = {phase.name: phase for phase in progress.phases}
    line, used = Text("  "), 2
    for name in dict.fromkeys(progress.phase_names.values()):
        text, style = _phase(progress, entered.get(name), name, now)
        if used + len(text) > width:
            line.append("\n  ")
            used = 2
        line.append(text, style)
        line.append("   ")
        used += len(text) + 3
    return line


def _phase(progress: Progress, phase: Phase | None, name: str, now: dt.datetime) -> tuple[str, str]:
    if phase is None:
        return f"· {name}", "dim"
    last = phase is progress.phases[-1]
    running = last and progress.status == "RUNNING"
    failed = last and progress.status not in _COLOURS
    mark, style = ("▶", "cyan") if running else ("✗", "red") if failed else ("✓", "green")
    return f"{mark} {name} {duration(phase.seconds(now))}", style


def _times(progress: Progress, now: dt.datetime, expected: str) -> Text:
    time = f"{duration(progress.seconds(now))} so far" if progress.started else "not yet looked at"
    if progress.stopped:
        time = f"{duration(progress.seconds(now))} in all"
    return Text("  " + ", ".join(part for part in (time, expected) if part), "dim")


def _clones(progress: Progress, now: dt.datetime) -> RenderableType:
    """Return the clones with stage and age, in as many columns as fit."""
    gone = progress.clone_times.gone
    ages = {
        name: f" {duration((now - made).total_seconds())}" for name, made in progress.cloned.items() if name not in gone
    }
    listed = sorted(progress.clones.items(), key=_mains_first)
    cells = [
        Text.assemble(f"{name} ", (stage, STAGE_STYLES.get(stage, "cyan")), (ages.get(name, ""), "dim"))
        for name, stage in listed
    ]
    return Padding(Columns(cells, padding=(0, 3)), (0, 0, 0, 2))


def _mains_first(entry: tuple[str, str]) -> tuple[bool, str]:
    return "partition" in entry[0], entry[0]
