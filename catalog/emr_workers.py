"""Worker sizes of EMR Serverless: a stack file chooses one, and the plan of a run advises one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
# The least and the most GB of disk, by type. Shuffle-optimized disks need release 7.1.0.
# https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/jobs-shuffle-optimized-disks.html
DISK_GB = {"STANDARD": (20, 200), "SHUFFLE_OPTIMIZED": (20, 2000)}
# A worker's memory is the heap plus a tenth of it, or a little more, so that both make whole GB.
# https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/app-behavior.html
HEAP_PARTS, WORKER_PARTS = 10, 11


def heap_gb(memory_gb: int) -> int:
    """Return the heap of a worker's JVM in GB; the rest of the worker's memory is Spark's overhead."""
    return memory_gb * HEAP_PARTS // WORKER_PARTS
