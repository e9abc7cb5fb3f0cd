"""A standalone Spark cluster on this machine: a master and workers as processes, each with a small disk.

Everything listens on the loopback interface. Each worker has its own address, because Spark starts no second copy of a
task on the host of the first. Executors are children of their workers. The guard ends all of them, so nothing is left
after Ctrl-C.
https://spark.apache.org/docs/3.5.6/spark-standalone.html
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pyspark

from local import small_disk
from local.errors import LocalError
from local.ports import free_port
from release.java_runtime import java_home

if TYPE_CHECKING:
    from types import TracebackType

    from local.guard import ProcessGuard

SPARK_HOME = Path(pyspark.__file__).parent
_DAEMON = ("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
_START_SECONDS = 300.0
_POLL_SECONDS = 0.1
_EXECUTOR = b"CoarseGrainedExecutorBackend"


@dataclass
class Worker:
    """A worker's process, and the folder for spills and shuffles of its executors."""

    process: subprocess.Popen[Any]
    disk: Path
    most_bytes: int = 0


class SparkCluster:
    """A master and workers with one core each; `disk_mb` limits each worker's local directory."""

    def __init__(
        self, folder: Path, guard: ProcessGuard, *, workers: int = 3, memory_mb: int = 1024, disk_mb: int = 512
    ) -> None:
        self._folder = folder.absolute()
        self._guard = guard
        self.size, self.memory_mb, self.disk_mb = workers, memory_mb, disk_mb
        self._port, self._web_port = free_port(), free_port()
        self._master: subprocess.Popen[Any] | None = None
        self.workers: list[Worker] = []
        self._closing = threading.Event()
        self._watch = threading.Thread(target=self._measure, daemon=True)

    @property
    def url(self) -> str:
        """Return the cluster's URL for spark.master."""
        return f"spark://127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        """Start the processes, and wait until every worker is registered.

        Raises:
            LocalError: A process ended, or a worker did not register.
        """
        self._folder.mkdir(parents=True)
        ports = ("--port", str(self._port), "--webui-port", str(self._web_port))
        self._master = self._start("master", "org.apache.spark.deploy.master.Master", "127.0.0.1", ports)
        self.workers = [self._worker(number) for number in range(1, self.size + 1)]
        limit = time.monotonic() + _START_SECONDS
        while self._registered() < self.size:
            ended = [p for p in (self._master, *(w.process for w in self.workers)) if p.poll() is not None]
            if ended or time.monotonic() > limit:
                self.__exit__(None, None, None)
                raise LocalError(f"the Spark cluster did not start; its logs are in {self._folder}")
            time.sleep(_POLL_SECONDS)
        self._watch.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the workers and their executors, then the master."""
        self._closing.set()
        for process in (*(worker.process for worker in self.workers), self._master):
            if process is not None:
                self._guard.stop(process)

    def executors(self, application: str) -> dict[str, int]:
        """Return the process id of each executor of an application, by the executor's number."""
        processes = {}
        parents = {worker.process.pid for worker in self.workers}
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError, IndexError, ValueError):
                words = (folder / "cmdline").read_bytes().split(b"\0")
                if not any(_EXECUTOR in word for word in words) or application.encode() not in words:
                    continue
                if int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1]) in parents:
                    processes[words[words.index(b"--executor-id") + 1].decode()] = int(folder.name)
        return processes

    def check_disks(self) -> None:
        """Raise an error if a worker needed more than its disk.

        Raises:
            LocalError: It has the worker and both sizes.
        """
        for number, worker in enumerate(self.workers, 1):
            if worker.most_bytes > self.disk_mb * 1024**2:
                used = worker.most_bytes / 1024**2
                raise LocalError(f"worker {number} needed {used:.0f} MB of disk; it has {self.disk_mb} MB")

    def _worker(self, number: int) -> Worker:
        name = f"worker-{number}"
        disk = self._folder / name / "disk"
        disk.mkdir(parents=True)
        ports = ("--port", str(free_port()), "--webui-port", str(free_port()))
        offer = ("--cores", "1", "--memory", f"{self.memory_mb}m", "--work-dir", str(self._folder / name / "work"))
        arguments = (*ports, *offer, self.url)
        entry = "org.apache.spark.deploy.worker.Worker"
        return Worker(self._start(name, entry, f"127.0.0.{number + 1}", arguments, disk=disk), disk)

    def _start(
        self, name: str, entry: str, host: str, arguments: tuple[str, ...], *, disk: Path | None = None
    ) -> subprocess.Popen[Any]:
        inherited = {key: os.environ[key] for key in ("PATH", "HOME", "LANG", "TMPDIR") if key in os.environ}
        own = {"JAVA_HOME": str(java_home()), "SPARK_HOME": str(SPARK_HOME), "SPARK_LOCAL_IP": host}
        # Without it a worker searches the folders of a Spark build.
        (core,) = (SPARK_HOME / "jars").glob("spark-core_*.jar")
        own["SPARK_SCALA_VERSION"] = core.name.split("_")[1].split("-")[0]
        wrapper: list[str] = []
        if disk is not None:
            own["SPARK_LOCAL_DIRS"] = str(disk)
            wrapper = small_disk.command_prefix(disk, self.disk_mb)
        java = [str(java_home() / "bin" / "java"), *_DAEMON, "-cp", f"{SPARK_HOME}/jars/*", entry]
        with (self._folder / f"{name}.log").open("wb") as log:
            return self._guard.start(
                [*wrapper, *java, "--host", host, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**inherited, **own},
                cwd=self._folder,
            )

    def _registered(self) -> int:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self._web_port}/json/", timeout=5) as answer:
            return int(json.load(answer)["aliveworkers"])
        return 0

    def _measure(self) -> None:
        while not self._closing.wait(_POLL_SECONDS):
            for worker in self.workers:
                worker.most_bytes = max(worker.most_bytes, small_disk.used_bytes(worker.process.pid, worker.disk))
