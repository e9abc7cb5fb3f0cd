"""JVMs that run one Spark application after the other, as an EMR Serverless application keeps its workers ready.

A second application costs half of a first: Spark's classes are loaded and compiled. It shares nothing else with the
first: `local/java/drivers` says what the JVM forgets. A JVM whose application was cancelled ends.
https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/pre-init-capacity.html
"""

from __future__ import annotations

import base64
import subprocess
import threading
from typing import TYPE_CHECKING, Any

from local.errors import LocalError

if TYPE_CHECKING:
    from pathlib import Path

    from local.aws.active import Active, Command

_ENDED = b"ended "
_lock = threading.Lock()


def start(settings: Active, command: Command, log: Path) -> subprocess.Popen[Any]:
    """Return an idle JVM of the command's kind, or start its program, which then writes to `log`."""
    with _lock:
        idle = settings.idle_drivers.get(command.kind, [])
        while idle:
            process = idle.pop()
            if process.poll() is None:
                return process
            settings.guard.forget(process)
    talks = subprocess.DEVNULL if command.application is None else subprocess.PIPE
    with log.open("ab") as output:
        return settings.guard.start(
            command.arguments,
            stdin=talks,
            stdout=output if command.application is None else subprocess.PIPE,
            stderr=output,
            env=command.environment,
            cwd=settings.work,
        )


def wait(settings: Active, process: subprocess.Popen[Any], command: Command, log: Path, seconds: float) -> int:
    """Return the exit code of the command's application, which may take so many seconds.

    Raises:
        TimeoutExpired: It took longer; the process was ended.
    """
    expired = threading.Event()

    def end() -> None:
        expired.set()
        settings.guard.stop(process)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        code = process.wait() if command.application is None else _ask(process, [str(log), *command.application])
    finally:
        timer.cancel()
    if expired.is_set():
        raise subprocess.TimeoutExpired(command.arguments, seconds)
    return code


def keep(settings: Active, process: subprocess.Popen[Any], command: Command) -> None:
    """Keep a JVM for the next application of its kind."""
    with _lock:
        settings.idle_drivers.setdefault(command.kind, []).append(process)


def _ask(process: subprocess.Popen[Any], words: list[str]) -> int:
    """Let a JVM run an application, and return its exit code; that of the JVM where it ends without an answer."""
    requests, answers = process.stdin, process.stdout
    if requests is None or answers is None:
        raise LocalError("the process has no pipes to ask it by; start it with local.aws.drivers.start")
    try:
        requests.write(base64.b64encode("\0".join(words).encode()) + b"\n")
        requests.flush()
    except BrokenPipeError:
        return process.wait() or 1
    # A JVM that crashes writes its last words to the same pipe.
    for line in answers:
        if line.startswith(_ENDED):
            return int(line.removeprefix(_ENDED))
    return process.wait() or 1
