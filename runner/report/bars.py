"""The start and width of the page's bars: every picture is a table whose middle column is drawn to one scale."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, NamedTuple

from runner.labels import BAD_CLASSES, COUNTS, NOT_ITEMS
from runner.report.model.counts import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from runner.report.model.counts import Counts
    from runner.report.model.run import Attempt
    from runner.report.model.snapshots import Snapshot, Snapshots
    from runner.report.model.tables import Export, Import, Table

SCALE = 1000  # units of a bar's width
_THINNEST = 4


class Bar(NamedTuple):
    """One row of a picture; `kind` is its style, and `start` and `width` are in units of SCALE."""

    label: str
    kind: str  # stage, less, bad, unknown; or a phase's outcome
    start: float
    width: float
    value: float | None


def chain(counts: Counts, skipped: Sequence[str] = ()) -> list[Bar]:
    """Return a table's counts from the rows read to what matched, and what each step lost; without skipped steps."""
    most = max((count for name in NAMES if (count := counts.of(name))), default=0)
    return [_bar(row, most) for row in _chain_rows(counts, skipped)]


def _chain_rows(counts: Counts, skipped: Sequence[str]) -> Iterator[tuple[str, str, int | None, int]]:
    """Yield label, kind, count, and the count that the bar ends at."""
    for name, label in COUNTS.items():
        if name in skipped:
            continue
        if name == "items":
            yield from _losses(counts, NOT_ITEMS, "less", counts.rows_read)
        yield _step(label, counts.of(name))
    yield from _losses(counts, {"expired": "expired"}, "less", counts.compared)
    left = (counts.compared or 0) - (counts.expired or 0)
    yield from _losses(counts, {name: name for name in BAD_CLASSES}, "bad", left)
    yield _step("matched", counts.matched)


def _step(label: str, count: int | None) -> tuple[str, str, int | None, int]:
    return label, "unknown" if count is None else "stage", count, count or 0


def _losses(
    counts: Counts, names: dict[str, str], kind: str, left: int | None
) -> Iterator[tuple[str, str, int | None, int]]:
    end = left or 0
    for name, label in names.items():
        if count := counts.of(name):
            yield label, kind, count, end
            end -= count


def _bar(row: tuple[str, str, int | None, int], most: int) -> Bar:
    label, kind, count, end = row
    if not count or not most:
        return Bar(label, kind, 0, 0, count)
    width = max(_THINNEST, SCALE * count / most)
    start = max(0.0, SCALE * end / most - width)
    return Bar(label, kind, round(start, 1), round(width, 1), count)


def timeline(attempt: Attempt, tables: Iterable[Table], now: str) -> list[Bar]:
    """Return an attempt's phases, and within the phase Tables each import and export that began in it."""
    began, ended = _seconds(attempt.started_at), _seconds(attempt.ended_at or now)
    phases = attempt.phases
    if began is None or ended is None:
        return []
    rows = []
    for phase in phases:
        rows.append(_span(phase.name, phase.outcome, phase.started_at, phase.ended_at, (began, ended)))
        if phase.name == "Tables":
            rows += [
                _span(f"{table.name}: {what}", "part", span.started_at, span.ended_at, (began, ended))
                for table in tables
                for what, span in (("import", table.dynamodb_import), ("export", table.dynamodb_export))
                if span and _within(span, began, ended)
            ]
    return rows


def _within(span: Import | Export, began: float, ended: float) -> bool:
    start = _seconds(span.started_at)
    return start is not None and began <= start <= ended


def _span(label: str, kind: str, start: str | None, end: str | None, whole: tuple[float, float]) -> Bar:
    began, ended = whole
    length = max(ended - began, 0.001)
    first, last = _seconds(start) or began, _seconds(end) or ended
    width = max(_THINNEST, SCALE * (last - first) / length)
    left = min(max(0.0, SCALE * (first - began) / length), SCALE - width)
    return Bar(label, kind, round(left, 1), round(width, 1), round(last - first, 1))


def steps(seconds: dict[str, float]) -> list[Bar]:
    """Return the steps of a job one after the other."""
    whole = max(sum(seconds.values()), 0.001)
    rows, began = [], 0.0
    for label, took in seconds.items():
        width = max(_THINNEST, SCALE * took / whole)
        rows.append(Bar(label, "stage", round(min(SCALE * began / whole, SCALE - width), 1), round(width, 1), took))
        began += took
    return rows


def moments(snapshots: Snapshots) -> list[tuple[Bar, Snapshot]]:
    """Return each clone's instant within the spread of all of them, oldest first, beside the clone."""
    spread = snapshots.spread_seconds or 0
    dot = 12
    return [
        (
            Bar(
                clone.cluster,
                "moment",
                round((SCALE - dot) * clone.after_first_seconds / spread, 1) if spread else 0,
                dot,
                clone.after_first_seconds,
            ),
            clone,
        )
        for clone in sorted(snapshots.clones, key=lambda clone: clone.created_at)
    ]


def _seconds(moment: str | None) -> float | None:
    return dt.datetime.fromisoformat(moment).timestamp() if moment else None
