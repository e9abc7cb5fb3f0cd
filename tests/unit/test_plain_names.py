"""Names stay plain: no variable, function or class is called by a word that says nothing about it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLAIN = (
    "__main__.py",
    "bench",
    "catalog",
    "infra",
    "lambdas",
    "local",
    "policy",
    "release",
    "runner",
    "spark",
    "statemachine",
    "tests",
)
RETIRED = {"found", "former", "given", "judge", "one", "place", "standing", "told"}


def names(code: str) -> set[str]:
    """Return every name that a module binds: variables, parameters, functions, classes and attributes."""
    bound: set[str] = set()
    for node in ast.walk(ast.parse(code)):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name) | ast.Attribute(attr=name, ctx=ast.Store()):
                bound.add(name)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) if not name.startswith("test_"):
                bound.add(name)  # a test's name is a sentence
            case _:
                pass
    return bound


def java_names(code: str) -> set[str]:
    """Return every name that a Java source declares with a type before it, in pieces of its camel case."""
    declared = re.findall(r"[\w>\]]\s+([a-z]\w*)\s*(?=[=;,):(])", code)
    return {piece.lower() for name in declared for piece in re.findall(r"[A-Z]?[a-z]+", name)}


def retired(code: str) -> set[str]:
    return {name for name in names(code) if RETIRED & set(name.strip("_").split("_"))}


@pytest.mark.parametrize("path", PLAIN)
def test_no_name_is_a_retired_word(path: str) -> None:
    files = [ROOT / path] if path.endswith(".py") else sorted((ROOT / path).rglob("*.py"))
    wrong = {str(file.relative_to(ROOT)): retired(file.read_text("utf-8")) for file in files}

    assert files
    assert {name: words for name, words in wrong.items() if words} == {}


@pytest.mark.parametrize("path", sorted((ROOT / "spark" / "java").rglob("*.java")), ids=lambda path: path.stem)
def test_no_name_of_java_is_a_retired_word(path: Path) -> None:
    code = re.sub(r"//[^\n]*|/\*.*?\*/|\"(?:\\\\.|[^\"])*\"", "", path.read_text("utf-8"), flags=re.DOTALL)

    assert RETIRED & java_names(code) == set()


def test_a_retired_word_of_java_is_noticed() -> None:
    code = "int found = 1; for (String one : all) f(given); Item placeOf(List<String> told) { return x; }"

    assert RETIRED & java_names(code) == {"found", "one", "place", "told"}


def test_a_retired_word_is_noticed_wherever_it_names_something() -> None:
    code = """
found = 1
def f(given): pass
for one in x: pass
y = [told for told in x]
def _place(): self.former = 1
stone = 2
def test_one_of_them(): pass
"""

    assert retired(code) == {"_place", "former", "found", "given", "one", "told"}
