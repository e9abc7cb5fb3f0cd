"""Fake of Spark's context for the tests of what ends a job's work."""

from __future__ import annotations

import threading


class FakeContext:
    """Fake context that counts cancellations of all Spark jobs and wakes the threads that wait for one."""

    def __init__(self) -> None:
        self.cancelled = threading.Event()
        self.sparkContext = self._jsc = self
        self.running_tasks = 0

    def sc(self) -> FakeContext:
        return self

    def statusTracker(self) -> FakeContext:  # noqa: N802 - Spark's name
        return self

    def getExecutorInfos(self) -> list[FakeContext]:  # noqa: N802 - Spark's name
        return [self]

    def numRunningTasks(self) -> int:  # noqa: N802 - Spark's name
        return self.running_tasks

    def cancelAllJobs(self) -> None:  # noqa: N802 - Spark's name
        self.cancelled.set()
