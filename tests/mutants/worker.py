"""A process in the scratch copy that runs tests in forks of itself: third-party packages are imported once.

It reads a request a line, `{"pytest": [...], "lines": file or null, "seconds": n, "step": n}`. It answers with pytest's
exit code and the seconds that it took. `step` limits each test, and their collection, by itself. A fork imports the
product anew, so that it meets the mutant. A request `{"jvm": folder, "module": name}` lets the module's `keep` start a
JVM that all forks use.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.mutants.lines import Lines
from tests.mutants.stalls import Stalls

if TYPE_CHECKING:
    from subprocess import Popen

TIMED_OUT = -1
_PACKAGES = "site-packages"
_jvms: list[tuple[str, str, Popen[bytes]]] = []  # at most one, with its module and the folder of its classes


def main() -> None:
    """Answer requests until the input ends."""
    answers = os.fdopen(os.dup(1), "w")
    for request in map(json.loads, sys.stdin):
        if "preload" in request:
            _preload(request["preload"])
            continue
        if "jvm" in request:
            _keep_jvm(request["module"], request["jvm"])
            continue
        code, seconds = _in_fork(request)
        # What the fork began in the JVM may still go on; or the fork has ended the JVM for that reason.
        if _jvms and (code == TIMED_OUT or _jvms[0][2].poll() is not None):
            _keep_jvm(*_jvms[0][:2])
        answers.write(json.dumps({"code": code, "seconds": round(seconds, 2)}) + "\n")
        answers.flush()


def _keep_jvm(module: str, folder: str) -> None:
    while _jvms:
        _jvms.pop()[2].kill()
    _jvms.append((module, folder, importlib.import_module(module).keep(Path(folder))))


def _preload(names: list[str]) -> None:
    for name in names:
        with suppress(Exception):  # an optional part of a package that a test may import and this process may not
            importlib.import_module(name)
    # A fork's garbage collection would look at, and so copy, all that the packages made.
    gc.collect()
    gc.freeze()


def _in_fork(request: dict[str, Any]) -> tuple[int, float]:
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        _run(request)
    driver = os.getppid()
    # A driver that was killed leaves nothing behind.
    while time.monotonic() - began < request["seconds"] and os.getppid() == driver:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            code = os.waitstatus_to_exitcode(status)
            return (code if code >= 0 else TIMED_OUT), time.monotonic() - began
        time.sleep(0.005)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return TIMED_OUT, time.monotonic() - began


def _run(request: dict[str, Any]) -> None:
    os.setsid()  # so that what a test starts ends with it
    if not request.get("loud"):
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
    else:
        os.dup2(2, 1)
    plugins: list[Lines | Stalls] = []
    lines: Lines | None = None
    if request.get("lines"):
        # Bytecode of the unchanged files makes each fork import faster; mutants are never written.
        sys.dont_write_bytecode = False
        lines = Lines(Path.cwd(), request["files"])
        plugins.append(lines)
    if "step" in request:
        plugins.append(Stalls(request["step"]))
    code = 3
    with suppress(BaseException):  # whatever ends pytest itself is no survivor
        code = int(pytest.main(["-q", "-x", "-p", "no:cacheprovider", *request["pytest"]], plugins=plugins))
    if lines is not None:
        loaded = [
            name for name, module in list(sys.modules.items()) if _PACKAGES in (getattr(module, "__file__", "") or "")
        ]
        Path(request["lines"]).write_text(json.dumps({**lines.facts(), "packages": loaded}), "utf-8")
    os._exit(code)


if __name__ == "__main__":
    main()
