"""Checks of the stack's Spark workers against the needs of the jobs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from catalog.emr_workers import DISK_GB
from runner.labels import duration
from runner.plan.constants import load_constants
from runner.plan.model import Finding
from runner.plan.workload import GB, SourceLoad, TableLoad

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from catalog.models import Table
    from runner.account.lookups import Account
    from runner.account.spark_workers import Worker
    from runner.plan.model import JobPlan, Level, Read, TablePlan, Volume

# The bytes of a row, if only the volumes are known.
_BOUND_ROW_BYTES = 100


def table_loads(
    account: Account, reads: Sequence[Read], planned: Sequence[TablePlan], volumes: Sequence[Volume]
) -> list[TableLoad]:
    """Return each table's load on the jobs; unknown tables are bounded by the volumes, if these are known."""
    if all(read.rows is not None and read.bytes is not None for read in reads):
        files = {table.table: table.objects or 1 for table in planned}
        return [_load(table, reads, files[table.name]) for table in account.domain.selects]
    if any(volume.bytes is None for volume in volumes):
        return []
    return [_bound(account, volumes)]


def check_sizes(
    account: Account, jobs: Sequence[JobPlan], timed: Mapping[str, float], *, at_most: bool
) -> Iterator[Finding]:
    """Yield the jobs that lack disk, memory or time, with figures and the setting to change.

    `timed` are the seconds of jobs in earlier runs, which take precedence over the constants. If the needs are only a
    bound from the volumes, a shortage is a warning.
    """
    level: Level = "warns" if at_most else "fails"
    for job in jobs:
        yield from _check_disk(account, job, level)
        yield from _check_memory(account, job, "executor", job.heap_gb, level)
        yield from _check_memory(account, job, "driver", job.driver_heap_gb, level)
        yield from _check_time(account, job, timed.get(job.job), level)


def check_broadcasts(loads: Sequence[TableLoad]) -> Iterator[Finding]:
    """Fail on references that are too large to broadcast."""
    most = load_constants().design.broadcast_most_bytes
    for table in loads:
        if table.broadcast_bytes > most:
            yield Finding(
                "fails",
                f"references of {table.table}",
                f"{table.broadcast_bytes / GB:,.1f} GB would be sent to every executor; "
                f"Spark broadcasts at most {most / GB:,.1f} GB",
                "set broadcast: false for the largest of them in the catalog, and deploy",
            )


def _load(table: Table, reads: Sequence[Read], files: int) -> TableLoad:
    extracts = table.extracts
    references = [extract for name, extract in extracts.items() if name != table.driving.extract]
    return TableLoad(
        table=table.name,
        sources=tuple(
            SourceLoad(
                cluster=read.cluster,
                rows=read.rows or 0,
                bytes=read.bytes or 0,
                connections=extracts[read.extract].connections,
                drives=read.extract == table.driving.extract,
                broadcast=extracts[read.extract].broadcast and read.extract != table.driving.extract,
            )
            for read in reads
            if read.table == table.name
        ),
        files=files,
        attributes=sum(len(extract.columns) for extract in extracts.values()),
        has_latest=table.on_duplicate_key != "fail",
        shuffles_rows=bool(table.driving.group_by) or any(not extract.broadcast for extract in references),
    )


def _bound(account: Account, volumes: Sequence[Volume]) -> TableLoad:
    """Return a single load that bounds all tables: volumes of small rows with the widest table's attributes."""
    extracts = [extract for table in account.domain.selects for extract in table.extracts.values()]
    size = sum(volume.bytes or 0 for volume in volumes)
    measured, design = load_constants().measured, load_constants().design
    return TableLoad(
        table="all tables",
        sources=tuple(
            SourceLoad(
                cluster=volume.cluster,
                rows=(volume.bytes or 0) // _BOUND_ROW_BYTES,
                bytes=volume.bytes or 0,
                connections=max(extract.connections for extract in extracts),
                drives=True,
                broadcast=False,
            )
            for volume in volumes
        ),
        files=math.ceil(size * measured.item_bytes / design.file_bytes),
        attributes=max(len(extract.columns) for extract in extracts),
        has_latest=any(table.on_duplicate_key != "fail" for table in account.domain.selects),
        shuffles_rows=False,
    )


def _check_disk(account: Account, job: JobPlan, level: Level) -> Iterator[Finding]:
    worker = job.workers.executor
    if job.disk_gb is None or job.disk_gb <= worker.disk_gb:
        return
    needed = math.ceil(job.disk_gb)
    yield Finding(
        level,
        f"{job.job} job",
        f"{job.job} needs {needed:,} GB of disk per executor; the application has {worker.disk_gb:,} "
        f"({job.most_shuffle_bytes / GB:,.0f} GB shuffled at worst, over {job.workers.executors:,} executors)",
        _in_stack_file(account, _more_disk(needed, worker)),
    )


def _more_disk(needed: int, worker: Worker) -> str:
    if needed <= DISK_GB[worker.disk_type][1]:
        return f"set executorDiskGb to {needed}"
    if needed <= DISK_GB["SHUFFLE_OPTIMIZED"][1]:
        return f"set executorDiskType to SHUFFLE_OPTIMIZED and executorDiskGb to {needed}"
    return "raise maxExecutors and maxVcpu, over which the shuffle is spread"


def _check_memory(account: Account, job: JobPlan, role: str, heap_gb: float, level: Level) -> Iterator[Finding]:
    worker = job.workers.executor if role == "executor" else job.workers.driver
    if heap_gb <= worker.heap_gb:
        return
    size = worker.with_heap(heap_gb)
    if size is None:
        todo = "set broadcast: false for the largest references in the catalog, and deploy"
    else:
        vcpu, memory_gb = size
        larger = f"{role}Vcpu to {vcpu} and " if vcpu != worker.vcpu else ""
        todo = _in_stack_file(account, f"set {larger}{role}MemoryGb to {memory_gb}")
    yield Finding(
        level,
        f"{job.job} job",
        f"{job.job} needs {heap_gb:,.1f} GB of heap in its {role}; the application has {worker.heap_gb:,} "
        f"of {worker.memory_gb:,} GB of memory",
        todo,
    )


def _check_time(account: Account, job: JobPlan, timed: float | None, level: Level) -> Iterator[Finding]:
    most = account.domain.job_timeout_minutes * 60
    seconds = job.seconds if timed is None else timed
    if seconds is None or seconds <= most:
        return
    surely = timed is None and job.least_seconds is not None and job.least_seconds > most
    takes = duration(job.least_seconds if surely and job.least_seconds else seconds)
    yield Finding(
        level if surely else "warns",
        f"{job.job} job",
        f"{job.job} {'takes at least' if surely else 'may take'} {takes}; it is ended after {duration(most)}",
        f"raise job_timeout_minutes in catalog/domains/{account.request.domain}.yaml, connections of its extracts, or "
        f"maxVcpu in Pulumi.{account.environment.name}.yaml, and deploy",
    )


def _in_stack_file(account: Account, fix: str) -> str:
    return f"{fix} in Pulumi.{account.environment.name}.yaml, and deploy"
