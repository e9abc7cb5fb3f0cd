"""A JVM runs another application of its kind, and none after one that failed or was ended."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from local.aws import drivers
from local.aws.active import Active, Command
from local.guard import ProcessGuard

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Speaks as embedded.Drivers does: an application is an exit code, "crash" or "hang".
PROGRAM = """
import base64, os, sys, time
for line in sys.stdin:
    log, application = base64.b64decode(line).decode().split("\\0")
    with open(log, "a") as file:
        file.write(f"{os.getpid()} ran {application}\\n")
    if application == "crash":
        print("# A fatal error has been detected", flush=True)
        os._exit(6)
    if application == "hang":
        time.sleep(600)
    print("ended", application, flush=True)
"""
LONG_SECONDS = 60.0


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Active]:
    guard = ProcessGuard()
    yield Active(account="0" * 12, region="eu-west-1", port=0, work=tmp_path, guard=guard)
    guard.close()


def command(application: str, kind: str = "a role's") -> Command:
    return Command([sys.executable, "-c", PROGRAM], {}, application=[application], kind=kind)


def run(settings: Active, asked: Command, seconds: float = LONG_SECONDS) -> tuple[int, int]:
    """Return the process and the exit code of an application; keep the process where the code is 0."""
    log = settings.work / "log"
    process = drivers.start(settings, asked, log)
    code = drivers.wait(settings, process, asked, log, seconds)
    if code == 0:
        drivers.keep(settings, process, asked)
    return process.pid, code


def test_a_second_application_of_a_kind_runs_in_the_same_process(settings: Active) -> None:
    first, second = run(settings, command("0")), run(settings, command("0"))

    assert first == second
    assert (settings.work / "log").read_text() == f"{first[0]} ran 0\n" * 2


def test_an_application_of_another_kind_runs_in_a_process_of_its_own(settings: Active) -> None:
    assert run(settings, command("0"))[0] != run(settings, command("0", "another role's"))[0]


def test_two_applications_at_once_run_in_two_processes(settings: Active) -> None:
    log = settings.work / "log"

    assert drivers.start(settings, command("0"), log).pid != drivers.start(settings, command("0"), log).pid


def test_an_exit_code_is_the_application_s_and_a_crash_s_that_of_the_process(settings: Active) -> None:
    assert [run(settings, command(application))[1] for application in ("3", "crash")] == [3, 6]


def test_a_process_that_has_ended_meanwhile_runs_nothing(settings: Active) -> None:
    process = drivers.start(settings, command("0"), settings.work / "log")
    drivers.keep(settings, process, command("0"))
    process.kill()
    process.wait()

    pid, code = run(settings, command("0"))

    assert (pid != process.pid, code) == (True, 0)


def test_an_application_that_takes_too_long_is_ended(settings: Active) -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        run(settings, command("hang"), 0.5)


def test_a_command_that_is_the_application_is_run_as_it_is(settings: Active) -> None:
    asked = Command([sys.executable, "-c", "import sys; print('a line'); sys.exit(4)"], {})

    assert run(settings, asked)[1] == 4
    assert (settings.work / "log").read_text() == "a line\n"
