"""The workers of the Spark jobs, as deployed."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog import emr_workers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.account.lookups import Account

_SIZE = re.compile(r"(\d+) vCPU (\d+) GB (\d+) GB ([A-Z_]+)")
_AMOUNT = re.compile(r"\d+(\.\d+)?")
_BOUNDS = re.compile(r"(\d+) to (\d+)")
_FREE_DISK_GB = 20


@dataclass(frozen=True)
class Worker:
    """The size of a driver or an executor."""

    vcpu: int = 4
    memory_gb: int = 16
    disk_gb: int = 20
    disk_type: str = "STANDARD"

    @property
    def heap_gb(self) -> int:
        """Return the size of the JVM's heap."""
        return emr_workers.heap_gb(self.memory_gb)

    @property
    def billed_disk_gb(self) -> int:
        """Return the billed GB of disk; the first 20 of a standard disk are free."""
        return self.disk_gb - (_FREE_DISK_GB if self.disk_type == "STANDARD" else 0)

    def with_heap(self, heap_gb: float) -> tuple[int, int] | None:
        """Return vCPUs and memory of the smallest worker with such a heap, or None."""
        needed = math.ceil(heap_gb * emr_workers.WORKER_PARTS / emr_workers.HEAP_PARTS)
        for vcpu, sizes in emr_workers.MEMORY_GB.items():
            if vcpu >= self.vcpu and sizes[-1] >= needed:
                return vcpu, next(size for size in sizes if size >= needed)
        return None


@dataclass(frozen=True)
class Workers:
    """The driver and the executors of one job; `executors` is None if unknown."""

    driver: Worker = Worker()
    executor: Worker = Worker()
    executors: int | None = None

    @property
    def vcpu(self) -> int | None:
        """Return the vCPUs that run tasks."""
        return None if self.executors is None else self.executors * self.executor.vcpu

    @property
    def addresses(self) -> int | None:
        """Return the addresses that a job takes: one per worker."""
        return None if self.executors is None else self.executors + 1


def deployed_workers(account: Account) -> Workers:
    """Return the workers of a job from the state machine's tags.

    A stack deployed before these tags existed has EMR Serverless's defaults.
    """
    driver, executor = (_worker(account.tags.get(f"migration:spark-{role}", "")) for role in ("driver", "executor"))
    bounds = _BOUNDS.fullmatch(account.tags.get("migration:spark-executors", ""))
    room = _room(driver, executor, (account.application or {}).get("maximumCapacity") or {})
    most = int(bounds[2]) if bounds else None
    known = [count for count in (most, room) if count is not None]
    return Workers(driver, executor, max(1, min(known)) if known else None)


def amount(text: object) -> int | None:
    """Return the number of an EMR Serverless amount like 64 vCPU or 256 GB."""
    number = _AMOUNT.match(str(text or ""))
    return int(float(number[0])) if number else None


def _worker(tag: str) -> Worker:
    size = _SIZE.fullmatch(tag)
    return Worker(int(size[1]), int(size[2]), int(size[3]), size[4]) if size else Worker()


def _room(driver: Worker, executor: Worker, capacity: Mapping[str, str]) -> int | None:
    """Return the number of executors that fit into the maximum capacity with a driver."""
    sizes = (
        ("cpu", driver.vcpu, executor.vcpu),
        ("memory", driver.memory_gb, executor.memory_gb),
        ("disk", driver.disk_gb, executor.disk_gb),
    )
    held = [(most - ours) // theirs for name, ours, theirs in sizes if (most := amount(capacity.get(name))) is not None]
    return min(held) if held else None
