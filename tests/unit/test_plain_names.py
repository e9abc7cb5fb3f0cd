"""Packages whose names were made plain stay so: no variable is called by a word that says nothing about it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLAIN = ("__main__.py", "infra", "release", "runner")
RETIRED = {"found", "former", "given", "judge", "one", "place", "standing", "told"}


def names(code: str) -> set[str]:
    """Return every name that a module binds: variables, parameters, functions, classes and attributes."""
    bound: set[str] = set()
    for node in ast.walk(ast.parse(code)):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name) | ast.Attribute(attr=name, ctx=ast.Store()):
                bound.add(name)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                bound.add(name)
            case _:
                pass
    return bound


def retired(code: str) -> set[str]:
    return {name for name in names(code) if RETIRED & set(name.strip("_").split("_"))}


@pytest.mark.parametrize("path", PLAIN)
def test_no_name_is_a_retired_word(path: str) -> None:
    files = [ROOT / path] if path.endswith(".py") else sorted((ROOT / path).rglob("*.py"))
    wrong = {str(file.relative_to(ROOT)): retired(file.read_text("utf-8")) for file in files}

    assert files
    assert {name: words for name, words in wrong.items() if words} == {}


def test_a_retired_word_is_noticed_wherever_it_names_something() -> None:
    code = """
found = 1
def f(given): pass
for one in x: pass
y = [told for told in x]
def _place(): self.former = 1
stone = 2
"""

    assert retired(code) == {"_place", "former", "found", "given", "one", "told"}
