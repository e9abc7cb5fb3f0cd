"""How time and memory grow with the rows: each size in a process of its own, with a heap of one gigabyte."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from migration_spark import bootstrap
from rich.console import Console
from rich.table import Table as Sheet

from bench.compare import bootstrapped, differences, exported
from bench.delta import base_and_items, written_changes
from bench.ground import RESULTS, Ground, ground
from bench.setting import job, setting

_HEAP = "1g"
_CHANGED_PERCENT = 1.0
JOBS = ("bootstrap", "compare", "delta")


def main(sizes: list[int]) -> None:
    """Measure the three jobs at every size, and print seconds per million rows and the JVM's peak."""
    measurements = [_in_a_process_of_its_own(rows) for rows in sizes]
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
    with ground(rows, _HEAP) as on:
        began = time.monotonic()
        bootstrap.run(job(on, "bootstrap", "run"))
        written = time.monotonic()
        _, table = setting()
        export = exported(on, table, 0)
        counted = bootstrapped(on, table)
        ready = time.monotonic()
        if differences(on, table, export, counted):
            raise SystemExit("equal sides were found to differ")
        compared = time.monotonic() - ready
        sides = base_and_items(on, _CHANGED_PERCENT)
        ready = time.monotonic()
        written_changes(on, sides)
        seconds = {"bootstrap": written - began, "compare": compared, "delta": time.monotonic() - ready}
        facts = {"rows": rows, **seconds, "peakMiB": _peak(on)}
        print(json.dumps(facts), flush=True)


def _in_a_process_of_its_own(rows: int) -> dict[str, float]:
    command = [sys.executable, "-m", "bench", "step", "--rows", str(rows)]
    lines = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    return dict(json.loads(lines[-1]))


def _peak(on: Ground) -> float:
    """Return the most memory that the JVM ever held, in MiB."""
    status = Path(f"/proc/{on.spark.sparkContext._gateway.proc.pid}/status").read_text("ascii")
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024
