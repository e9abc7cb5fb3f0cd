"""Every command explains itself, takes the stack from a variable, and lets the shell complete what it can."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import typer

from catalog.loader import load_catalog
from runner.account.executions import find
from runner.commands import load
from runner.commands.completion import domains_or_all, stacks
from tests.customer import customer_folder
from tests.unit.runner.fakes import States, environment
from tests.workflow import ROOT

if TYPE_CHECKING:
    from pathlib import Path

COMMANDS: dict[str, Any] = typer.main.get_command(load()).commands  # type: ignore[attr-defined]  # it is a group


def option(command: Any, name: str) -> Any:  # noqa: ANN401 - a click option
    return next((param for param in command.params if name in param.opts), None)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_in_sentences_what_it_does_and_shows_an_example_that_parses(name: str) -> None:
    command = COMMANDS[name]
    assert re.search(r"^[A-Z].*\.$", command.help, re.DOTALL), command.help

    program, subcommand, *arguments = shlex.split(command.epilog.removeprefix("Example: "))
    assert (program, subcommand) == ("migrate", name)
    command.make_context(name, arguments)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_and_argument_says_what_it_is(name: str) -> None:
    silent = [param.name for param in COMMANDS[name].params if not getattr(param, "help", None)]

    assert silent == []


@pytest.mark.parametrize("name", COMMANDS)
def test_the_stack_of_every_command_may_come_from_a_variable(name: str) -> None:
    stack = option(COMMANDS[name], "--environment")

    assert (stack.envvar, "-e" in stack.opts) == ("MIGRATION_ENVIRONMENT", True)


def completed(line: str) -> list[str]:
    words = line.split(" ")
    environ = {
        **os.environ,
        "_MIGRATE_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run([sys.executable, "-m", "runner"], env=environ, check=False, capture_output=True, text=True)
    return done.stdout.split()


def test_a_shell_completes_commands_and_domains() -> None:
    assert {"start", "status", "stop"} <= {*completed("migrate st")}
    assert completed("migrate start --environment test --domain ") == [*sorted(load_catalog().domains), "all"]


def test_stacks_and_domains_are_those_of_the_folder_and_its_catalogs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = "config: {{aws:region: eu-west-1, aws:allowedAccountIds: ['971779422973']{}}}"
    (tmp_path / "Pulumi.one.yaml").write_text(stack.format(""))
    (tmp_path / "Pulumi.other.yaml").write_text(stack.format(", rates-avail-migration-bootstrap:catalog: nowhere"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("runner.account.environments.CATALOG_DIRECTORY", customer_folder())

    def context(**params: str) -> Any:  # noqa: ANN401 - typer's
        made = typer.Context(COMMANDS["start"])
        made.params = params
        return made

    assert (stacks(""), stacks("ot")) == (["one", "other"], ["other"])
    assert domains_or_all(context(), "") == ["availability", "rates", "all"]
    assert domains_or_all(context(environment="one"), "ra") == ["rates"]
    assert domains_or_all(context(environment="other"), "") == ["all"]


def test_all_is_the_newest_run_of_every_domain() -> None:
    states = States()
    for domain, name in (("rates", "r-1"), ("rates", "r-2"), ("availability", "a-1")):
        states.add(domain, name, "SUCCEEDED")

    for word in ("all", "both"):
        assert [execution.name for execution in find(environment(stepfunctions=states), word)] == ["a-1", "r-2"]
