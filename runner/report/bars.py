"""Where the page's bars begin and end: every picture is a table whose middle column is drawn to one scale."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, NamedTuple

from runner.labels import BAD_CLASSES, COUNTS, NOT_ITEMS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

SCALE = 1000  # units of a bar's width
_THINNEST = 4
Document = dict[str, Any]


class Bar(NamedTuple):
    """One row of a picture: `kind` is how it is drawn, `start` and `width` are in units of SCALE."""

    label: str
    kind: str  # stage, less, bad, unknown; or a phase's outcome
    start: float
    width: float
    value: Any


def chain(counts: Document, skipped: Sequence[str] = ()) -> list[Bar]:
    """Return a table's counts from the rows read to what matched, and what each step lost; without skipped steps."""
    most = max((count for count in counts.values() if count), default=0)
    return [_bar(row, most) for row in _chain_rows(counts, skipped)]


def _chain_rows(counts: Document, skipped: Sequence[str]) -> Iterator[tuple[str, str, int | None, int]]:
    """Yield label, kind, count, and the count that the bar ends at."""
    for name, label in COUNTS.items():
        if name in skipped:
            continue
        if name == "items":
            yield from _losses(counts, NOT_ITEMS, "less", counts["rowsRead"])
        yield label, "unknown" if counts[name] is None else "stage", counts[name], counts[name] or 0
    yield from _losses(counts, {"expired": "expired"}, "less", counts["compared"])
    left = (counts["compared"] or 0) - (counts["expired"] or 0)
    yield from _losses(counts, {name: name for name in BAD_CLASSES}, "bad", left)
    yield "matched", "unknown" if counts["matched"] is None else "stage", counts["matched"], counts["matched"] or 0


def _losses(
    counts: Document, names: dict[str, str], kind: str, left: int | None
) -> Iterator[tuple[str, str, int | None, int]]:
    end = left or 0
    for name, label in names.items():
        if counts[name]:
            yield label, kind, counts[name], end
            end -= counts[name]


def _bar(row: tuple[str, str, int | None, int], most: int) -> Bar:
    label, kind, count, end = row
    if not count or not most:
        return Bar(label, kind, 0, 0, count)
    width = max(_THINNEST, SCALE * count / most)
    start = max(0.0, SCALE * end / most - width)
    return Bar(label, kind, round(start, 1), round(width, 1), count)


def timeline(attempt: Document, tables: Iterable[Document], now: str) -> list[Bar]:
    """Return an attempt's phases, and within the phase Tables each import and export that began in it."""
    began, ended = _seconds(attempt["startedAt"]), _seconds(attempt["endedAt"] or now)
    phases = attempt["phases"]
    if began is None or ended is None:
        return []
    rows = []
    for phase in phases:
        rows.append(_span(phase["name"], phase["outcome"], phase["startedAt"], phase["endedAt"], (began, ended)))
        if phase["name"] == "Tables":
            rows += [
                _span(f"{table['name']}: {what}", "part", span["startedAt"], span["endedAt"], (began, ended))
                for table in tables
                for what in ("import", "export")
                if (span := table[what]) and _within(span, began, ended)
            ]
    return rows


def _within(span: Document, began: float, ended: float) -> bool:
    start = _seconds(span["startedAt"])
    return start is not None and began <= start <= ended


def _span(label: str, kind: str, start: str, end: str | None, whole: tuple[float, float]) -> Bar:
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


def moments(snapshots: Document) -> list[Bar]:
    """Return each clone's moment within the spread of all of them."""
    spread = snapshots["spreadSeconds"] or 0
    dot = 12
    return [
        Bar(
            clone["cluster"],
            "moment",
            round((SCALE - dot) * clone["afterFirstSeconds"] / spread, 1) if spread else 0,
            dot,
            clone,
        )
        for clone in sorted(snapshots["clones"], key=lambda clone: clone["createdAt"])
    ]


def _seconds(moment: str | None) -> float | None:
    return dt.datetime.fromisoformat(moment).timestamp() if moment else None
