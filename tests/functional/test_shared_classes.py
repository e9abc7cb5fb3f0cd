"""Job runs map an archive of Spark's classes that matches their class path."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from local.java.shared_classes import QUICK, SPARK_HOME, environment, shared_classes
from local.spark_env import LocalSpark
from release.java_runtime import java_home

if TYPE_CHECKING:
    from pathlib import Path


def loaded_from(classes: str, options: tuple[str, ...]) -> str:
    """Return the source from which a JVM with this class path loads the class of spark-submit."""
    java = [str(java_home() / "bin" / "java"), *QUICK, *options, "-Xlog:class+load", "-cp", classes]
    done = subprocess.run(
        [*java, "org.apache.spark.deploy.SparkSubmit", "--version"], check=True, capture_output=True, text=True
    )
    (line,) = [line for line in done.stdout.splitlines() if " org.apache.spark.deploy.SparkSubmit " in line]
    return line.split("source: ")[1]


def test_a_job_run_has_spark_s_classes_from_the_archive(tmp_path: Path) -> None:
    command = LocalSpark(tmp_path)({"entryPoint": "s3://b/job.py"}, {}, {"AWS_ENDPOINT_URL": "", "AWS_REGION": ""})
    variables = command.environment
    class_path = f"{variables['SPARK_CONF_DIR']}/:{SPARK_HOME}/jars/*:{variables['SPARK_DIST_CLASSPATH']}"

    assert set(shared_classes().options) <= set(variables["SPARK_SUBMIT_OPTS"].split())
    assert loaded_from(class_path, shared_classes().options) == "shared objects file (top)"


def test_a_class_path_that_begins_with_something_else_does_without_it(tmp_path: Path) -> None:
    class_path = f"{tmp_path}:{SPARK_HOME}/jars/*:{environment()['SPARK_DIST_CLASSPATH']}"

    assert loaded_from(class_path, shared_classes().options).startswith("file:/")
