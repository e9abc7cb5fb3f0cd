"""CONTRIBUTING names commands that exist, and its table of tests names every target that tests."""

from __future__ import annotations

import re
from pathlib import Path

from tests.layers.parts import LAYERS

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
CHECKLISTS = ("A new type of column", "A new state", "A new stack", "A new version of Spark", "A new command")
# Targets that renew, install or run, and test nothing.
OTHERS = {
    *("bench-constants", "certificates", "clean", "demo", "format", "help", "init", "install", "jars", "lock", "login"),
    *("oracle", "plan", "policy", "pulumi-cli", "rehearse", "release", "scale", "schema", "stop-spark"),
}


def test_every_command_of_make_is_a_target() -> None:
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    named = {name for line in re.findall(r"`make ([a-z -]+)", TEXT) for name in line.split()}

    assert named <= targets


def test_the_table_of_tests_names_every_target_and_layer_that_tests() -> None:
    shown = set(re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE))
    table = TEXT[TEXT.index("| Command | Runs |") : TEXT.index("`make test` runs the parts")]
    rows = [line.split("|")[1:-1] for line in table.splitlines() if line.startswith("| ")][1:]

    assert shown - OTHERS == {name for row in rows for name in re.findall(r"`make ([a-z-]+)`", row[0])}
    assert all(cell.strip() for row in rows for cell in row)
    assert {layer for layer in LAYERS if layer not in table} == {"tools"}


def test_there_is_a_checklist_for_every_kind_of_change() -> None:
    assert tuple(re.findall(r"^### (.*)$", TEXT, re.MULTILINE)) == CHECKLISTS
