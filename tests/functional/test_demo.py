"""The demo to its end, when it is interrupted, and when its arguments are wrong."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

import psutil

from local.demo.__main__ import RESULTS

DEMO = [sys.executable, "-m", "local.demo", "--rows"]
_SPARK_WITHIN_SECONDS = 900  # next to other work; seconds on an idle machine
_ENDS_WITHIN_SECONDS = 300


def descendants(pid: int) -> dict[psutil.Process, str]:
    """Return the command lines of a process's descendants, which excludes other runs on the machine."""
    lines: dict[psutil.Process, str] = {}
    for process in psutil.Process(pid).children(recursive=True):
        try:
            lines[process] = " ".join(process.cmdline())
        except (psutil.NoSuchProcess, psutil.ZombieProcess):  # it has ended since
            continue
    return lines


def until_spark_runs(pid: int) -> dict[psutil.Process, str]:
    """Return the descendants of a demo once a Spark job is among them."""
    limit = time.monotonic() + _SPARK_WITHIN_SECONDS
    while time.monotonic() < limit:
        lines = descendants(pid)
        if any("SparkSubmit" in line for line in lines.values()):
            return lines
        time.sleep(0.2)
    raise AssertionError(f"no Spark job began within {_SPARK_WITHIN_SECONDS} s")


def test_the_demo_migrates_both_domains_from_all_nine_clusters_with_proof() -> None:
    done = subprocess.run([*DEMO, "1000"], check=False, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.rstrip().endswith("Both domains match, and no clone is left.")
    for domain in ("availability", "rates"):
        verdict = json.loads((RESULTS / f"{domain}-verdict.json").read_text("utf-8"))
        assert verdict["verdict"] == "MATCH"
        assert sorted(verdict["clones"]) == [*(f"dailydatadb-partition-{n:02}" for n in range(1, 9)), "lipsdb"]


def test_an_interrupted_demo_leaves_no_process_behind() -> None:
    with subprocess.Popen([*DEMO, "1000"], stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        seen = []
        for line in demo.stdout:
            seen.append(line)
            if line.rstrip().endswith(" Bootstrap"):
                break
        started = until_spark_runs(demo.pid)
        demo.send_signal(signal.SIGINT)
        last = demo.stdout.read()
        code = demo.wait(_ENDS_WITHIN_SECONDS)
    _, left = psutil.wait_procs(list(started), timeout=60)

    assert code == 130, "".join(seen)
    assert "interrupted; every process was ended" in last
    assert any("postgres" in line for line in started.values())
    assert [started[process] for process in left] == []


def test_too_few_rows_are_refused_with_the_bound() -> None:
    done = subprocess.run([*DEMO, "10"], check=False, capture_output=True, text=True)

    assert done.returncode == 2
    assert "ROWS=10 must be at least 1000" in done.stderr
