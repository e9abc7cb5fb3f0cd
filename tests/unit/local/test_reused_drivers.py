"""Applications that run in one JVM after the other see nothing of each other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from local.aws import drivers
from local.aws.active import Active
from local.guard import ProcessGuard
from local.spark_env import LocalSpark
from release.functions import compile_functions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Reads the JVM's own without a session, which would take ten seconds.
PROGRAM = """
import json, os, sys
from pyspark import SparkConf
from pyspark.java_gateway import launch_gateway
jvm = launch_gateway(SparkConf(loadDefaults=False)).jvm
seen = {
    "process": jvm.java.lang.ProcessHandle.current().pid(),
    "settings": {k: v for k, v in jvm.System.getProperties().items() if k.startswith("spark.migration.")},
    "zone": jvm.java.util.TimeZone.getDefault().getID(),
    "arguments": sys.argv[1:-2],
    "left": jvm.System.getProperty("left.behind"),
}
jvm.System.setProperty("left.behind", "1")
open(sys.argv[-2], "w").write(json.dumps(seen))
print("a line of the application\\n" * 20_000, flush=True)
os._exit(int(sys.argv[-1]))
"""
# Leaves its session open, with code that was generated for the class of its JAR.
SUM = """
import sys
from pyspark.sql import SparkSession
session = SparkSession.builder.getOrCreate()
session.udf.registerJavaFunction("answer", "probe.Answer", "long")
total = session.range(5).selectExpr("sum(answer(id)) AS total").first().total
print(session._jvm.java.lang.ProcessHandle.current().pid(), total, flush=True)
sys.exit(int(sys.argv[1]))
"""
ANSWER = """package probe;
/** A function of the job. */
public final class Answer implements org.apache.spark.sql.api.java.UDF1<Long, Long> {{
    private static final long serialVersionUID = 1L;
    @Override
    public Long call(Long number) {{
        return Long.valueOf(number.longValue() + {more});
    }}
}}
"""
ENVIRONMENT = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "a role's"}
IN_UTC = {"spark.driver.extraJavaOptions": "-Duser.timezone=UTC"}
MOST_SECONDS = 600.0


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Active]:
    guard = ProcessGuard()
    yield Active(account="0" * 12, region="eu-west-1", port=0, work=tmp_path, guard=guard)
    guard.close()


def test_a_job_runs_in_the_jvm_of_the_job_before_it_and_has_its_own_settings_and_output(settings: Active) -> None:
    spark, seen = LocalSpark(settings.work), []
    program, answer = settings.work / "job.py", settings.work / "answer"
    program.write_text(PROGRAM)
    for number, (secret, code) in enumerate((("first", 0), ("second", 0), (None, 3))):
        properties = {**IN_UTC, **({f"spark.migration.password.{secret}": f"{secret}-4711"} if secret else {})}
        driver = {"entryPoint": str(program), "entryPointArguments": ["a b", "", str(answer), str(code)]}
        command, log = spark(driver, properties, ENVIRONMENT), settings.work / f"{number}.log"
        process = drivers.start(settings, command, log)
        assert drivers.wait(settings, process, command, log, MOST_SECONDS) == code, log.read_text()
        drivers.keep(settings, process, command)
        assert log.read_text().count("a line of the application") == 20_000
        seen.append(json.loads(answer.read_text()))

    assert {each["process"] for each in seen} == {process.pid}
    assert [each["settings"] for each in seen] == [
        {"spark.migration.password.first": "first-4711"},
        {"spark.migration.password.second": "second-4711"},
        {},
    ]
    assert {(each["zone"], each["left"], *each["arguments"]) for each in seen} == {("UTC", None, "a b", "")}


def test_classes_of_one_name_are_those_of_each_jobs_own_jar_also_after_a_failed_job(settings: Active) -> None:
    spark, program, answers = LocalSpark(settings.work), settings.work / "job.py", []
    program.write_text(SUM)
    for more, code in ((1, 3), (100, 0)):
        sources = settings.work / f"more-{more}"
        (sources / "probe").mkdir(parents=True)
        (sources / "probe" / "Answer.java").write_text(ANSWER.format(more=more))
        jar = compile_functions(sources, settings.work / f"more-{more}.jar")
        driver = {"entryPoint": str(program), "entryPointArguments": [str(code)]}
        command = spark(driver, {"spark.jars": f"file://{jar}"}, ENVIRONMENT)
        log = settings.work / f"more-{more}.log"
        process = drivers.start(settings, command, log)
        assert drivers.wait(settings, process, command, log, MOST_SECONDS) == code, log.read_text()
        drivers.keep(settings, process, command)
        answers += [line for line in log.read_text().splitlines() if line.startswith(f"{process.pid} ")]

    assert answers == [f"{process.pid} 15", f"{process.pid} 510"]


def test_a_job_of_another_role_or_of_other_options_has_a_jvm_of_its_own(tmp_path: Path) -> None:
    spark, driver = LocalSpark(tmp_path), {"entryPoint": "s3://b/job.py"}
    kinds = [
        spark(driver, properties, environment).kind
        for properties, environment in (
            (IN_UTC, ENVIRONMENT),
            ({**IN_UTC, "spark.jars": "s3://b/other.jar", "spark.migration.password.x": "y"}, ENVIRONMENT),
            (IN_UTC, {**ENVIRONMENT, "AWS_ACCESS_KEY_ID": "another role's"}),
            ({}, ENVIRONMENT),
        )
    ]

    assert kinds[0] == kinds[1]
    assert len(set(kinds)) == 3


def test_no_password_is_in_what_a_jvm_is_started_with(settings: Active) -> None:
    password = {"spark.migration.password.one": "planted-4711"}

    command = LocalSpark(settings.work)({"entryPoint": "s3://b/job.py"}, password, ENVIRONMENT)

    started = [*command.arguments, *(command.application or ()), *map(str, command.environment.items())]
    assert not [text for text in started if "planted-4711" in text]
    assert command.secrets is not None
    with_it = [path.name for path in command.secrets.iterdir() if "planted-4711" in path.read_text()]
    assert (with_it, oct((command.secrets / with_it[0]).stat().st_mode)[-3:]) == (["spark-defaults.conf"], "600")
