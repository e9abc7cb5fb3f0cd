"""Job runs on the standalone Spark cluster of this machine, and a way to look at each driver while it runs."""

from __future__ import annotations

import json
import os
import signal
import tempfile
import threading
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local.certificates import authority
from local.java.shared_classes import environment as spark_environment
from local.ports import free_port
from local.spark_env import SETTINGS, LocalSpark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.aws.active import Command
    from local.spark_cluster import SparkCluster

_COLLECTOR = "-XX:+UseSerialGC"
_DRIVER_MB = 1024


@dataclass(frozen=True)
class Driver:
    """A job run's driver: its REST API while it runs, and its event log afterwards."""

    job: str
    ui_port: int
    configuration: Path
    events: Path

    def get(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """Return what the driver's REST API says of its application; None while it does not answer.

        https://spark.apache.org/docs/3.5.6/monitoring.html#rest-api
        """
        address = f"http://127.0.0.1:{self.ui_port}/api/v1/applications/{self.application}/{path}"
        with suppress(OSError, ValueError), urllib.request.urlopen(address, timeout=5) as answer:
            return json.load(answer)
        return None

    @property
    def application(self) -> str | None:
        """Return the application's id; None before the driver has one."""
        logs = sorted(self.events.iterdir())
        return logs[0].name.removesuffix(".inprogress") if logs else None

    def kill(self) -> bool:
        """Kill the driver with all its processes, as a lost worker does; return whether there was one."""
        wanted = f"{SETTINGS}={self.configuration}".encode()
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if wanted in (folder / "environ").read_bytes().split(b"\0"):
                    os.killpg(os.getpgid(int(folder.name)), signal.SIGKILL)
                    return True
        return False

    def event_log(self) -> list[dict[str, Any]]:
        """Return the application's events, of a driver that was killed as far as they were written."""
        events = []
        for log in self.events.iterdir():
            for line in log.read_text("utf-8").splitlines():
                with suppress(ValueError):  # the last line of a killed driver
                    events.append(json.loads(line))
        return events


class ClusterSpark(LocalSpark):
    """Spark on the cluster: the driver is a process of its own, and the executors are the workers' children.

    With small data, which is `quick`, code is compiled only once.
    """

    def __init__(
        self,
        folder: Path,
        cluster: SparkCluster,
        properties: Mapping[str, str] | None = None,
        *,
        quick: bool = True,
    ) -> None:
        super().__init__(folder, memory_mb=_DRIVER_MB, quick=quick, reuses=False)
        self._executor_options = f"-XX:TieredStopAtLevel=1 {_COLLECTOR}" if quick else _COLLECTOR
        self._cluster = cluster
        self._events = Path(tempfile.mkdtemp(prefix="spark-events-", dir=folder.absolute()))
        self._lock = threading.Lock()
        self.properties = dict(properties or {})
        self.drivers: list[Driver] = []

    def __call__(
        self, spark_submit: Mapping[str, Any], properties: Mapping[str, str], environment: Mapping[str, str]
    ) -> Command:
        """Return the spark-submit of a job driver, whose REST API is at a port of its own."""
        with self._lock:
            port, events = free_port(), self._events / str(len(self.drivers))
            events.mkdir()
            own = {"spark.ui.port": str(port), "spark.eventLog.dir": f"file://{events}", **self.properties}
            command = super().__call__(spark_submit, {**properties, **own}, environment)
            job = Path(spark_submit["entryPoint"]).stem
            self.drivers.append(Driver(job, port, Path(command.environment[SETTINGS]), events))
        return command

    def settings(self, environment: Mapping[str, str]) -> dict[str, str]:
        """Return the Spark properties of a job on the cluster; executors have its credentials, as EMR's do."""
        settings = super().settings(environment)
        class_path = spark_environment(authority().class_path)
        credentials = {f"spark.executorEnv.{name}": environment[name] for name in environment if "AWS_" in name}
        return {
            **settings,
            "spark.master": self._cluster.url,
            "spark.cores.max": str(self._cluster.size),
            "spark.executor.cores": "1",
            "spark.executor.memory": f"{self._cluster.memory_mb}m",
            "spark.executor.extraClassPath": class_path["SPARK_DIST_CLASSPATH"],
            "spark.executor.defaultJavaOptions": self._executor_options,
            "spark.executor.metrics.pollingInterval": "500ms",
            "spark.scheduler.minRegisteredResourcesRatio": "1.0",
            # Executors of one host would read each other's disks; those of EMR are hosts of their own.
            "spark.shuffle.readHostLocalDisk": "false",
            "spark.ui.enabled": "true",
            "spark.ui.showConsoleProgress": "false",
            "spark.eventLog.enabled": "true",
            "spark.eventLog.logStageExecutorMetrics": "true",
            **credentials,
        }
