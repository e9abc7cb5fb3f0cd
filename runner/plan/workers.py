"""The workers of the Spark jobs, as the stack deployed them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runner.plan.account import Account

_SIZE = re.compile(r"(\d+) vCPU (\d+) GB (\d+) GB ([A-Z_]+)")
_AMOUNT = re.compile(r"\d+(\.\d+)?")
_BOUNDS = re.compile(r"(\d+) to (\d+)")
# A worker's memory is heap and overhead, 10 to 1.
_HEAP_PARTS, _WORKER_PARTS = 10, 11
_FREE_DISK_GB = 20
# https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/jobs-shuffle-optimized-disks.html
MOST_DISK_GB = {"STANDARD": 200, "SHUFFLE_OPTIMIZED": 2000}
# The GB of memory that a worker of so many vCPUs can have.
# https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/app-behavior.html#worker-configs
MEMORY_GB: Mapping[int, Sequence[int]] = {
    1: range(2, 9),
    2: range(4, 17),
    4: range(8, 31),
    8: range(16, 61, 4),
    16: range(32, 121, 8),
    32: (60, 120, 244),
}


@dataclass(frozen=True)
class Worker:
    """The size of a driver or an executor."""

    vcpu: int = 4
    memory_gb: int = 16
    disk_gb: int = 20
    disk_type: str = "STANDARD"

    @property
    def heap_gb(self) -> int:
        """Return the memory of the JVM's heap."""
        return self.memory_gb * _HEAP_PARTS // _WORKER_PARTS

    @property
    def billed_disk_gb(self) -> int:
        """Return the GB of disk that are paid for: the first 20 of a standard disk are free."""
        return self.disk_gb - (_FREE_DISK_GB if self.disk_type == "STANDARD" else 0)

    def with_heap(self, heap_gb: float) -> tuple[int, int] | None:
        """Return the vCPUs and the memory of the worker that has such a heap, None where there is none."""
        needed = math.ceil(heap_gb * _WORKER_PARTS / _HEAP_PARTS)
        for vcpu, sizes in MEMORY_GB.items():
            if vcpu >= self.vcpu and sizes[-1] >= needed:
                return vcpu, next(size for size in sizes if size >= needed)
        return None


@dataclass(frozen=True)
class Workers:
    """The driver and the executors of one job; None executors are not known."""

    driver: Worker = Worker()
    executor: Worker = Worker()
    executors: int | None = None

    @property
    def vcpu(self) -> int | None:
        """Return the vCPUs that run tasks."""
        return None if self.executors is None else self.executors * self.executor.vcpu

    @property
    def addresses(self) -> int | None:
        """Return how many addresses a job takes: one a worker."""
        return None if self.executors is None else self.executors + 1


def deployed_workers(account: Account) -> Workers:
    """Return the workers of a job, as the tags of the state machine say.

    A stack that was deployed before there were such tags has EMR Serverless's defaults.
    """
    driver, executor = (_worker(account.tags.get(f"migration:spark-{role}", "")) for role in ("driver", "executor"))
    bounds = _BOUNDS.fullmatch(account.tags.get("migration:spark-executors", ""))
    room = _room(driver, executor, (account.application or {}).get("maximumCapacity") or {})
    most = int(bounds[2]) if bounds else None
    known = [count for count in (most, room) if count is not None]
    return Workers(driver, executor, max(1, min(known)) if known else None)


def amount(text: object) -> int | None:
    """Return the number before a unit, as EMR Serverless writes it: 64 vCPU, 256 GB."""
    number = _AMOUNT.match(str(text or ""))
    return int(float(number[0])) if number else None


def _worker(tag: str) -> Worker:
    size = _SIZE.fullmatch(tag)
    return Worker(int(size[1]), int(size[2]), int(size[3]), size[4]) if size else Worker()


def _room(driver: Worker, executor: Worker, capacity: Mapping[str, str]) -> int | None:
    """Return how many executors the application's maximum capacity holds beside a driver."""
    sizes = (
        ("cpu", driver.vcpu, executor.vcpu),
        ("memory", driver.memory_gb, executor.memory_gb),
        ("disk", driver.disk_gb, executor.disk_gb),
    )
    held = [(most - ours) // theirs for name, ours, theirs in sizes if (most := amount(capacity.get(name))) is not None]
    return min(held) if held else None
