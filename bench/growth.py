"""Growth of time and memory with the rows: each size in its own process, with a heap of a gigabyte."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from migration_spark import bootstrap
from rich.console import Console
from rich.table import Table as Sheet

from bench.compare import bootstrapped, differences, exported
from bench.delta import base_and_items, changed_rows, written_changes
from bench.fixture import RESULTS, open_fixture
from bench.workload import job, workload

if TYPE_CHECKING:
    from bench.fixture import Fixture

_HEAP = "1g"
CHANGED_PERCENT = 1.0
JOBS = ("bootstrap", "compare", "delta")


def main(sizes: list[int]) -> None:
    """Measure the three jobs at every size, and print seconds per million rows and the JVM's peak."""
    measurements = [_in_own_process(rows) for rows in sizes]
    titles = [title for name in JOBS for title in (f"{name} s", "s per million")]
    sheet = Sheet("rows", *titles, "JVM peak MiB", title="growth")
    for facts in measurements:
        millions = facts["rows"] / 1_000_000
        cells = [cell for name in JOBS for cell in (facts[name], facts[name] / millions)]
        sheet.add_row(f"{facts['rows']:,}", *[f"{cell:.1f}" for cell in cells], f"{facts['peakMiB']:.0f}")
    Console().print(sheet)
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "growth.json").write_text(json.dumps(measurements, indent=1) + "\n")


def step(rows: int) -> None:
    """Measure one size, and print it as JSON."""
    with open_fixture(rows, _HEAP) as fixture:
        print(json.dumps({"rows": rows, **job_seconds(fixture), "peakMiB": _peak(fixture)}), flush=True)


def job_seconds(fixture: Fixture) -> dict[str, float]:
    """Return the seconds of each of the three jobs, which run one after the other.

    Raises:
        SystemExit: A job has the wrong result, so its time says nothing.
    """
    began = time.monotonic()
    bootstrap.run(job(fixture, "bootstrap", "run"))
    written = time.monotonic()
    _, table = workload()
    export = exported(fixture, table, 0)
    counted = bootstrapped(fixture, table)
    ready = time.monotonic()
    if differences(fixture, table, export, counted):
        raise SystemExit("Compare finds differences between equal sides")
    compared = time.monotonic() - ready
    sides = base_and_items(fixture, CHANGED_PERCENT)
    ready = time.monotonic()
    changes = written_changes(fixture, sides)
    delta = time.monotonic() - ready
    if changes != changed_rows(fixture.rows, CHANGED_PERCENT):
        raise SystemExit(f"Delta writes {changes:,} changes, not {changed_rows(fixture.rows, CHANGED_PERCENT):,}")
    return {"bootstrap": written - began, "compare": compared, "delta": delta}


def _in_own_process(rows: int) -> dict[str, float]:
    command = [sys.executable, "-m", "bench", "step", "--rows", str(rows)]
    lines = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    return dict(json.loads(lines[-1]))


def _peak(fixture: Fixture) -> float:
    """Return the most memory that the JVM ever held, in MiB."""
    gateway: Any = fixture.spark.sparkContext._gateway
    status = Path(f"/proc/{gateway.proc.pid}/status").read_text("ascii")
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024
