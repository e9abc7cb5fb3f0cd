"""Rows and bytes of a job's stages, per table and cluster: what has landed, what is under way, out of how many."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Optional

if TYPE_CHECKING:
    from migration_spark.spark_status import Work

    Moved = dict[Work, tuple[int, int]]

_RATE_SECONDS = 60


@dataclass
class _Expected:
    rows: Optional[int]
    bytes: Optional[int]
    exact: bool


@dataclass
class _Counted:
    rows: int = 0
    bytes: int = 0
    expected: dict[str, _Expected] = field(default_factory=dict)  # by extract


@dataclass
class _Stage:
    """One stage of one table, by cluster; under "" what is of no cluster alone."""

    clusters: dict[str, _Counted] = field(default_factory=dict)
    ended: bool = False
    shown: dict[str, tuple[int, int]] = field(default_factory=dict)  # progress never goes back
    recent: deque[tuple[float, int]] = field(default_factory=deque)  # seconds of a clock, rows


class Counts:
    """The stages of all tables of a job; every method may be called from any thread."""

    def __init__(self) -> None:
        self._stages: dict[tuple[str, str], _Stage] = {}
        self._lock = threading.Lock()

    def expect(
        self,
        table: str,
        stage: str,
        cluster: str,
        rows: Optional[int],
        size: Optional[int] = None,
        *,
        extract: str = "",
        exact: bool = True,
    ) -> None:
        """Say how many rows and bytes of a cluster a stage will move; an estimate never replaces an exact count."""
        with self._lock:
            expected = self._counted(table, stage, cluster).expected
            if exact or extract not in expected or not expected[extract].exact:
                expected[extract] = _Expected(rows, size, exact)

    def add(self, table: str, stage: str, cluster: str, rows: int = 0, size: int = 0) -> None:
        """Count what has landed."""
        with self._lock:
            counted = self._counted(table, stage, cluster)
            counted.rows += rows
            counted.bytes += size

    def end(self, table: str, stage: str) -> None:
        """Say that a stage of a table is over: what was counted is all."""
        with self._lock:
            found = self._stages.setdefault((table, stage), _Stage())
            found.ended = True
            for counted in found.clusters.values():
                counted.expected = {"": _Expected(counted.rows, counted.bytes, exact=True)}

    def complete(self, table: str, stage: str) -> None:
        """Say that all that was expected has landed."""
        with self._lock:
            for counted in self._stages.setdefault((table, stage), _Stage()).clusters.values():
                expected = _together([counted])
                counted.rows, counted.bytes = expected.rows or counted.rows, expected.bytes or counted.bytes
        self.end(table, stage)

    def document(self, names: list[str], moved: Moved) -> dict[str, Any]:
        """Return the tables' part of the document; `moved` is under way."""
        with self._lock:
            for work in moved:
                self._counted(work.table, work.stage, work.cluster)
            tables: dict[str, Any] = {name: {} for name in names}
            for (table, kind), stage in self._stages.items():
                more = {work.cluster: what for work, what in moved.items() if (work.table, work.stage) == (table, kind)}
                tables.setdefault(table, {})[kind] = _entry(stage, more)
            return tables

    def _counted(self, table: str, stage: str, cluster: str) -> _Counted:
        return self._stages.setdefault((table, stage), _Stage()).clusters.setdefault(cluster, _Counted())


def _entry(stage: _Stage, moved: dict[str, tuple[int, int]]) -> dict[str, Any]:
    """Return a stage's entry; rows under way have the bytes of an average row where Spark knows none."""
    whole = _together(list(stage.clusters.values()))
    row_bytes = whole.bytes / whole.rows if whole.rows and whole.bytes else 0.0
    rows = size = 0
    clusters = {}
    for name, counted in stage.clusters.items():
        more_rows, more_bytes = moved.get(name, (0, 0))
        here, here_bytes = counted.rows + more_rows, counted.bytes + (more_bytes or round(more_rows * row_bytes))
        rows, size = rows + here, size + here_bytes
        if name:
            clusters[name] = _figures(stage, name, (here, here_bytes), _together([counted]))
    figures = _figures(stage, "", (rows, size), whole)
    return {
        **figures,
        "rowsPerSecond": None if stage.ended else _rows_per_second(stage.recent, figures["rows"]),
        "ended": stage.ended,
        "clusters": clusters,
    }


def _figures(stage: _Stage, cluster: str, moved: tuple[int, int], expected: _Expected) -> dict[str, Any]:
    """Return rows and bytes: never fewer than before, nor more than there are, since a stage may read some again."""
    before = stage.shown.get(cluster, (0, 0))
    rows, size = max(moved[0], before[0]), max(moved[1], before[1])
    if expected.exact and expected.rows is not None:
        rows = min(rows, expected.rows)
    if expected.exact and expected.bytes is not None:
        size = min(size, expected.bytes)
    stage.shown[cluster] = rows, size
    return {
        "rows": rows,
        "bytes": size,
        "expectedRows": expected.rows,
        "expectedBytes": expected.bytes,
        "exact": expected.exact,
    }


def _together(counted: list[_Counted]) -> _Expected:
    """Return what is expected of several clusters; it is not known where it is not known of one."""
    parts = [expected for one in counted for expected in one.expected.values()]
    rows, sizes = [part.rows for part in parts], [part.bytes for part in parts]
    return _Expected(
        sum(row for row in rows if row is not None) if rows and None not in rows else None,
        sum(size for size in sizes if size is not None) if sizes and None not in sizes else None,
        bool(parts) and all(part.exact for part in parts),
    )


def _rows_per_second(recent: deque[tuple[float, int]], rows: int) -> Optional[float]:
    """Return the rows a second over the last minute, or None before the second look."""
    now = time.monotonic()
    recent.append((now, rows))
    while len(recent) > 2 and recent[1][0] <= now - _RATE_SECONDS:  # noqa: PLR2004 - a beginning and an end
        recent.popleft()
    began, before = recent[0]
    return round((rows - before) / (now - began), 1) if now > began else None
