"""Progress of a job: its document, the rows under way in Spark, and that it never fails the job."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from migration_spark.errors import AuditMismatch
from migration_spark.spark_status import Work

from tests.spark.jobs import Jobs, passwords, thing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import DataFrame, SparkSession

ROWS, PARTS = 40, 8
SCHEMA = json.loads(Path("docs/progress.schema.json").read_text())
_WAIT_SECONDS = 60


def figures(rows: int, size: int | None) -> dict[str, Any]:
    return {"rows": rows, "bytes": size, "expectedRows": rows, "expectedBytes": size, "exact": True}


@contextmanager
def slow_rows(spark: SparkSession, folder: Path) -> Iterator[DataFrame]:
    """Yield rows; each task takes a quarter of a second for its five rows."""
    spark.range(0, ROWS, 1, PARTS).write.parquet(str(folder / "rows"))
    # A file costs more to open than a task may read, so each is of a task of its own.
    spark.conf.set("spark.sql.files.maxPartitionBytes", "100k")
    try:
        yield spark.read.parquet(str(folder / "rows")).selectExpr("reflect('java.lang.Thread', 'sleep', 50L)", "id")
    finally:
        spark.conf.unset("spark.sql.files.maxPartitionBytes")


def document_of(jobs: Jobs, run: str, job: str) -> dict[str, Any]:
    """Return a job's document, checked against its schema."""
    document = jobs.read(f"progress/d/{run}/{job}.json")
    jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(document)
    return document


def test_bootstrap_and_compare_leave_what_they_read_wrote_and_compared(jobs: Jobs) -> None:
    jobs.fill({"one": [thing(1), thing(2)], "two": [thing(3)]})
    summary = jobs.bootstrap("progress", attempt="a7")
    document = document_of(jobs, "progress", "bootstrap")
    table = document["tables"]["Thing"]

    assert {name: document[name] for name in ("version", "domain", "run", "attempt", "job", "state", "phase")} == {
        "version": 1,
        "domain": "d",
        "run": "progress",
        "attempt": "a7",
        "job": "bootstrap",
        "state": "ended",
        "phase": "checksums",
    }
    audit = {
        name: counted[2::2]
        for name, counted in jobs.read("processed/d/progress/manifest.json")["audit"]["Thing-thing"].items()
    }
    first, second = sum(audit["one"]), sum(audit["two"])
    assert table["read"] == {
        **figures(3, first + second),
        "rowsPerSecond": None,
        "ended": True,
        "clusters": {"one": figures(2, first), "two": figures(1, second)},
    }
    assert table["written"] == {
        **figures(3, summary["tables"]["Thing"]["bytes"]),
        "rowsPerSecond": None,
        "ended": True,
        "clusters": {"one": figures(2, 0), "two": figures(1, 0)},
    }

    jobs.export(list(jobs.items("progress").values()))
    jobs.compare("progress")
    table = document_of(jobs, "progress", "compare")["tables"]["Thing"]
    ended = {"rowsPerSecond": None, "ended": True}
    clusters = {"one": figures(2, first), "two": figures(1, second)}
    assert table == {
        "read": {**figures(6, first + second), **ended, "clusters": clusters},
        "compared": {**figures(3, 0), **ended, "clusters": {}},
    }


def test_rows_that_spark_has_under_way_are_shown_before_they_have_landed(jobs: Jobs, tmp_path: Path) -> None:
    progress = jobs.job("bootstrap", "under-way", "a1").progress
    progress.expect("Thing", "read", "one", ROWS, 100 * ROWS)
    seen: list[dict[str, Any]] = []

    def read() -> None:
        with progress.step(Work("Thing", "read", "one"), "read Thing.thing of one: split 1 of 1"):
            slow.write.parquet(str(tmp_path / "landed"))
        progress.add("Thing", "read", "one", ROWS, 100 * ROWS)

    with slow_rows(jobs.spark, tmp_path) as slow:
        reader = threading.Thread(target=read)
        reader.start()
        while reader.is_alive():
            seen.append(progress.now()["tables"]["Thing"]["read"])
            time.sleep(0.02)
    seen.append(progress.now()["tables"]["Thing"]["read"])
    rows = [stage["rows"] for stage in seen]

    assert rows == sorted(rows)
    assert rows[-1] == ROWS
    assert any(0 < count < ROWS for count in rows)
    assert all(stage["bytes"] == 100 * stage["rows"] for stage in seen)
    assert all(stage["clusters"]["one"]["rows"] == stage["rows"] for stage in seen)
    assert max(stage["rowsPerSecond"] or 0 for stage in seen) > 0


def test_jobs_that_are_described_alike_are_under_way_while_they_run(jobs: Jobs, tmp_path: Path) -> None:
    progress = jobs.job("bootstrap", "described", "a1").progress

    def read() -> None:
        jobs.spark.sparkContext.setJobDescription("read Thing.thing of two: split 3 of 12")
        slow.write.parquet(str(tmp_path / "landed"))

    with slow_rows(jobs.spark, tmp_path) as slow:
        reader = threading.Thread(target=read)
        reader.start()
        while reader.is_alive():
            stage = progress.now()["tables"]["Thing"].get("read")
            time.sleep(0.02)

    assert stage is not None
    assert 0 < stage["clusters"]["two"]["rows"] <= ROWS


def test_progress_that_cannot_be_written_is_told_once_and_fails_no_job(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    jobs.fill({"one": [thing(1)]})
    jobs.spark.conf.set("spark.migration.progressSeconds", "0.05")
    job = jobs.job("bootstrap", "denied", "a1")
    jobs.spark.conf.unset("spark.migration.progressSeconds")
    tried: list[str] = []
    is_enough = threading.Event()

    def refuse(uri: str, _document: object) -> None:
        tried.append(uri)
        if len(tried) > 2:
            is_enough.set()
        raise OSError("AccessDenied: progress/ is not for this role\nmore")

    monkeypatch.setattr(job.storage, "write_json", refuse)
    with job.progress.recording():
        assert is_enough.wait(_WAIT_SECONDS)

    assert capsys.readouterr().out == (
        f"[bootstrap] warning: the job continues, but file://{jobs.folder}/progress/d/denied/bootstrap.json cannot be "
        "written: OSError: AccessDenied: progress/ is not for this role\n"
    )


def test_a_status_store_that_cannot_be_read_leaves_what_has_landed(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_spark: object, _first_job: int) -> None:
        raise RuntimeError("no such method")

    monkeypatch.setattr("migration_spark.progress.SparkStatus", refuse)
    progress = jobs.job("bootstrap", "blind", "a1").progress
    progress.add("Thing", "read", "one", 5, 50)

    assert progress.now()["tables"]["Thing"]["read"]["rows"] == 5
    assert "warning: the job continues, but Spark's status store cannot be read" in capsys.readouterr().out


def test_the_document_of_an_earlier_attempt_is_replaced_at_once_and_a_failure_is_in_it(jobs: Jobs) -> None:
    jobs.fill({"one": [thing(1)]})
    jobs.bootstrap("overwritten", attempt="a1")
    job = jobs.job("bootstrap", "overwritten", "a2")
    states = []

    def fail() -> None:
        began = time.monotonic()
        while time.monotonic() - began < _WAIT_SECONDS:
            with suppress(json.JSONDecodeError):  # a file here is not written at once, as an object is
                document = jobs.read("progress/d/overwritten/bootstrap.json")
                if document["attempt"] == "a2":
                    states.append(document["state"])
                    break
        raise AuditMismatch("one row less")

    with pytest.raises(AuditMismatch), passwords(jobs.spark, jobs.passwords), job.progress.recording():
        fail()

    document = jobs.read("progress/d/overwritten/bootstrap.json")
    assert states == ["running"]
    assert (document["attempt"], document["state"], document["tables"]) == ("a2", "failed", {"Thing": {}})
