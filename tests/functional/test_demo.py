"""The demo as a person meets it at its edges: interrupted, and called wrongly."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

_OURS = ("postgres", "spark", "lambda_worker", "guard.py")
DEMO = [sys.executable, "-m", "local.demo", "--rows"]


def processes() -> dict[int, str]:
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            state = (folder / "stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            continue
        if any(mark in words for mark in _OURS) and state != "Z":
            found[int(folder.name)] = words
    return found


def test_an_interrupted_demo_leaves_no_process_behind() -> None:
    before = set(processes())
    with subprocess.Popen([*DEMO, "1000"], stdout=subprocess.PIPE, text=True, env={**os.environ}) as demo:
        assert demo.stdout is not None
        seen = []
        for line in demo.stdout:
            seen.append(line)
            if line.rstrip().endswith(" Bootstrap"):
                break
        time.sleep(3)  # a Spark job is on its way up
        started = {pid: words for pid, words in processes().items() if pid not in before and pid != demo.pid}
        demo.send_signal(signal.SIGINT)
        last = demo.stdout.read()
        code = demo.wait(60)
    time.sleep(1)
    left = {pid: words for pid, words in processes().items() if pid in started}

    assert code == 130, "".join(seen)
    assert "interrupted; every process was ended" in last
    assert any("postgres" in words for words in started.values())
    assert any("spark" in words for words in started.values())
    assert left == {}


def test_too_few_rows_are_refused_with_the_bound() -> None:
    done = subprocess.run([*DEMO, "10"], check=False, capture_output=True, text=True)

    assert done.returncode == 2
    assert "ROWS=10 must be at least 1000" in done.stderr
