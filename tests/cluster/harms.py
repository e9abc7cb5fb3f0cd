"""Faults of a running job: an executor is killed or slowed down, the driver is killed, or disks are filled."""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tests.cluster import moments

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from local.cluster_spark import ClusterSpark, Driver
    from local.spark_cluster import SparkCluster

_LOOK_SECONDS = 0.02
_SETTLE_SECONDS = 0.1
_BLOCK_BYTES = 64 * 1024
_STOPPED_SECONDS, _GOING_SECONDS = 0.9, 0.1


class Harm:
    """A thread that waits for a job's driver, and then for the moment of its fault."""

    job = "bootstrap"

    def __init__(self) -> None:
        self.done = ""  # the fault in words, once it has happened
        self.driver: Driver | None = None
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def beside(self, spark: ClusterSpark, cluster: SparkCluster) -> Self:
        """Watch the drivers that start from now on."""
        self._thread = threading.Thread(target=self._look, args=(spark, cluster, len(spark.drivers)), daemon=True)
        return self

    def __enter__(self) -> Self:
        """Start watching."""
        if self._thread is not None:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop watching."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def _look(self, spark: ClusterSpark, cluster: SparkCluster, known: int) -> None:
        while not self._over.wait(_LOOK_SECONDS):
            driver = next((driver for driver in spark.drivers[known:] if driver.job == self.job), None)
            if driver is not None and driver.application is not None:
                self.driver = driver
                self.done = self.do(driver, cluster)
                if self.done:
                    return

    def do(self, driver: Driver, cluster: SparkCluster) -> str:
        """Cause the fault if its moment has come; return it in words."""
        raise NotImplementedError


class KillExecutor(Harm):
    """Kill an executor while one of its tasks is in a phase."""

    def __init__(self, moment: str) -> None:
        super().__init__()
        self._moment, self.job = moment, moments.JOBS[moment]

    def do(self, driver: Driver, cluster: SparkCluster) -> str:
        """Stop the executor first, so that its task cannot end meanwhile."""
        for task in moments.running_tasks(driver, self._moment):
            process = cluster.executors(driver.application or "").get(task.executor)
            if process is None:
                continue
            os.kill(process, signal.SIGSTOP)
            time.sleep(_SETTLE_SECONDS)  # for messages already sent
            if moments.is_running(driver, task):
                os.kill(process, signal.SIGKILL)
                return f"executor {task.executor} was killed while {self._moment} (stage {task.stage})"
            os.kill(process, signal.SIGCONT)
        return ""


class KillDriver(Harm):
    """Kill the driver while an executor is in a phase and `ready` holds."""

    def __init__(self, moment: str, ready: Callable[[], bool]) -> None:
        super().__init__()
        self._moment, self.job, self._ready = moment, moments.JOBS[moment], ready

    def do(self, driver: Driver, cluster: SparkCluster) -> str:  # noqa: ARG002 - of one kind with the others
        """Kill it."""
        if not moments.running_tasks(driver, self._moment) or not self._ready() or not driver.kill():
            return ""
        return f"the driver was killed while {self._moment}"


class SlowExecutor(Harm):
    """Let an executor run for a tenth of the time."""

    def do(self, driver: Driver, cluster: SparkCluster) -> str:
        """Stop it again and again until the job ends."""
        known = {entry["id"] for entry in driver.get("executors") or []}
        executors = {
            number: process
            for number, process in cluster.executors(driver.application or "").items()
            if number in known
        }
        if not executors:
            return ""
        number, process = min(executors.items())
        with suppress(ProcessLookupError):
            while not self._over.is_set():
                os.kill(process, signal.SIGSTOP)
                self._over.wait(_STOPPED_SECONDS)
                os.kill(process, signal.SIGCONT)
                self._over.wait(_GOING_SECONDS)
        return f"executor {number} worked a tenth of the time"


class FillDisks(Harm):
    """Fill the workers' disks when a phase begins."""

    def __init__(self, moment: str) -> None:
        super().__init__()
        self._moment, self.job = moment, moments.JOBS[moment]
        self._fillers: list[Path] = []

    def do(self, driver: Driver, cluster: SparkCluster) -> str:
        """Fill them if an executor is in the phase."""
        if not moments.running_tasks(driver, self._moment):
            return ""
        for worker in cluster.workers:
            filler = Path(f"/proc/{worker.process.pid}/root{worker.disk}/filler")
            self._fillers.append(filler)
            with suppress(OSError), filler.open("wb", buffering=0) as file:  # until there is no space left
                while True:
                    file.write(bytes(_BLOCK_BYTES))
        return f"every disk was filled while {self._moment}"

    def mend(self) -> None:
        """Free the space."""
        for filler in self._fillers:
            filler.unlink()
