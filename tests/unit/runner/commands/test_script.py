"""The script passes all options of the runner's commands, by flag and by variable."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import typer

from runner.commands import load
from tests.workflow import ROOT

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = ROOT / "scripts" / "run-step-functions-workflow.sh"


def run(*arguments: str, folder: Path = ROOT, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], **variables}
    return subprocess.run(
        ["bash", str(SCRIPT), *arguments],  # noqa: S607 - the system's
        check=False,
        capture_output=True,
        text=True,
        env=environment,
        cwd=folder,
    )


def options() -> dict[str, str]:
    """Return the options of the commands that the script starts, with their variables."""
    commands = typer.main.get_command(load()).commands  # type: ignore[attr-defined]  # it is a group
    params = [param for name in ("start", "catch-up", "repair") for param in commands[name].params]
    named = {max(param.opts, key=len): str(param.envvar or "") for param in params}
    return {name: variable for name, variable in named.items() if name.startswith("--") and name != "--help"}


def test_every_option_is_told_with_its_variable() -> None:
    documented = dict(re.findall(r"^  (--[a-z-]+)(?: [A-Z]+)? +([A-Z_]+)?", run("--help").stdout, re.MULTILINE))

    assert {name: f"MIGRATION_{variable}" if variable else "" for name, variable in documented.items()} == {
        **options(),
        "--action": "MIGRATION_ACTION",
    }


def test_every_variable_is_handed_over(tmp_path: Path) -> None:
    fake = tmp_path / "python"
    fake.write_text('#!/bin/sh\necho "$@"\nenv | grep ^MIGRATION_ | sort\n')
    fake.chmod(0o755)
    variables = {variable.removeprefix("MIGRATION_") for variable in options().values() if variable}

    done = run("--json", "--domain", "a b", folder=tmp_path, PYTHON=str(fake), **dict.fromkeys(variables, "x y"))

    arguments, *handed = done.stdout.splitlines()
    assert arguments == "-m runner start --json --domain a b"
    assert handed == sorted(f"MIGRATION_{name}=x y" for name in variables)


@pytest.mark.parametrize(
    ("arguments", "variables", "command"),
    [
        (("--json",), {}, "start --json"),
        (("--json",), {"ACTION": "migrate"}, "start --json"),
        (("--json",), {"ACTION": "catch-up"}, "catch-up --json"),
        (("--action", "catch-up", "--mode", "rehearsal"), {}, "catch-up --mode rehearsal"),
        (("--action=catch-up",), {"ACTION": "migrate"}, "catch-up"),
        (("--yes",), {"ACTION": "repair", "RUN_ID": "r 1"}, "repair r 1 --yes"),
    ],
)
def test_the_action_chooses_the_command(
    tmp_path: Path, arguments: tuple[str, ...], variables: dict[str, str], command: str
) -> None:
    fake = tmp_path / "python"
    fake.write_text('#!/bin/sh\necho "$@"\n')
    fake.chmod(0o755)

    assert run(*arguments, folder=tmp_path, PYTHON=str(fake), **variables).stdout == f"-m runner {command}\n"


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"PYTHON": sys.executable, "ACTION": "mend"}, "error: --action: 'mend' is not migrate, catch-up or repair"),
        ({"PYTHON": sys.executable, "ACTION": "repair"}, "error: a repair needs RUN_ID"),
        ({"PYTHON": "/nowhere/python"}, "error: /nowhere/python is missing; run: make install"),
        ({"PYTHON": sys.executable}, "Missing option '--environment'"),
        ({"PYTHON": sys.executable, "ENVIRONMENT": "nope", "DOMAIN": "rates"}, "Pulumi.nope.yaml does not exist"),
        ({"PYTHON": sys.executable, "ENVIRONMENT": "test", "DOMAIN": "rates", "YES": "perhaps"}, "--yes"),
        ({"PYTHON": sys.executable, "ENVIRONMENT": "test", "DOMAIN": "rates", "PARALLELISM": "many"}, "--parallelism"),
    ],
)
def test_what_is_wrong_is_said_with_exit_code_2_from_any_folder(
    tmp_path: Path, variables: dict[str, str], message: str
) -> None:
    done = run(folder=tmp_path, **variables)

    assert done.returncode == 2
    assert message in done.stderr


def test_the_command_migrate_runs_from_any_folder_and_hands_everything_over(tmp_path: Path) -> None:
    fake = tmp_path / "python"
    fake.write_text('#!/bin/sh\necho "$PYTHONPATH: $@"\n')
    fake.chmod(0o755)
    linked = tmp_path / "migrate"
    linked.symlink_to(ROOT / "scripts" / "migrate")

    done = subprocess.run(
        [str(linked), "status", "--environment", "a b"],
        check=True,
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], "PYTHON": str(fake)},
        cwd=tmp_path,
    )

    assert done.stdout == f"{ROOT}: -m runner status --environment a b\n"


def test_the_command_migrate_says_how_to_install_it() -> None:
    done = subprocess.run(
        [str(ROOT / "scripts" / "migrate"), "status"],
        check=False,
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], "PYTHON": "none"},
    )

    assert (done.returncode, done.stderr) == (2, f"error: none is missing; run: make -C '{ROOT}' install\n")
