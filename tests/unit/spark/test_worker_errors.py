"""A worker's lack of disk or memory becomes a named error, whatever query's message has it."""

from __future__ import annotations

import pytest
from migration_spark.errors import DatabaseError, DiskFull, MemoryExhausted
from migration_spark.worker_errors import as_worker_error

ABORTED = (
    "An error occurred while calling o1.text.\n: org.apache.spark.SparkException: Job aborted due to stage failure: "
)
REST = "`migrate plan` computes what a run needs; give the workers {} in the stack's settings, and deploy. "
RESUME = "Resume with: migrate resume r1"


@pytest.mark.parametrize(
    "words",
    [
        "Lost task 0.3 in stage 4.0 (TID 16) (127.0.0.1 executor 0): java.io.IOException: No space left on device",
        "java.io.IOException: Disk quota exceeded",
    ],
)
def test_a_full_disk_is_named_with_its_remedy(words: str) -> None:
    error = as_worker_error(RuntimeError(ABORTED + words), "r1")

    assert type(error) is DiskFull
    assert str(error) == (
        "the local disk of a worker is full: shuffled or spilled rows did not fit. "
        + REST.format("larger disks")
        + RESUME
    )


@pytest.mark.parametrize(
    "words",
    [
        "java.lang.OutOfMemoryError: Java heap space",
        "org.apache.spark.memory.SparkOutOfMemoryError: Unable to acquire 64 bytes of memory",
        "ExecutorLostFailure (executor 1 exited) Reason: Command exited with code 52",
        "The executor with id 3 exited with exit code 137(SIGKILL, possible container OOM).",
    ],
)
def test_a_worker_without_memory_is_named_with_its_remedy(words: str) -> None:
    error = as_worker_error(RuntimeError(ABORTED + words), "r1")

    assert type(error) is MemoryExhausted
    assert str(error) == "a worker ran out of memory. " + REST.format("more memory") + RESUME


def test_what_spark_said_stays_in_the_bucket_alone() -> None:
    error = as_worker_error(RuntimeError("No space left on device beside the value secret"), "r1")

    assert isinstance(error, DiskFull)
    assert "secret" not in str(error)
    assert "RuntimeError: No space left on device beside the value secret\n" in error.values


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("Task 137 failed with exit code 1375"),
        DatabaseError("the clone of lipsdb", words="could not extend file: No space left on device", state="53100"),
    ],
)
def test_any_other_error_stays_what_it_is(error: Exception) -> None:
    assert as_worker_error(error, "r1") is error
