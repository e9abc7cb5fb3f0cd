"""Rows and bytes of a job's stages per table and cluster: landed, under way and expected."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Optional

from migration_spark.progress_stage import ClusterProgress, ExpectedProgress, Stage, entry, together

if TYPE_CHECKING:
    from migration_spark.spark_status import Work

    Moved = dict[Work, tuple[int, int]]


class Counts:
    """Counts of all tables' stages in a job; any thread may call the methods."""

    def __init__(self) -> None:
        self._stages: dict[tuple[str, str], Stage] = {}
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
        """Set the rows and bytes of a cluster that a stage will move; an estimate never replaces an exact count."""
        with self._lock:
            expected = self._counted(table, stage, cluster).expected
            if self._stages[table, stage].ended:
                return  # an audit's callback may run after the stage has ended
            if exact or extract not in expected or not expected[extract].exact:
                expected[extract] = ExpectedProgress(rows, size, exact)

    def add(self, table: str, stage: str, cluster: str, rows: int = 0, size: int = 0, *, extract: str = "") -> None:
        """Add landed rows and bytes, such as a split's."""
        with self._lock:
            landed = self._counted(table, stage, cluster).landed
            before = landed.get(extract, (0, 0))
            landed[extract] = before[0] + rows, before[1] + size

    def end(self, table: str, stage: str) -> None:
        """End a stage of a table: its counts become the expected ones."""
        with self._lock:
            ending = self._stages.setdefault((table, stage), Stage())
            ending.ended = True
            for counted in ending.clusters.values():
                counted.expected = {"": ExpectedProgress(counted.rows, counted.bytes, exact=True)}

    def complete(self, table: str, stage: str) -> None:
        """Count everything expected as landed, and end the stage."""
        with self._lock:
            for counted in self._stages.setdefault((table, stage), Stage()).clusters.values():
                expected = together([counted])
                counted.landed = {"": (expected.rows or counted.rows, expected.bytes or counted.bytes)}
        self.end(table, stage)

    def document(self, names: list[str], moved: Moved) -> dict[str, Any]:
        """Return the tables' part of the document; `moved` are the rows and bytes under way."""
        with self._lock:
            for work in moved:
                self._counted(work.table, work.stage, work.cluster)
            tables: dict[str, Any] = {name: {} for name in names}
            for (table, kind), stage in self._stages.items():
                more = {work.cluster: what for work, what in moved.items() if (work.table, work.stage) == (table, kind)}
                tables.setdefault(table, {})[kind] = entry(stage, more)
            return tables

    def _counted(self, table: str, stage: str, cluster: str) -> ClusterProgress:
        return self._stages.setdefault((table, stage), Stage()).clusters.setdefault(cluster, ClusterProgress())
