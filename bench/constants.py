"""Measurement of the cost of a row and of a byte, printed in the form of `runner/plan/constants.yaml`."""

from __future__ import annotations

import datetime as dt
import gzip
import os
import platform
import shutil
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from migration_spark import bootstrap
from pyspark.sql import functions as F

from bench.compare import differences, exported
from bench.fixture import COLUMNS, RESULTS, cpu_seconds, open_fixture, to_nowhere
from bench.workload import database, job, rows, workload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pyspark.sql import DataFrame

    from bench.fixture import Fixture

_WIDE_DIVISOR = 50  # the factor by which there are fewer rows of 50 KB
_TINY_ROWS = 1_000  # few enough that their cost does not depend on the rows
_TASKS = 5_000
_PARTITIONS = 8
_WRITING = ("write", "checksums")
_ATTRIBUTE_BYTES = 4  # a fingerprint
_KILOBYTE = 1000


@dataclass(frozen=True)
class Shape:
    """Cost of rows of the same width: vCPU-seconds by stage."""

    rows: int
    value_bytes: int
    seconds: dict[str, float]


def main(count: int, rounds: int) -> None:
    """Measure with very few rows, `count` narrow rows, and fewer wide rows; the best of the rounds counts."""
    with open_fixture(_TINY_ROWS) as fixture:
        tiny = _shape(fixture, rounds + 1)  # the first compiles
    with open_fixture(count) as fixture:
        narrow = _shape(fixture, rounds)
        facts = {
            **_sizes(fixture, narrow.value_bytes),
            **_connection(fixture, narrow.value_bytes, rounds),
            **_driver(fixture),
        }
        shuffles = _shuffles(fixture, narrow.value_bytes)
        print(facts, shuffles, file=sys.stderr, flush=True)
    with open_fixture(max(100, count // _WIDE_DIVISOR), wide=True) as fixture:
        wide = _shape(fixture, rounds)
    stages = {stage: _fitted(tiny, narrow, wide, stage) for stage in narrow.seconds}
    text = _text(count, stages, shuffles, facts)
    print(text)
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "constants.yaml").write_text(text)


def _shape(fixture: Fixture, rounds: int) -> Shape:
    """Run both jobs in several rounds, and keep the best time of each stage."""
    _, table = workload()
    export = exported(fixture, table, 0)
    best: dict[str, float] = {}
    for _ in range(rounds):
        took = _bootstrap(fixture)
        began = cpu_seconds()
        if differences(fixture, table, export):
            raise SystemExit("equal sides were found to differ")
        took["compare"] = cpu_seconds() - began
        best = {stage: min(seconds, best.get(stage, seconds)) for stage, seconds in took.items()}
        print(f"  {fixture.rows:,} rows: {took}", file=sys.stderr, flush=True)
    shape = Shape(fixture.rows, _value_bytes(fixture), best)
    print(shape, file=sys.stderr, flush=True)
    return shape


def _bootstrap(fixture: Fixture) -> dict[str, float]:
    """Return the vCPU-seconds of reading and of writing."""
    for folder in ("raw", "processed", "landed"):
        shutil.rmtree(fixture.folder / folder, ignore_errors=True)
    ours = job(fixture, "bootstrap", "run")
    took = {"read": 0.0, "write": 0.0}
    timed = ours.phase

    @contextmanager
    def phase(name: str) -> Iterator[None]:
        began = cpu_seconds()
        with timed(name):
            yield
        took["write" if name in _WRITING else "read"] += cpu_seconds() - began

    ours.phase = phase  # type: ignore[method-assign]  # the job's own phases, with their processor time
    bootstrap.run(ours)
    return took


def _value_bytes(fixture: Fixture) -> int:
    counted = database(fixture).audit(workload()[1].extracts[0])
    return int(sum(counted[2::2]))


def _fitted(tiny: Shape, narrow: Shape, wide: Shape, stage: str) -> tuple[float, float]:
    """Return the microseconds per row and per kB that explain the shapes, none of them negative.

    They exclude the cost of tiny tables, which is the start of jobs.
    """
    of_bytes = [shape.value_bytes / shape.rows for shape in (narrow, wide)]
    of_row = [max(0.0, shape.seconds[stage] - tiny.seconds[stage]) / shape.rows for shape in (narrow, wide)]
    kilobyte = max(0.0, (of_row[1] - of_row[0]) / (of_bytes[1] - of_bytes[0]) * _KILOBYTE)
    return max(0.0, of_row[0] - of_bytes[0] / _KILOBYTE * kilobyte) * 1e6, kilobyte * 1e6


def _sizes(fixture: Fixture, value_bytes: int) -> dict[str, float]:
    """Return the ratios of raw/ and of items to the bytes of column values."""
    raw = sum(path.stat().st_size for path in (fixture.folder / "raw").rglob("*.parquet"))
    files = list((fixture.folder / "processed").rglob("*.gz"))
    items = sum(len(gzip.decompress(path.read_bytes())) for path in files)
    stored = sum(path.stat().st_size for path in files)
    return {"raw_bytes": raw / value_bytes, "item_bytes": items / value_bytes, "gzip_ratio": items / stored}


def _connection(fixture: Fixture, value_bytes: int, rounds: int) -> dict[str, float]:
    """Return the MB of column values that one connection reads in a second."""
    extract = replace(workload()[1].extracts[0], connections=1)
    seconds = min(_elapsed(lambda: to_nowhere(database(fixture).read(extract))) for _ in range(rounds))
    return {"connection_megabytes_per_second": value_bytes / 1e6 / seconds}


def _elapsed(run: Callable[[], Any]) -> float:
    began = time.monotonic()
    run()
    return time.monotonic() - began


def _shuffles(fixture: Fixture, value_bytes: int) -> dict[str, float]:
    """Return compressed bytes in a shuffle: of incompressible hashes, of whole rows and of marks."""
    _, table = workload()
    hashes = [F.xxhash64("id", F.lit(number)).alias(f"h{number}") for number in range(4)]
    made = fixture.spark.range(fixture.rows)
    key = _shuffled(fixture, lambda: _dealt(made.select(*hashes[:1]))) / fixture.rows
    rank = _shuffled(fixture, lambda: _dealt(made.select(*hashes))) / fixture.rows
    whole = _shuffled(fixture, lambda: _dealt(rows(fixture, table).withColumn("h0", F.xxhash64("id")))) / value_bytes
    export = exported(fixture, table, 100.0)
    marks = _shuffled(fixture, lambda: differences(fixture, table, export)) / 2 / fixture.rows
    difference = marks - _ATTRIBUTE_BYTES * len(COLUMNS)
    return {"key": key, "rank": rank, "value": whole, "difference": difference, "attribute": float(_ATTRIBUTE_BYTES)}


def _dealt(rows: DataFrame) -> None:
    to_nowhere(rows.repartition(_PARTITIONS, "h0"))


def _shuffled(fixture: Fixture, run: Callable[[], Any]) -> int:
    """Return the bytes that `run` writes to shuffles."""
    store = fixture.spark.sparkContext._jsc.sc().statusStore()

    def written() -> int:
        time.sleep(1)  # Spark updates its counts a moment later
        return int(store.executorList(False).apply(0).totalShuffleWrite())

    before = written()
    run()
    return written() - before


def _driver(fixture: Fixture) -> dict[str, float]:
    """Return the bytes of the driver's heap that remain after a finished task."""
    jvm: Any = fixture.spark.sparkContext._jvm
    runtime = jvm.java.lang.Runtime.getRuntime()

    def used() -> int:
        for _ in range(3):
            runtime.gc()
            time.sleep(1)
        return int(runtime.totalMemory() - runtime.freeMemory())

    before = used()
    to_nowhere(fixture.spark.range(0, _TASKS, 1, _TASKS))
    return {"driver_task_bytes": max(1.0, (used() - before) / _TASKS)}


def _text(
    count: int, stages: dict[str, tuple[float, float]], shuffles: dict[str, float], facts: dict[str, float]
) -> str:
    lines = ["measured:", f"  date: {dt.datetime.now(dt.UTC).date()}", f"  machine: {_machine()}", f"  rows: {count}"]
    lines += ["  microseconds:"]
    lines += [f"    {stage}: {{row: {row:.1f}, kilobyte: {kb:.1f}}}" for stage, (row, kb) in stages.items()]
    lines += ["  shuffle_bytes:", *[f"    {name}: {value:.2f}" for name, value in shuffles.items()]]
    return "\n".join([*lines, *[f"  {name}: {value:.2f}" for name, value in facts.items()]]) + "\n"


def _machine() -> str:
    """Return the model and number of the processors."""
    described = Path("/proc/cpuinfo").read_text("utf-8") if Path("/proc/cpuinfo").exists() else ""
    names = [line.split(":", 1)[1].strip() for line in described.splitlines() if line.startswith("model name")]
    return f"{os.cpu_count()} vCPUs, {names[0] if names else platform.processor()} ({platform.machine()})"
