"""`make test` runs every test once, and prints the total."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.layers import __main__ as command
from tests.layers.parts import PARTS, Part, chosen
from tests.layers.results import closing_line, read

ROOT = Path(__file__).parents[2]
PASSES, FAILS = "def test_a() -> None:\n    assert 1 == 1\n", "def test_b() -> None:\n    assert 'left' == 'right'\n"
SKIPS = "import pytest\ndef test_c() -> None:\n    pytest.skip('install it')\n"


def has(part: Part, path: str) -> bool:
    within = [Path(path).is_relative_to(folder) for folder in part.paths]
    without = [Path(path).is_relative_to(folder) for folder in part.without]
    return any(within) and not any(without)


def test_every_file_of_tests_is_in_one_part() -> None:
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "tests/test_*.py", "tests/**/test_*.py"],  # noqa: S607 - git is on the PATH
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    parts = {path: [part.name for part in PARTS if has(part, path)] for path in listing.split()}

    assert len(parts) > 100
    assert {path: names for path, names in parts.items() if len(names) != 1} == {}


def test_a_layer_is_all_its_parts() -> None:
    assert {part.layer for part in chosen(["unit"])} == {"unit"}
    assert chosen([]) == list(PARTS)


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Part]:
    made = []
    for name, text in (("good", PASSES), ("bad", FAILS), ("missing", SKIPS), ("broken", "import nothing_of_this_name")):
        (tmp_path / f"test_{name}.py").write_text(text)
        made.append(Part(name, "unit", (str(tmp_path / f"test_{name}.py"),)))
    monkeypatch.setattr(command, "FOLDER", tmp_path / "results")
    monkeypatch.setattr(command, "chosen", lambda _layers: made)
    return made


def test_what_failed_is_shown_whole_and_the_last_line_counts_all(
    parts: list[Part], capfd: pytest.CaptureFixture[str]
) -> None:
    assert [part.name for part in parts] == ["good", "bad", "missing", "broken"]

    assert command.main([]) == 1

    said = capfd.readouterr().out
    assert "assert 'left' == 'right'" in said
    assert "No module named 'nothing_of_this_name'" in said
    assert "test_c: install it" in said
    assert " 1 failed, 1 passed, 1 skipped, 1 error in " in said.splitlines()[-1]


def test_tests_that_all_pass_are_a_success(parts: list[Part], capfd: pytest.CaptureFixture[str]) -> None:
    del parts[1], parts[2]

    assert command.main([]) == 0

    assert " 1 passed, 1 skipped in " in capfd.readouterr().out.splitlines()[-1]


def test_a_part_that_ended_without_a_report_is_an_error(tmp_path: Path) -> None:
    result = read(tmp_path / "none.xml")

    assert result.counts == Counter(errors=1)
    assert closing_line([result], 61.5).strip("= ") == "1 error in 61.50s (0:01:01)"


def test_a_layer_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(["units"])

    assert ended.value.code == 2
    assert (
        "there is no layer units; there are functional, spark, machine, repository, unit, tools"
        in capsys.readouterr().err
    )


INTERRUPTED = """
import runpy, sys
from tests.layers import parts
slow = parts.Part("slow", "unit", (sys.argv.pop(),))
parts.chosen = lambda layers: [slow]
runpy.run_module("tests.layers.__main__", run_name="__main__")
"""
SLEEPS = """
import os, time
from pathlib import Path
def test_d():
    Path(__file__).with_name("pid").write_text(str(os.getpid()))
    time.sleep(300)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_ends_the_tests_that_run(tmp_path: Path, number: signal.Signals) -> None:
    test, pid = tmp_path / "test_slow.py", tmp_path / "pid"
    test.write_text(SLEEPS)
    (tmp_path / "conftest.py").write_text("")
    shell = {**os.environ, "PYTHONPATH": f"{ROOT}:{os.environ.get('PYTHONPATH', '')}"}
    command = [sys.executable, "-c", INTERRUPTED, str(test)]
    with subprocess.Popen(command, cwd=tmp_path, env=shell, stdout=subprocess.PIPE, text=True) as running:
        while not (pid.is_file() and pid.read_text()):
            assert running.poll() is None
            time.sleep(0.05)
        running.send_signal(number)
        said, _ = running.communicate()

    assert (running.returncode, said.splitlines()[-1]) == (130, "interrupted; every process was ended")
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
