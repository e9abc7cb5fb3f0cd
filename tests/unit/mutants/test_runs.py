"""A small project with a mutant that a test notices, a survivor, and a mutant that never ends."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from tests.mutants import runs
from tests.mutants.groups import Group
from tests.mutants.mutant import Mutant
from tests.mutants.python_code import compiles, python_mutants
from tests.mutants.runs import BaselineError, NoMutantError, Worker, Workers
from tests.mutants.scratch import ROOT, Scratch
from tests.mutants.worker import TIMED_OUT

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = dedent("""
    LONGEST = 3
    def is_long(text):
        return len(text) > LONGEST
    def shortened(text):
        while is_long(text):
            text = text[:-1]
        return text
    def unused(value):
        return value == 1
    def doubled(value):
        return value * 2
""")
TESTS = dedent("""
    import pytest
    from module import doubled, shortened
    MADE_AT_IMPORT = doubled(3)
    @pytest.fixture(autouse=True)
    def compiled():
        if MADE_AT_IMPORT == 9:
            pytest.exit("it does not compile", returncode=77)
    def test_what_is_long_is_shortened():
        assert shortened("four") == "fou"
    def test_what_is_short_is_kept():
        assert shortened("six") == "six"
    def test_what_an_import_makes_is_checked_later():
        assert MADE_AT_IMPORT == 6
""")
KEEPER = dedent("""
    import os, subprocess, sys
    def keep(folder):
        with (folder.parent / "starts").open("a") as starts:
            starts.write("1")
        process = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
        os.environ["KEPT"] = str(process.pid)
        return process
""")
KEPT_TESTS = dedent("""
    import os, signal
    from module import LONGEST
    def test_the_length():
        if LONGEST != 3:
            os.kill(int(os.environ["KEPT"]), signal.SIGKILL)
        assert LONGEST == 3
""")
GROUP = Group("small", ("module.py",), ("test_module.py",), (), in_sample=True)


class Project(Scratch):
    """A folder that replaces the repository's copy."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "tests").mkdir()
        shutil.copytree(Path(runs.__file__).parent, folder / "tests/mutants")
        (folder / "module.py").write_text(CODE)
        (folder / "test_module.py").write_text(TESTS)

    def restore(self, mutant: Mutant) -> None:
        path = self.folder / mutant.path
        path.write_text(CODE)
        os.utime(path, (0, 0))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture
def worker(project: Project) -> Iterator[Worker]:
    running = Worker(project)
    yield running
    running.close()


def test_a_mutant_survives_unless_a_test_fails_or_does_not_end(
    worker: Worker, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "_SPARE_SECONDS", 8)
    baseline = worker.baseline(GROUP)
    mutants = {mutant.change: mutant for mutant in python_mutants("module.py", CODE)}
    chosen = (
        "`>` becomes `>=`",
        "`3` becomes `4`",
        "`is_long(text)` is negated",  # an endless loop
        "`==` becomes `!=`",
    )

    survived = [change for change in chosen if worker.survives(GROUP, baseline, mutants[change])]

    assert survived == ["`==` becomes `!=`"]
    assert (project.folder / "module.py").read_text() == CODE


@pytest.mark.parametrize("looping", ["while True: pass", "def test_endless():\n    while True: pass"])
def test_a_step_that_never_ends_is_ended_long_before_the_time_of_all_steps(
    worker: Worker, project: Project, looping: str
) -> None:
    (project.folder / "test_module.py").write_text(looping)

    code, _ = worker._ask({"pytest": list(GROUP.tests), "step": 3}, 600)

    assert code == TIMED_OUT


def test_a_line_that_only_an_import_runs_is_noticed_by_whatever_test_reads_what_it_made(worker: Worker) -> None:
    baseline = worker.baseline(GROUP)
    (mutant,) = [candidate for candidate in python_mutants("module.py", CODE) if candidate.change == "`*` becomes `//`"]

    assert not worker.survives(GROUP, baseline, mutant)


def test_what_the_tests_cannot_compile_is_no_mutant(worker: Worker) -> None:
    baseline = worker.baseline(GROUP)
    (mutant,) = [candidate for candidate in python_mutants("module.py", CODE) if candidate.change == "`2` becomes `3`"]

    with pytest.raises(NoMutantError):
        worker.survives(GROUP, baseline, mutant)


def test_only_the_tests_that_run_a_line_are_chosen(worker: Worker) -> None:
    baseline = worker.baseline(GROUP)
    lines = {mutant.text: baseline.tests_of(mutant) for mutant in python_mutants("module.py", CODE)}

    assert lines["text = text[:-1]"] == ["test_module.py::test_what_is_long_is_shortened"]
    assert sorted(lines["LONGEST = 3"]) == sorted(lines["return len(text) > LONGEST"])
    assert len(lines["LONGEST = 3"]) == 2
    assert lines["return value == 1"] == []


def test_workers_side_by_side_answer_for_each_mutant_in_order(tmp_path: Path) -> None:
    folders = [tmp_path / "first", tmp_path / "second"]
    for folder in folders:
        folder.mkdir()
    workers = Workers([Project(folder) for folder in folders])
    changes = {"`>` becomes `>=`": "killed", "`==` becomes `!=`": "survived", "`2` becomes `3`": ""}
    mutants = [mutant for mutant in python_mutants("module.py", CODE) if mutant.change in changes]

    outcomes = list(workers.outcomes(GROUP, workers.baseline(GROUP), mutants))
    workers.close()

    assert [(mutant.change, outcome) for mutant, outcome in outcomes] == list(changes.items())


def test_a_test_that_fails_without_a_mutant_ends_the_run(worker: Worker, project: Project) -> None:
    (project.folder / "test_module.py").write_text("def test_wrong():\n    assert False\n")

    with pytest.raises(BaselineError, match=r"the tests of small fail without a mutant; run: pytest test_module\.py"):
        worker.baseline(GROUP)


def test_one_jvm_serves_all_tests_and_is_started_again_where_a_test_ended_it(worker: Worker, project: Project) -> None:
    (project.folder / "keeper.py").write_text(KEEPER)
    (project.folder / "test_kept.py").write_text(KEPT_TESTS)
    group = Group("kept", ("module.py",), ("test_kept.py",), (), in_sample=True, keeps_jvm="keeper")
    mutants = python_mutants("module.py", CODE)
    killing, harmless = (
        next(m for m in mutants if m.change == f"`{change}`") for change in ("3` becomes `4", "==` becomes `!=")
    )
    baseline = worker.baseline(group)

    survived = [worker.survives(group, baseline, mutant) for mutant in (harmless, killing, harmless)]

    assert survived == [True, False, True]
    assert (project.folder / "starts").read_text() == "11"


def test_what_python_cannot_read_is_no_mutant() -> None:
    assert not compiles(Mutant("a.py", 1, "x", "y", "def ("))
    assert compiles(Mutant("a.py", 1, "x", "y", "x = 1"))


def test_a_copy_compiles_java_for_itself(tmp_path: Path) -> None:
    jars = Scratch(tmp_path / "copy").folder / "build/jars"

    assert not jars.is_symlink()
    linked = sorted(path.name for path in (ROOT / "build/jars").iterdir() if path.name != "migration-functions.jar")
    assert [(path.name, path.is_symlink()) for path in sorted(jars.iterdir())] == [(name, True) for name in linked]
