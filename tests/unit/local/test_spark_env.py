"""A local job run has this machine as its worker, and all other properties of EMR Serverless."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.spark_env import LocalSpark
from statemachine.workers import Workers

if TYPE_CHECKING:
    from pathlib import Path


def test_the_sizes_of_emr_serverless_workers_are_not_those_of_this_machine(tmp_path: Path) -> None:
    properties = {**Workers().properties(), "spark.jars": "s3://b/k.jar", "spark.executor.extraJavaOptions": "-Dx=y"}
    environment = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_REGION": "eu-west-1"}

    command = LocalSpark(tmp_path, memory_mb=512, quick=False)({"entryPoint": "s3://b/job.py"}, properties, environment)

    assert command.secrets is not None
    text = (command.secrets / "spark-defaults.conf").read_text()
    settings = dict(line.split(" ", 1) for line in text.splitlines())
    assert settings["spark.driver.memory"] == "512m"
    assert settings["spark.jars"] == "s3://b/k.jar"
    assert settings["spark.executor.extraJavaOptions"] == "-Dx=y"
    assert set(Workers().properties()) & set(settings) == {"spark.driver.memory"}
