"""Workers and capacity of the Spark application, derived from the settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.emr_workers import DISK_GB, MEMORY_GB
from infra.settings.kinds import MOST_EXECUTORS
from infra.settings.values import SettingProblemError
from statemachine.workers import Worker, Workers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.settings.model import Settings

# EMR Serverless starts a job with three executors, and rejects a lower maximum.
# https://github.com/aws-samples/aws-emr-utilities/pull/175
FEWEST_EXECUTORS = 3
_SIZES = (
    ("vcpu", "vCPUs", "maxVcpu"),
    ("memory_gb", "GB of memory", "maxMemoryGb"),
    ("disk_gb", "GB of disk", "maxDiskGb"),
)


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """The maximum capacity of all workers of the application together."""

    vcpu: int
    memory_gb: int
    disk_gb: int


def capacity_of(settings: Settings) -> Capacity:
    """Return the application's maximum capacity.

    If the file sets memory or disk to 0, it follows from `maxVcpu` in the workers' proportions.

    Raises:
        SettingProblemError: EMR Serverless has no such worker.
    """
    vcpu = settings.max_vcpu
    pair = (_driver(settings), _executor(settings))
    return Capacity(
        vcpu=vcpu,
        memory_gb=settings.max_memory_gb or max(-(-vcpu * worker.memory_gb // worker.vcpu) for worker in pair),
        disk_gb=settings.max_disk_gb or max(-(-vcpu * worker.disk_gb // worker.vcpu) for worker in pair),
    )


def workers_of(settings: Settings) -> Workers:
    """Return the workers of a job.

    If the file sets the most executors to 0, they follow from the capacity: each concurrent job keeps a driver and an
    executor.

    Raises:
        SettingProblemError: EMR Serverless has no such worker, or the capacity is too small for a job's workers.
    """
    driver, executor, capacity = _driver(settings), _executor(settings), capacity_of(settings)
    room = _room(driver, executor, capacity)
    most = settings.max_executors
    most = most or max(FEWEST_EXECUTORS, executors(driver, executor, capacity, settings.max_concurrent_jobs))
    if most < FEWEST_EXECUTORS:
        raise SettingProblemError("maxExecutors", f"is {most}; EMR Serverless begins a job with {FEWEST_EXECUTORS}")
    if most > max(FEWEST_EXECUTORS, room):
        amount, key = _tightest(driver, executor, capacity)
        problem = f"is {most}; beside a driver, the {amount} of {key} hold {room} executors"
        raise SettingProblemError("maxExecutors", problem)
    least = settings.min_executors
    if least > most:
        raise SettingProblemError("minExecutors", f"is '{least}'; it must be 1 to {most}")
    return Workers(driver=driver, executor=executor, min_executors=least, max_executors=most)


def executors(driver: Worker, executor: Worker, capacity: Capacity, jobs_at_once: int) -> int:
    """Return the most executors of a job that leave every other job a driver and an executor.

    A job that gets no executor in 20 minutes fails.
    """
    others = jobs_at_once - 1
    left = [
        getattr(capacity, size) - (getattr(driver, size) + getattr(executor, size)) * others for size, _, _ in _SIZES
    ]
    room = Capacity(vcpu=left[0], memory_gb=left[1], disk_gb=left[2])
    return min(_holds(driver, executor, room, size) for size, _, _ in _SIZES)


def _driver(settings: Settings) -> Worker:
    return _worker(
        "driver",
        settings.driver_vcpu,
        settings.driver_memory_gb,
        settings.driver_disk_gb,
        settings.driver_disk_type,
        Workers().driver,
    )


def _executor(settings: Settings) -> Worker:
    return _worker(
        "executor",
        settings.executor_vcpu,
        settings.executor_memory_gb,
        settings.executor_disk_gb,
        settings.executor_disk_type,
        Workers().executor,
    )


def _worker(role: str, vcpu: int, memory_gb: int, disk_gb: int, disk_type: str, default: Worker) -> Worker:  # noqa: PLR0917 - a worker's sizes in their usual order
    sizes = MEMORY_GB[vcpu]
    # About the memory per vCPU of the default.
    usual = min(sizes, key=lambda size: abs(size - default.memory_gb * vcpu // default.vcpu))
    memory_gb = memory_gb or usual
    if memory_gb not in sizes:
        problem = f"is {memory_gb}; a worker of {vcpu} vCPU has {_choice(sizes)} GB"
        raise SettingProblemError(f"{role}MemoryGb", problem)
    least, most = DISK_GB[disk_type]
    if not least <= disk_gb <= most:
        larger = f"; {role}DiskType SHUFFLE_OPTIMIZED has up to {DISK_GB['SHUFFLE_OPTIMIZED'][1]}"
        more = larger if disk_type == "STANDARD" and disk_gb > most else ""
        problem = f"is {disk_gb}; a {disk_type} disk has {least} to {most} GB{more}"
        raise SettingProblemError(f"{role}DiskGb", problem)
    return Worker(vcpu=vcpu, memory_gb=memory_gb, disk_gb=disk_gb, disk_type=disk_type)


def _choice(sizes: Sequence[int]) -> str:
    if not isinstance(sizes, range):
        return " or ".join(map(str, sizes))
    steps = f" in steps of {sizes.step}" if sizes.step > 1 else ""
    return f"{sizes[0]} to {sizes[-1]}{steps}"


def _room(driver: Worker, executor: Worker, capacity: Capacity) -> int:
    """Return the number of executors that fit into the capacity with a driver."""
    for size, unit, key in _SIZES:
        needed, available = getattr(driver, size) + getattr(executor, size), getattr(capacity, size)
        if needed > available:
            raise SettingProblemError(key, f"is {available}; a driver and one executor need {needed} {unit}")
    return min(MOST_EXECUTORS, *(_holds(driver, executor, capacity, size) for size, _, _ in _SIZES))


def _tightest(driver: Worker, executor: Worker, capacity: Capacity) -> tuple[str, str]:
    size, unit, key = min(_SIZES, key=lambda entry: _holds(driver, executor, capacity, entry[0]))
    return f"{getattr(capacity, size)} {unit}", key


def _holds(driver: Worker, executor: Worker, capacity: Capacity, size: str) -> int:
    return int((getattr(capacity, size) - getattr(driver, size)) // getattr(executor, size))
