"""The first error of a job ends it within seconds, whatever else runs, and is the reported cause."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pyspark
import pytest
from migration_spark.errors import DatabaseError

from bench.mariadb import SERVER, mariadb
from local.certificates import authority
from release.functions import class_path
from release.java_runtime import java_home
from tests.spark.jobs import reader
from tests.spark.test_mysql import MYSQL
from tests.spark.test_sources import sourced

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

    from tests.spark.jobs import Jobs

MAKE = """DROP TABLE IF EXISTS big CASCADE; CREATE TABLE big (id bigint PRIMARY KEY, note text);
INSERT INTO big VALUES {rows};
CREATE OR REPLACE FUNCTION slowly(n bigint) RETURNS boolean LANGUAGE plpgsql IMMUTABLE
AS 'BEGIN PERFORM pg_sleep(60); RETURN true; END'"""
COLUMNS = {"id": "bigint", "note": "text"}
MINUTE = "slowly(id)"
FAILS = "100 / (id - 7) <> 1000"
# A busy machine is slow, but a minute is a minute.
SOON = 45
SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'migration' AND query LIKE '%slowly%'"


@pytest.fixture
def domain(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> Iterator[Jobs]:
    """Return the jobs with two extracts of a small table."""
    monkeypatch.setattr(jobs, "table", {**jobs.table, "attributes": {}, "ttl": None})
    jobs.sql("one", MAKE.format(rows="(1, 'a'), (7, 'b')"))
    jobs.sql("two", MAKE.format(rows="(2, 'c')"))
    sourced(jobs, "big", COLUMNS, select="thing.id, thing.note")
    (first,) = jobs.table["extracts"]
    jobs.table["extracts"] = [first, {**first, "name": "other"}]
    yield jobs
    assert sessions_end(jobs)


def filters(jobs: Jobs, *wheres: str) -> None:
    jobs.table["extracts"] = [
        {**extract, "where": where} for extract, where in zip(jobs.table["extracts"], wheres, strict=True)
    ]


def sessions_end(jobs: Jobs) -> bool:
    """Return whether the clones soon stop running the job's statements."""
    with psycopg.connect(jobs.dsn("one"), autocommit=True) as connection:
        for _ in range(40):
            row = connection.execute(SESSIONS).fetchone()
            if row == (0,):
                return True
            time.sleep(0.25)
    return False


def test_bootstrap_ends_though_another_read_takes_a_minute(domain: Jobs) -> None:
    filters(domain, MINUTE, FAILS)
    began = time.monotonic()
    with pytest.raises(DatabaseError, match=r"SQLSTATE 22012|division by zero"):
        domain.bootstrap("fails")
    assert time.monotonic() - began < SOON
    assert sessions_end(domain)


def test_compare_ends_though_another_read_takes_a_minute(domain: Jobs) -> None:
    domain.bootstrap("compared")
    domain.export(list(domain.items_by("id", "compared").values()))
    filters(domain, MINUTE, FAILS)
    began = time.monotonic()
    with pytest.raises(Exception, match=r"SQLSTATE 22012|division by zero|An error occurred while calling"):
        domain.compare("compared")
    assert time.monotonic() - began < SOON
    assert sessions_end(domain)


def test_the_process_ends_with_1_and_its_cause(domain: Jobs, tmp_path: Path) -> None:
    filters(domain, MINUTE, FAILS)
    job = domain.job("bootstrap", "process", "a1")
    properties = tmp_path / "spark-defaults.conf"
    settings = {
        "spark.master": "local[2]",
        "spark.ui.enabled": "false",
        "spark.driver.extraClassPath": f"{class_path()}:{authority().class_path}",
        **{f"spark.migration.password.{name}": password for name, password in domain.passwords.items()},
    }
    properties.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
    properties.chmod(0o600)
    arguments = job.arguments
    clones = {c.cluster: {"host": c.host, "port": c.port, "createdAt": c.created_at} for c in arguments.clones.values()}
    command = [str(Path(pyspark.__file__).parent / "bin/spark-submit"), "--properties-file", str(properties)]
    command += ["spark/jobs/bootstrap.py", "--clones", json.dumps(clones)]
    for name in ("spec", "data", "domain", "run", "attempt", "mode"):
        command += [f"--{name}", getattr(arguments, name)]
    environment = {
        **os.environ,
        "PYTHONPATH": "spark",
        "JAVA_HOME": str(java_home()),
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_DRIVER_PYTHON": sys.executable,
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    seen_at: list[float] = []
    failure = domain.folder / "failures/d/process/bootstrap.json"

    def watch() -> None:
        while not failure.exists():
            time.sleep(0.1)
        seen_at.append(time.monotonic())

    threading.Thread(target=watch, daemon=True).start()
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    after = time.monotonic()

    assert ended.returncode == 1, ended.stderr[-2000:]
    assert after - seen_at[0] < SOON / 2
    cause = json.loads(failure.read_text())
    assert cause["error"] == "DatabaseError"
    assert "22012" in cause["cause"] or "division by zero" in cause["cause"]
    assert sessions_end(domain)


@pytest.mark.skipif(SERVER is None, reason="no mariadbd on this machine; .ci/run installs one")
def test_a_statement_in_mysql_ends_too(spark: SparkSession, tmp_path: Path) -> None:
    with mariadb(tmp_path) as server:
        database = reader(spark, MYSQL, server.port, server.password)
        failed: list[DatabaseError] = []

        def sleep() -> None:
            try:
                database.query("SELECT sleep(60) AS slept")
            except DatabaseError as error:
                failed.append(error)

        thread = threading.Thread(target=sleep)
        thread.start()
        began = time.monotonic()
        while thread.is_alive() and time.monotonic() - began < SOON:
            database.end_statements()
            thread.join(0.5)

    assert len(failed) == 1
