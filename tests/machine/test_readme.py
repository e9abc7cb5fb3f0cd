"""Every command of the README runs; those that start and show migrations run here, on the deployed stack."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from local.deploy.recorder import record
from local.stack import raise_quotas
from tests.project import ROOT, link_project

if TYPE_CHECKING:
    from tests.machine.rig import Rig

README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
COMMANDS = [
    line.split("  #")[0].strip() for block in BLOCKS for line in block.replace("\\\n", " ").splitlines() if line.strip()
]
MIGRATE = str(ROOT / "scripts" / "migrate")  # what `make install` puts into .venv/bin
# What another test runs, and which.
RUN_ELSEWHERE = {
    "make demo": "tests/functional/test_demo.py",
    "make demo CUTOVER=1": "tests/functional/test_cut_over.py",
    "make test": "tests/test_repository.py",  # it is what runs this
    "make install release": "tests/unit/local/test_release.py",
    "make login STACK=test": "tests/engine/__main__.py",
    "make plan STACK=test": "tests/unit/infra/test_program.py",
}


@pytest.fixture
def whole_rig(rig: Rig) -> Rig:
    """Return the rig with the rest of an account: instances, and quota for Spark."""
    raise_quotas(rig.aws)
    rds = rig.client("rds")
    for cluster in rds.describe_db_clusters()["DBClusters"]:
        if not cluster["DBClusterMembers"]:
            rds.create_db_instance(
                DBInstanceIdentifier=f"{cluster['DBClusterIdentifier']}-1",
                DBClusterIdentifier=cluster["DBClusterIdentifier"],
                DBInstanceClass="db.r6g.large",
                Engine=cluster["Engine"],
            )
    return rig


def run(rig: Rig, command: list[str], folder: Path) -> str:
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    environment = {**rig.aws.environment(), "PATH": path, "PYTHONPATH": str(ROOT), "PYTHON": sys.executable}
    if not (folder / "scripts").exists():
        link_project(folder)
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, f"{shlex.join(command)}: {done.stdout}{done.stderr}"
    return done.stdout


def substituted(rig: Rig, word: str, folder: Path) -> str:
    """Return a word, or what the command in it prints, as a shell's $(...) does."""
    inner = re.fullmatch(r"\$\(migrate (.*)\)", word)
    return run(rig, [MIGRATE, *shlex.split(inner[1])], folder).strip() if inner else word


def aws(rig: Rig, words: list[str]) -> dict[str, Any]:
    """Make the call that the AWS CLI would: its options are the parameters, spelt with dashes."""
    service, operation, *options = words
    names = [re.sub(r"-(\w)", lambda match: match[1].upper(), option[2:]) for option in options[::2]]
    answer: dict[str, Any] = getattr(rig.client(service), operation.replace("-", "_"))(
        **dict(zip(names, options[1::2], strict=True))
    )
    return answer


def test_the_readme_has_the_commands_that_this_runs() -> None:
    known = ("make ", "pulumi up --stack ", "migrate ", "scripts/", "aws ")
    settings = ("source .venv/bin/activate", "export PULUMI_CONFIG_PASSPHRASE=")

    assert len(COMMANDS) >= 12
    assert set(settings) <= set(COMMANDS)
    assert [command for command in COMMANDS if not command.startswith((*known, *settings))] == []


@pytest.mark.parametrize("command", [command for command in COMMANDS if command.startswith("make ")])
def test_a_target_of_make_is_there_and_run_by_another_test(command: str) -> None:
    target = command.split()[1]

    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert (ROOT / RUN_ELSEWHERE[command]).is_file()


@pytest.mark.parametrize("command", [command for command in COMMANDS if command.startswith("pulumi ")])
def test_the_program_that_pulumi_would_run_declares_the_stack(command: str) -> None:
    stack = command.rsplit(maxsplit=1)[-1]

    assert {"artifactsBucket", "dataBucket", "stateMachines"} <= set(record(stack).outputs)


def test_the_commands_of_a_migration_do_what_the_readme_says(whole_rig: Rig, tmp_path: Path) -> None:
    """In the README's order: plan, three ways to start, follow, status, report."""
    for command in COMMANDS:
        words = [substituted(whole_rig, word, tmp_path) for word in shlex.split(command)]
        if words[0] == "aws":
            ended = whole_rig.end(aws(whole_rig, words[1:])["executionArn"])
            assert (ended.status, ended.output["verdict"]) == ("SUCCEEDED", "MATCH"), ended.cause
        elif words[0] == "migrate" or words[0].startswith("scripts/"):
            said = run(whole_rig, [MIGRATE, *words[1:]] if words[0] == "migrate" else words, tmp_path)
            assert said.strip(), command

    assert "MATCH" in (tmp_path / "report.html").read_text("utf-8")
