"""Child processes that end with this process, however it ends.

A guard process holds a pipe from this process. When the pipe closes, even because this process was killed, the guard
ends the registered processes. This module is also the guard's program.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any

_GRACE_SECONDS = 3.0


class ProcessGuard:
    """A guard that starts and ends child processes, each in its own process group."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._children: dict[int, subprocess.Popen[Any]] = {}
        self._guard = subprocess.Popen(
            [sys.executable, "-I", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
        )

    def start(self, arguments: list[str], **options: Any) -> subprocess.Popen[Any]:  # noqa: ANN401 - Popen's options
        """Start a program, which ends no later than this process."""
        child = subprocess.Popen(arguments, start_new_session=True, **options)
        with self._lock:
            self._children[child.pid] = child
            self._tell(f"+{child.pid}")
        return child

    def forget(self, child: subprocess.Popen[Any]) -> None:
        """Unregister a program that has ended."""
        with self._lock:
            if self._children.pop(child.pid, None) is not None:
                self._tell(f"-{child.pid}")

    def stop(self, child: subprocess.Popen[Any], with_signal: int = signal.SIGTERM) -> None:
        """End a program and its group: with a signal, and after a grace period by force."""
        if child.poll() is None:
            _signal_group(child.pid, with_signal)
            try:
                child.wait(_GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                _signal_group(child.pid, signal.SIGKILL)
                child.wait()
        self.forget(child)

    def close(self) -> None:
        """End every program and the guard."""
        with self._lock:
            children = list(self._children.values())
        for child in children:
            if child.poll() is None:
                _signal_group(child.pid, signal.SIGTERM)
        for child in children:
            self.stop(child)
        if self._guard.stdin is not None:
            self._guard.stdin.close()
        self._guard.wait()

    def _tell(self, line: str) -> None:
        if self._guard.stdin is not None and not self._guard.stdin.closed:
            self._guard.stdin.write(f"{line}\n".encode())
            self._guard.stdin.flush()


def _signal_group(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def _watch() -> None:
    """Read process ids until the pipe closes, then end the remaining processes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    alive: set[int] = set()
    for line in sys.stdin:
        (alive.add if line[0] == "+" else alive.discard)(int(line[1:]))
    for pid in alive:
        _signal_group(pid, signal.SIGTERM)
    if alive:
        time.sleep(_GRACE_SECONDS)
    for pid in alive:
        _signal_group(pid, signal.SIGKILL)


if __name__ == "__main__":
    _watch()
