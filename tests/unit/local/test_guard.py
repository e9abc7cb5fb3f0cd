"""Child processes end with their parent, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from local.guard import ProcessGuard

PROGRAM = """
import sys, time
from local.guard import ProcessGuard
child = ProcessGuard().start(["sleep", "60"])
print(child.pid, flush=True)
time.sleep(60)
"""


def ended(pid: int) -> bool:
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.1)
    return False


def test_children_end_even_if_their_parent_is_killed() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()

    assert ended(child)


def test_closing_ends_every_child_with_its_group() -> None:
    guard = ProcessGuard()
    child = guard.start(["sh", "-c", "sleep 60 & wait"])
    stubborn = guard.start(["sh", "-c", "trap '' TERM; sleep 60"])
    time.sleep(0.2)

    guard.close()

    assert child.poll() is not None
    assert stubborn.poll() is not None


def test_a_program_that_is_not_there_is_an_error() -> None:
    guard = ProcessGuard()
    with pytest.raises(FileNotFoundError):
        guard.start(["/no/such/program"])
    guard.close()
