"""Fixture of the benchmarks: a filled PostgreSQL, a Spark session, and timed contests of several contenders."""

from __future__ import annotations

import json
import os
import resource
import shutil
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from migration_spark.job import LONGEST_COMPILED
from migration_spark.jvm_functions import CATALOG
from pyspark.sql import SparkSession
from rich.console import Console
from rich.table import Table as Sheet

from local.aurora.fleet import running_fleet
from local.certificates import authority
from release.functions import class_path
from release.java_runtime import java_home

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pyspark.sql import DataFrame

RESULTS = Path("build/bench")
COLUMNS = {
    "id": "bigint",
    "property_id": "integer",
    "room_type": "text",
    "stay_date": "date",
    "amount": "numeric(12,2)",
    "net_amount": "numeric(38,20)",
    "factor": "double",
    "remark": "text",
    "active": "boolean",
    "channels": "text[]",
    "updated_at": "timestamptz",
}
_MAKE = """
CREATE TABLE thing (id bigint, property_id integer, room_type text, stay_date date, amount numeric(12,2),
  net_amount numeric(38,20), factor double precision, remark text, active boolean, channels text[],
  updated_at timestamptz);
INSERT INTO thing SELECT n, n % 977, (ARRAY['DBL','SGL','STE'])[1 + n % 3], date '2027-01-01' + (n % 700)::int,
  (n % 100000) / 100.0, n / 7.0, sin(n), {remark}, n % 2 = 0,
  ARRAY['web', 'gds', 'c' || n % 9], timestamptz '2027-01-01 00:00:00+00' + n * interval '1.000001 second'
FROM generate_series(1, {rows}) n;
ANALYZE thing
"""
_REMARK = "CASE WHEN n % 3 > 0 THEN md5(n::text) END"
# 50 KB of poorly compressible text, different in each row.
_LONG_REMARK = "(SELECT string_agg(md5((n * 1563 + k)::text), '') FROM generate_series(1, 1563) k)"


@dataclass
class Fixture:
    """A filled database and a Spark session."""

    spark: SparkSession
    folder: Path
    rows: int
    port: int
    password: str
    dsn: str


@contextmanager
def open_fixture(rows: int, memory: str = "2g", *, wide: bool = False) -> Iterator[Fixture]:
    """Yield a database of `rows` rows in the table `thing`, of 350 bytes or 50 KB, and a session of two cores."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    folder.chmod(0o755)
    try:
        with running_fleet(folder / "aurora") as fleet:
            fleet.start_sources(["one"])
            server = fleet.server("one")
            fill(server.dsn(), rows, wide=wide)
            spark = _session(folder, memory)
            spark.conf.set("spark.migration.password.one", server.password)
            yield Fixture(spark, folder, rows, server.port, server.password, server.dsn())
            spark.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def fill(dsn: str, rows: int, *, wide: bool = False) -> None:
    """Create the table `thing` of `rows` rows, of 350 bytes or 50 KB."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(_MAKE.format(rows=rows, remark=_LONG_REMARK if wide else _REMARK).encode())


@dataclass
class Contest:
    """Contest of contenders, timed one after the other in several rounds; each one's best round counts."""

    name: str
    rows: int
    rounds: int
    seconds: dict[str, float] = field(default_factory=dict)
    cpu_seconds: dict[str, float] = field(default_factory=dict)  # of the JVM and of Python, without the database
    findings: dict[str, Any] = field(default_factory=dict)

    def run(self, contenders: dict[str, Callable[[], Any]]) -> None:
        """Time every contender once per round, so that a slow minute of the machine affects all of them."""
        for number in range(self.rounds):
            for name, contender in contenders.items():
                began, cpu_began = time.monotonic(), cpu_seconds()
                self.findings[name] = contender()
                took, worked = time.monotonic() - began, cpu_seconds() - cpu_began
                self.seconds[name] = min(took, self.seconds.get(name, took))
                self.cpu_seconds[name] = min(worked, self.cpu_seconds.get(name, worked))
                figures = f"{took:.2f} s, {worked:.2f} CPU-s"
                print(f"  round {number + 1}: {name}: {figures}", file=sys.stderr, flush=True)

    def report(self, floor: str, **facts: Any) -> None:  # noqa: ANN401 - figures for the file
        """Print the table with ratios to the floor, and write it to build/bench."""
        sheet = Sheet("contender", "seconds", f"x {floor}", "rows/s", "CPU-s", title=f"{self.name}, {self.rows:,} rows")
        for name, took in sorted(self.seconds.items(), key=lambda pair: pair[1]):
            ratio, cpu = f"{took / self.seconds[floor]:.2f}", f"{self.cpu_seconds[name]:.2f}"
            sheet.add_row(name, f"{took:.2f}", ratio, f"{self.rows / took:,.0f}", cpu)
        Console().print(sheet)
        RESULTS.mkdir(parents=True, exist_ok=True)
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
        document = {
            "rows": self.rows,
            "seconds": self.seconds,
            "cpuSeconds": self.cpu_seconds,
            "floor": floor,
            "childPeakMiB": memory,
            **facts,
        }
        path = RESULTS / f"{self.name}-{self.rows}.json"
        path.write_text(json.dumps(document, indent=1, default=str) + "\n")


def cpu_seconds() -> float:
    """Return the processor time so far, which other work on the machine affects less than the elapsed time."""
    jvm: Any = SparkSession.active().sparkContext._jvm
    handle = jvm.java.lang.ProcessHandle.current()
    return float(handle.info().totalCpuDuration().get().toNanos()) / 1e9 + time.process_time()


def to_nowhere(rows: DataFrame) -> None:
    """Compute all rows, and discard them."""
    rows.write.format("noop").mode("overwrite").save()


def _session(folder: Path, memory: str) -> SparkSession:
    os.environ.update(
        JAVA_HOME=str(java_home()), PYSPARK_PYTHON=sys.executable, SPARK_LOCAL_IP="127.0.0.1", PYTHONPATH=".:spark"
    )
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.memory", memory)
        .config("spark.driver.extraClassPath", f"{class_path()}:{authority().class_path}")
        .config("spark.driver.extraJavaOptions", "-Duser.timezone=UTC")
        .config("spark.sql.session.timeZone", "UTC")
        .config(*CATALOG)
        .config("spark.sql.shuffle.partitions", "8")
        .config(*LONGEST_COMPILED)
        .config("spark.local.dir", str(folder / "spark"))
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    return session
