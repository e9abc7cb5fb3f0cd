"""Workload of the two Spark jobs: splits, tasks, shuffle, disk, memory and time, from rows and bytes.

Disk and memory are of the worst run: Bootstrap finds duplicate keys, and Compare a difference in every bucket.
Times are of a run without differences.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.plan.model import JobPlan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.account.spark_workers import Workers
    from runner.plan.constants import Constants, Work

GB = 10**9
_SHUFFLE_PARTITION_BYTES = 128 * 1024 * 1024
_MAP_STATUS_PARTITIONS = 2000  # a finished task's status has a byte for each; above this number, Spark writes bitmaps


@dataclass(frozen=True)
class SourceLoad:
    """One extract of one cluster."""

    cluster: str
    rows: int
    bytes: int
    connections: int
    drives: bool
    broadcast: bool


@dataclass(frozen=True)
class TableLoad:
    """The load of one table on the jobs."""

    table: str
    sources: tuple[SourceLoad, ...]
    files: int  # of its items
    attributes: int
    has_latest: bool
    shuffles_rows: bool  # by a GROUP BY, or by a join with a reference that is not broadcast

    @property
    def rows(self) -> int:
        """Return the rows that become items."""
        return sum(source.rows for source in self.sources if source.drives)

    @property
    def bytes(self) -> int:
        """Return the bytes of all column values."""
        return sum(source.bytes for source in self.sources)

    @property
    def broadcast_bytes(self) -> int:
        """Return the bytes of the broadcast references, which every executor holds."""
        return sum(source.bytes for source in self.sources if source.broadcast)


def jobs(tables: Sequence[TableLoad], workers: Workers, constants: Constants) -> list[JobPlan]:
    """Return the plans of Bootstrap and Compare."""
    work = constants.measured.microseconds
    shuffle, equal_bytes = constants.measured.shuffle_bytes, constants.design.equal_shuffle_bytes
    rows, size = sum(table.rows for table in tables), sum(table.bytes for table in tables)
    whole = sum(table.bytes for table in tables if table.shuffles_rows) * shuffle.value
    ranked = sum(table.rows for table in tables if table.has_latest) * shuffle.rank
    unranked = sum(table.rows for table in tables if not table.has_latest)
    different = sum(2 * table.rows * (shuffle.difference + table.attributes * shuffle.attribute) for table in tables)
    made = _Jobs(tables, workers, constants)
    return [
        made.job(
            "Bootstrap",
            shuffled=whole + ranked + unranked * shuffle.key,
            most=whole + ranked + unranked * (shuffle.key + shuffle.rank),
            read=work.read,
            written=work.write.seconds(rows, size),
        ),
        made.job(
            "Compare",
            shuffled=whole + 2 * rows * equal_bytes,
            most=whole + 2 * rows * equal_bytes + different,
            read=work.compare,
            written=0.0,
        ),
    ]


def splits(source: SourceLoad, constants: Constants) -> int:
    """Return the number of splits of a source."""
    design = constants.design
    return max(1, math.ceil(source.bytes / design.split_bytes), math.ceil(source.rows / design.split_rows))


class _Jobs:
    """The figures that both jobs share."""

    def __init__(self, tables: Sequence[TableLoad], workers: Workers, constants: Constants) -> None:
        self._workers = workers
        self._measured, self._design = constants.measured, constants.design
        self._sources = [source for table in tables for source in table.sources]
        self._splits = sum(splits(source, constants) for source in self._sources)
        self._files = sum(table.files for table in tables)
        self._broadcast = sum(table.broadcast_bytes for table in tables) * self._design.broadcast_heap

    def job(self, name: str, *, shuffled: float, most: float, read: Work, written: float) -> JobPlan:
        """Return the plan of a job from its usual and its worst shuffle.

        `read` is the work that waits for the databases, and `written` the vCPU-seconds of the rest.
        """
        partitions = math.ceil(most / _SHUFFLE_PARTITION_BYTES)
        tasks = self._splits + self._files + partitions
        executors, executor = self._workers.executors, self._workers.executor
        disk = None
        if executors is not None:
            disk = most / executors / GB * self._design.disk_spare + self._design.disk_base_gb
        caution, start = self._design.caution, self._design.job_start_seconds
        reading, readers = self._reading(read)
        seconds = reading + self._spread(written)
        driver = (start + seconds * caution) * self._workers.driver.vcpu
        return JobPlan(
            job=name,
            splits=self._splits,
            tasks=tasks,
            shuffle_bytes=round(shuffled),
            most_shuffle_bytes=round(most),
            workers=self._workers,
            disk_gb=disk,
            heap_gb=executor.vcpu * self._design.task_heap_gb + self._broadcast / GB,
            driver_heap_gb=self._driver(tasks, partitions),
            seconds=None if executors is None else start + seconds * caution,
            least_seconds=None if executors is None else start + seconds,
            vcpu_seconds=(reading * readers + written) * caution + driver,
        )

    def _reading(self, work: Work) -> tuple[float, int]:
        """Return the seconds of reading all sources, and the vCPUs in use.

        The slowest clone or the processors decide.
        """
        rows, sizes, connections = (defaultdict[str, int](int) for _ in range(3))
        for source in self._sources:
            rows[source.cluster] += source.rows
            sizes[source.cluster] += source.bytes
            connections[source.cluster] = max(connections[source.cluster], source.connections)
        rate = self._measured.connection_megabytes_per_second * 1e6
        slowest = max((size / rate / connections[cluster] for cluster, size in sizes.items()), default=0.0)
        readers = min(self._workers.vcpu or 1, max(1, sum(connections.values())))
        return max(slowest, work.seconds(sum(rows.values()), sum(sizes.values())) / readers), readers

    def _spread(self, vcpu_seconds: float) -> float:
        return vcpu_seconds / (self._workers.vcpu or 1)

    def _driver(self, tasks: int, partitions: int) -> float:
        kept = min(tasks, self._design.driver_most_tasks) * self._measured.driver_task_bytes
        statuses = (self._splits + self._files) * min(partitions, _MAP_STATUS_PARTITIONS)
        return self._design.driver_base_gb + (kept + statuses + self._broadcast) / GB
