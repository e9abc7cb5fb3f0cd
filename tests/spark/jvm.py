"""The JVM of the tests' Spark sessions: its class path and options, and one JVM for the sessions of many processes."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from subprocess import DEVNULL
from typing import TYPE_CHECKING, Any

from pyspark import SparkConf
from pyspark.java_gateway import launch_gateway

from local.certificates import authority
from local.java import reused_drivers
from local.java.shared_classes import QUICK
from release.functions import class_path, compile_functions
from release.java_runtime import java_home

if TYPE_CHECKING:
    from subprocess import Popen

OBJECTS = Path("tests/spark/java")
_PORT, _SECRET = "PYSPARK_GATEWAY_PORT", "PYSPARK_GATEWAY_SECRET"


def prepare_environment() -> None:
    """Set the variables that a JVM of Spark and its Python workers read."""
    os.environ.update(
        JAVA_HOME=str(java_home()), PYSPARK_PYTHON=sys.executable, SPARK_LOCAL_IP="127.0.0.1", PYTHONPATH="spark"
    )


def is_kept() -> bool:
    """Return whether the sessions of this process use a JVM that `keep` has started."""
    return _PORT in os.environ


def options(folder: Path) -> dict[str, Any]:
    """Compile the Java functions and the tests' own, into `folder`, and return the options of a JVM with them.

    Raises:
        CompileError: The functions cannot be compiled.
    """
    objects = compile_functions(OBJECTS, folder / "objects.jar")
    return {
        "spark.driver.extraClassPath": f"{class_path()}:{objects}:{reused_drivers.jar()}:{authority().class_path}",
        "spark.driver.extraJavaOptions": " ".join((*QUICK, "-Xmn300m", "-Duser.timezone=UTC")),
    }


def keep(folder: Path) -> Popen[bytes]:
    """Start a JVM for the later sessions of this process and its forks, one at a time; it ends with this process.

    A fork of pytest that starts a JVM of its own takes ten times as long.
    """
    prepare_environment()
    for name in (_PORT, _SECRET):
        os.environ.pop(name, None)
    conf = SparkConf(loadDefaults=False).setAll(list(options(folder).items()))
    silent = {"stdout": DEVNULL, "stderr": DEVNULL}
    gateway = launch_gateway(conf, silent)  # type: ignore[no-untyped-call]  # PySpark's
    os.environ[_PORT] = str(gateway.gateway_parameters.port)
    os.environ[_SECRET] = str(gateway.gateway_parameters.auth_token)
    process: Popen[bytes] = gateway.proc
    gateway.close()
    return process
