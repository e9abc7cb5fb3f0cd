"""Every command of `migrate` that a page or a workflow names exists, with each option that the text gives it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
import typer.main

from runner.commands import load

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", ".github/**/*.yml")
    for path in ROOT.glob(pattern)
    if path.name != "CHANGELOG.md"
)
# In code alone: a span, a line of a block, or a step of a workflow.
_CALL = re.compile(
    r"(?:`|^ *|run: |\| |\$\()(?:migrate|\.venv/bin/python -m runner) ([a-z][a-z-]*)([^`\n]*)", re.MULTILINE
)
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")


@cache
def options() -> dict[str, set[str]]:
    """Return the options of each command, by its name."""
    group = typer.main.get_command(load())
    commands = getattr(group, "commands")  # noqa: B009 - a Group's, which typer's type does not say
    return {
        name: {"--help", *(flag for param in command.params for flag in (*param.opts, *param.secondary_opts))}
        for name, command in commands.items()
    }


def problems(text: str) -> list[str]:
    """Return the commands and options of a text that the command line lacks."""
    known = options()
    return [
        f"migrate {command}{' ' if option else ''}{option}"
        for command, rest in _CALL.findall(text.replace("\\\n", " "))
        for option in ("", *_OPTION.findall(rest))
        if command not in known or (option and option not in known[command])
    ]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_command_that_a_text_names_exists_with_its_options(path: Path) -> None:
    assert problems(path.read_text("utf-8")) == []


def test_the_texts_name_most_commands() -> None:
    named = {command for path in SOURCES for command, _ in _CALL.findall(path.read_text("utf-8"))}

    assert len(named & options().keys()) >= 14


def test_a_command_or_an_option_that_does_not_exist_is_a_problem() -> None:
    text = "`migrate resum RUN`, then\n```sh\nmigrate plan --environment test \\\n  --catchup\n```\n"

    assert problems(text) == ["migrate resum", "migrate plan --catchup"]
