"""A job run as a spark-submit on this machine: pyspark's Spark, the wheel's Java, S3 at the embedded AWS."""

from __future__ import annotations

import os
import re
import shlex
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local.aws.active import Command
from local.certificates import authority
from local.java.reused_drivers import program
from local.java.shared_classes import QUICK, SPARK_HOME, shared_classes
from local.java.shared_classes import environment as spark_environment

if TYPE_CHECKING:
    from collections.abc import Mapping

SETTINGS = "JOB_SETTINGS"  # the variable that names the folder of a job's settings, of a JVM with that job alone
_DEFAULTS, _DRIVER, _LOGGING_FILE = "spark-defaults.conf", "driver.conf", "log4j2.properties"
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")
# What EMR Serverless makes its workers by. The worker here is this machine.
_OF_WORKERS = re.compile(
    r"spark\.emr-serverless\..+|spark\.dynamicAllocation\..+|spark\.executor\.instances"
    r"|spark\.(driver|executor)\.(cores|memory|memoryOverhead)"
)


class LocalSpark:
    """Spark in local mode, in `folder`; small data is compiled only once, which saves most of a short job.

    Where it `reuses`, a JVM runs the next job when it has run one.
    """

    def __init__(
        self, folder: Path, *, cores: int = 2, memory_mb: int = 1024, quick: bool = True, reuses: bool = True
    ) -> None:
        self._folder = folder.absolute()
        self._cores = cores
        self._memory_mb = memory_mb
        self._quick = quick
        self._reuses = reuses

    def __call__(
        self, spark_submit: Mapping[str, Any], properties: Mapping[str, str], environment: Mapping[str, str]
    ) -> Command:
        """Return the spark-submit of a job driver; `properties` stand for EMR's spark-defaults classification."""
        # A file that only its owner may read, since a command line and an environment show a password to others. A
        # folder per job: two domains start their jobs at the same moment, each with passwords of its own.
        conf = Path(tempfile.mkdtemp(prefix="spark-conf-", dir=self._folder))
        ours = {name: value for name, value in properties.items() if not _OF_WORKERS.fullmatch(name)}
        settings = {**self.settings(environment), **ours}
        write_properties(conf / _DEFAULTS, settings)
        submit = str(SPARK_HOME / "bin" / "spark-submit")
        application = ["--properties-file", str(conf / _DEFAULTS)]
        application += shlex.split(spark_submit.get("sparkSubmitParameters") or "")
        application += [spark_submit["entryPoint"], *spark_submit.get("entryPointArguments", [])]
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        variables = {
            **inherited,
            **environment,
            # Before the release, so that the authority of this run's databases holds, and not those of RDS.
            **spark_environment(authority().class_path),
            "SPARK_LOCAL_DIRS": str(self._folder / "spark-scratch"),
            "SPARK_SUBMIT_OPTS": " ".join(self._jvm_options()),
        }
        size: dict[str, Any] = {"vcpu": self._cores, "memory_gb": self._memory_mb / 1024, "secrets": conf}
        if not self._reuses:
            return Command([submit, *application], {**variables, SETTINGS: str(conf)}, **size)
        # All that a JVM has from its start; the rest comes with each application.
        starts = {name: value for name, value in settings.items() if name.startswith("spark.driver.")}
        write_properties(conf / _DRIVER, starts)
        drivers = [submit, "--properties-file", str(conf / _DRIVER), *program()]
        kind = frozenset({**variables, **starts}.items())
        return Command(drivers, variables, application=application, kind=kind, **size)

    def _jvm_options(self) -> list[str]:
        quick = [*QUICK, *shared_classes().options] if self._quick else ["-XX:+UseSerialGC"]
        logging = self._folder / _LOGGING_FILE
        logging.write_text(_LOGGING)
        return [*quick, f"-Djava.io.tmpdir={self._folder}", f"-Dlog4j2.configurationFile=file:{logging}"]

    def settings(self, environment: Mapping[str, str]) -> dict[str, str]:
        """Return the Spark properties that hold where a job run sets none; `environment` is AWS's."""
        return {
            "spark.master": f"local[{self._cores}]",
            "spark.ui.enabled": "false",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.memory": f"{self._memory_mb}m",
            "spark.sql.shuffle.partitions": str(2 * self._cores),
            "spark.hadoop.fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem",
            "spark.hadoop.fs.s3a.endpoint": environment["AWS_ENDPOINT_URL"],
            "spark.hadoop.fs.s3a.endpoint.region": environment["AWS_REGION"],
            "spark.hadoop.fs.s3a.path.style.access": "true",
            "spark.hadoop.fs.s3a.connection.ssl.enabled": "false",
            "spark.hadoop.fs.s3a.aws.credentials.provider": "com.amazonaws.auth.EnvironmentVariableCredentialsProvider",
            "spark.hadoop.fs.s3a.fast.upload.buffer": "bytebuffer",
            # Small files in few requests: the endpoint shares two cores with Spark.
            "spark.hadoop.fs.s3a.directory.marker.retention": "keep",
            "spark.hadoop.fs.s3a.experimental.input.fadvise": "random",
            "spark.hadoop.fs.s3a.readahead.range": "4M",
            # The endpoint is this machine: what fails once fails again.
            "spark.hadoop.fs.s3a.attempts.maximum": "2",
            "spark.hadoop.fs.s3a.retry.limit": "2",
            "spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version": "2",
        }


def write_properties(file: Path, properties: Mapping[str, str]) -> None:
    """Write a file of Spark's properties that only its owner can read."""
    file.touch(mode=0o600)
    file.write_text("".join(f"{name} {value}\n" for name, value in properties.items()))


_LOGGING = """\
rootLogger.level = warn
rootLogger.appenderRef.stderr.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.follow = true
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{HH:mm:ss} %p %c{1}: %m%n
logger.native.name = org.apache.hadoop.util.NativeCodeLoader
logger.native.level = error
logger.metrics.name = org.apache.hadoop.metrics2.impl.MetricsConfig
logger.metrics.level = error
logger.utils.name = org.apache.spark.util.Utils
logger.utils.level = error
"""
