"""Failures of a worker itself, which Spark reports deep within a query's error message."""

from __future__ import annotations

import re
import traceback

from migration_spark.errors import DiskFull, JobError, MemoryExhausted

# Messages of the operating system and of the JVM; the text around them may quote a row.
_DISK = re.compile(r"No space left on device|Disk quota exceeded")
# 52 is Spark's own exit code for lack of memory, and 137 that of a process that the system killed.
# https://github.com/apache/spark/blob/v3.5.6/core/src/main/scala/org/apache/spark/util/SparkExitCode.scala
_MEMORY = re.compile(r"OutOfMemoryError|\b(?:exited with|exit) code:? ?(?:52|137)\b")
_LACKS = (
    (_DISK, DiskFull, "the local disk of a worker is full: shuffled or spilled rows did not fit", "larger disks"),
    (_MEMORY, MemoryExhausted, "a worker ran out of memory", "more memory"),
)


def as_worker_error(error: Exception, run: str) -> Exception:
    """Return a worker's lack of disk or memory as a named error, or the error unchanged."""
    if isinstance(error, JobError):
        return error
    for pattern, kind, what, remedy in _LACKS:
        if pattern.search(str(error)):
            lack = kind(
                f"{what}. `migrate plan` computes what a run needs; give the workers {remedy} in the stack's "
                f"settings, and deploy. Resume with: migrate resume {run}"
            )
            lack.values = traceback.format_exception(type(error), error, error.__traceback__)
            return lack
    return error
