"""`make` needs one version of Python, and names it in one sentence."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def python(path: Path, version: str) -> None:
    """Install a fake Python of a version."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho {version}\n")
    path.chmod(0o755)


def install(folder: Path, *arguments: str) -> tuple[int, str]:
    shutil.copy(ROOT / "Makefile", folder)
    (folder / "requirements").mkdir()
    (folder / "requirements" / "lock.txt").touch()
    # `make test` hands its own level and flags on, and a make below another names its folders.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(
        ["make", "install", *arguments],  # noqa: S607 - make is on the PATH
        cwd=folder,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize("installed", [False, True])
def test_a_folder_that_another_version_made_is_refused(tmp_path: Path, installed: bool) -> None:  # noqa: FBT001 - pytest's
    python(tmp_path / ".venv" / "bin" / "python", "3.12")
    if installed:
        (tmp_path / ".venv" / ".installed").touch()

    assert install(tmp_path) == (2, ".venv has Python 3.12, but 3.11 is needed; remove it with: rm -r .venv\n")


def test_another_version_makes_no_folder(tmp_path: Path) -> None:
    python(tmp_path / "python3.13", "3.13")

    assert install(tmp_path, f"PYTHON={tmp_path / 'python3.13'}") == (
        2,
        "Python 3.11 is needed; name it with: make PYTHON=/path/to/python3.11\n",
    )
    assert not (tmp_path / ".venv").exists()


def test_a_folder_of_the_right_version_is_used_whatever_else_is_on_the_path(tmp_path: Path) -> None:
    python(tmp_path / ".venv" / "bin" / "python", "3.11")

    code, _ = install(tmp_path, "PYTHON=/none")

    assert code == 0
    assert (tmp_path / ".venv" / ".installed").exists()


@pytest.mark.parametrize(
    ("said", "options"),
    [
        ([], "--rows 100000"),
        (["ROWS=2000", "KEEP=1"], "--rows 2000 --keep"),
        (["CUTOVER=1"], "--cut-over"),
        (["CUTOVER=1", "ROWS=2000"], "--cut-over --rows 2000"),
    ],
    ids=" ".join,
)
def test_a_demo_of_the_cut_over_takes_its_own_rows_where_nobody_says_how_many(said: list[str], options: str) -> None:
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MAKE", "MFLAGS")) and name not in {"ROWS", "KEEP", "CUTOVER"}
    }
    shown = subprocess.run(
        ["make", "--dry-run", "demo", *said],  # noqa: S607 - make is on the PATH
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    ).stdout

    (command,) = [part for part in shown.replace("\\\n", " ").splitlines() if "local.demo" in part]
    assert " ".join(command.split("local.demo", 1)[1].split()) == options
