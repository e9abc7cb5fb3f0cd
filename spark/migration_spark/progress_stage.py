"""A stage of a table in the progress document: rows landed and under way."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Optional

_RATE_SECONDS = 60


@dataclass
class ExpectedProgress:
    """Expected rows and bytes of an extract, or of all extracts."""

    rows: Optional[int]
    bytes: Optional[int]
    exact: bool


@dataclass
class ClusterProgress:
    """Landed and expected rows and bytes of a cluster."""

    landed: dict[str, tuple[int, int]] = field(default_factory=dict)  # rows and bytes by extract
    expected: dict[str, ExpectedProgress] = field(default_factory=dict)  # by extract

    @property
    def rows(self) -> int:
        """Return the rows that have landed."""
        return sum(rows for rows, _ in self.landed.values())

    @property
    def bytes(self) -> int:
        """Return the bytes that have landed."""
        return sum(size for _, size in self.landed.values())


@dataclass
class Stage:
    """A stage of a table by cluster; "" holds the counts that belong to no single cluster."""

    clusters: dict[str, ClusterProgress] = field(default_factory=dict)
    ended: bool = False
    shown: dict[str, tuple[int, int]] = field(default_factory=dict)  # progress never goes back
    recent: deque[tuple[float, int]] = field(default_factory=deque)  # seconds of a clock, rows


def entry(stage: Stage, moved: dict[str, tuple[int, int]]) -> dict[str, Any]:
    """Return a stage's entry; rows under way count with an average row's bytes if Spark knows no bytes."""
    whole = together(list(stage.clusters.values()))
    row_bytes = whole.bytes / whole.rows if whole.rows and whole.bytes else 0.0
    rows = size = 0
    clusters = {}
    for name, counted in stage.clusters.items():
        more_rows, more_bytes = moved.get(name, (0, 0))
        here, here_bytes = counted.rows + more_rows, counted.bytes + (more_bytes or round(more_rows * row_bytes))
        rows, size = rows + here, size + here_bytes
        if name:
            clusters[name] = _figures(stage, name, (here, here_bytes), together([counted]))
    figures = _figures(stage, "", (rows, size), whole)
    return {
        **figures,
        "rowsPerSecond": None if stage.ended else _rows_per_second(stage.recent, figures["rows"]),
        "ended": stage.ended,
        "clusters": clusters,
    }


def _figures(stage: Stage, cluster: str, moved: tuple[int, int], expected: ExpectedProgress) -> dict[str, Any]:
    """Return rows and bytes, never below earlier figures nor above exact totals, since a stage may read rows twice."""
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


def together(counted: list[ClusterProgress]) -> ExpectedProgress:
    """Return the sums expected of several clusters; None if any cluster's is unknown."""
    parts = [expected for cluster in counted for expected in cluster.expected.values()]
    rows, sizes = [part.rows for part in parts], [part.bytes for part in parts]
    return ExpectedProgress(
        sum(row for row in rows if row is not None) if rows and None not in rows else None,
        sum(size for size in sizes if size is not None) if sizes and None not in sizes else None,
        bool(parts) and all(part.exact for part in parts),
    )


def _rows_per_second(recent: deque[tuple[float, int]], rows: int) -> Optional[float]:
    """Return the rows per second over the last minute, or None on the first call."""
    now = time.monotonic()
    recent.append((now, rows))
    while len(recent) > 2 and recent[1][0] <= now - _RATE_SECONDS:  # noqa: PLR2004 - a beginning and an end
        recent.popleft()
    began, before = recent[0]
    return round((rows - before) / (now - began), 1) if now > began else None
