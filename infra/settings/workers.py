"""The workers and the capacity of the Spark application, as a stack file sets them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.emr_workers import DISK_GB, MEMORY_GB
from statemachine.workers import Worker, Workers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.settings.stack_file import StackFile

KEYS = (
    *(f"{role}{size}" for role in ("driver", "executor") for size in ("Vcpu", "MemoryGb", "DiskGb", "DiskType")),
    *(f"{bound}Executors" for bound in ("min", "max")),
    *(f"max{size}" for size in ("Vcpu", "MemoryGb", "DiskGb")),
)
_MOST_VCPU, _MOST_MEMORY_GB, _MOST_DISK_GB = 4000, 32_000, 8_000_000
_MOST_EXECUTORS = 2000
# With fewer at most, EMR Serverless refuses the job: it begins with three.
# https://github.com/aws-samples/aws-emr-utilities/pull/175
FEWEST_EXECUTORS = 3
_SIZES = (
    ("vcpu", "vCPUs", "maxVcpu"),
    ("memory_gb", "GB of memory", "maxMemoryGb"),
    ("disk_gb", "GB of disk", "maxDiskGb"),
)


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """The most that all workers of the application may have together."""

    vcpu: int
    memory_gb: int
    disk_gb: int


def read_workers(file: StackFile, jobs_at_once: int) -> tuple[Workers, Capacity]:
    """Return the workers of a job, and the application's maximum capacity.

    What the file leaves out, or sets to 0, follows from the rest: memory and disk from `maxVcpu`, in the workers' own
    proportions, and the most executors from the capacity: each other job at once keeps a driver and an executor.

    Raises:
        SettingsError: EMR Serverless has no such worker, or the capacity does not hold a job's workers.
    """
    defaults = Workers()
    driver, executor = _worker(file, "driver", defaults.driver), _worker(file, "executor", defaults.executor)
    vcpu = file.count("maxVcpu", 64, most=_MOST_VCPU)
    both = (driver, executor)
    memory_gb = max(-(-vcpu * worker.memory_gb // worker.vcpu) for worker in both)
    disk_gb = max(-(-vcpu * worker.disk_gb // worker.vcpu) for worker in both)
    capacity = Capacity(
        vcpu=vcpu,
        memory_gb=file.count("maxMemoryGb", 0, least=0, most=_MOST_MEMORY_GB) or memory_gb,
        disk_gb=file.count("maxDiskGb", 0, least=0, most=_MOST_DISK_GB) or disk_gb,
    )
    room = _room(file, driver, executor, capacity)
    most = file.count("maxExecutors", 0, least=0, most=_MOST_EXECUTORS)
    most = most or max(FEWEST_EXECUTORS, executors(driver, executor, capacity, jobs_at_once))
    if most < FEWEST_EXECUTORS:
        raise file.error("maxExecutors", f"is {most}; EMR Serverless begins a job with {FEWEST_EXECUTORS}")
    if most > max(FEWEST_EXECUTORS, room):
        what, key = _tightest(driver, executor, capacity)
        raise file.error("maxExecutors", f"is {most}; beside a driver, the {what} of {key} hold {room} executors")
    least = file.count("minExecutors", min(defaults.min_executors, most), most=most)
    return Workers(driver=driver, executor=executor, min_executors=least, max_executors=most), capacity


def executors(driver: Worker, executor: Worker, capacity: Capacity, jobs_at_once: int) -> int:
    """Return how many executors a job may have, so that other jobs get a driver and an executor each.

    A job that gets no executor in 20 minutes fails.
    """
    others = jobs_at_once - 1
    left = [
        getattr(capacity, size) - (getattr(driver, size) + getattr(executor, size)) * others for size, _, _ in _SIZES
    ]
    room = Capacity(vcpu=left[0], memory_gb=left[1], disk_gb=left[2])
    return min(_holds(driver, executor, room, size) for size, _, _ in _SIZES)


def _worker(file: StackFile, role: str, default: Worker) -> Worker:
    vcpu = file.count_of(f"{role}Vcpu", default.vcpu, tuple(MEMORY_GB))
    sizes = MEMORY_GB[vcpu]
    # About as much memory per vCPU as the default has.
    usual = min(sizes, key=lambda size: abs(size - default.memory_gb * vcpu // default.vcpu))
    memory_gb = file.count(f"{role}MemoryGb", 0, least=0, most=_MOST_MEMORY_GB) or usual
    if memory_gb not in sizes:
        raise file.error(f"{role}MemoryGb", f"is {memory_gb}; a worker of {vcpu} vCPU has {_choice(sizes)} GB")
    disk_type = file.one_of(f"{role}DiskType", tuple(DISK_GB))
    least, most = DISK_GB[disk_type]
    disk_gb = file.count(f"{role}DiskGb", default.disk_gb, most=_MOST_DISK_GB)
    if not least <= disk_gb <= most:
        larger = f"; {role}DiskType SHUFFLE_OPTIMIZED has up to {DISK_GB['SHUFFLE_OPTIMIZED'][1]}"
        more = larger if disk_type == "STANDARD" and disk_gb > most else ""
        raise file.error(f"{role}DiskGb", f"is {disk_gb}; a {disk_type} disk has {least} to {most} GB{more}")
    return Worker(vcpu=vcpu, memory_gb=memory_gb, disk_gb=disk_gb, disk_type=disk_type)


def _choice(sizes: Sequence[int]) -> str:
    if not isinstance(sizes, range):
        return " or ".join(map(str, sizes))
    steps = f" in steps of {sizes.step}" if sizes.step > 1 else ""
    return f"{sizes[0]} to {sizes[-1]}{steps}"


def _room(file: StackFile, driver: Worker, executor: Worker, capacity: Capacity) -> int:
    """Return how many executors the capacity holds beside a driver."""
    for size, what, key in _SIZES:
        needed, there = getattr(driver, size) + getattr(executor, size), getattr(capacity, size)
        if needed > there:
            raise file.error(key, f"is {there}; a driver and one executor need {needed} {what}")
    return min(_MOST_EXECUTORS, *(_holds(driver, executor, capacity, size) for size, _, _ in _SIZES))


def _tightest(driver: Worker, executor: Worker, capacity: Capacity) -> tuple[str, str]:
    size, what, key = min(_SIZES, key=lambda entry: _holds(driver, executor, capacity, entry[0]))
    return f"{getattr(capacity, size)} {what}", key


def _holds(driver: Worker, executor: Worker, capacity: Capacity, size: str) -> int:
    return int((getattr(capacity, size) - getattr(driver, size)) // getattr(executor, size))
