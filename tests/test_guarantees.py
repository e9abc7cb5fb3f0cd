"""docs/guarantees.md names code and tests that exist, and each claim has both."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/guarantees.md"
_REFERENCE = re.compile(r"`([^`:]+\.[a-z0-9]+):(:?)([^`]+)`")


def rows(page: str) -> list[list[str]]:
    """Return the cells of the page's tables, without heads and rules."""
    lines = [line for line in page.splitlines() if line.startswith("|")]
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [cells for cells in table if not set(cells[0]) <= {"-"} and cells[1] != "ensured by"]


def references(cell: str) -> list[tuple[str, str, str]]:
    """Return the path, a colon for a test, and the name of each reference in a cell."""
    return [(path, colon, name) for path, colon, name in _REFERENCE.findall(cell)]


@cache
def names(path: str) -> frozenset[str]:
    """Return a file's definitions: Python functions, classes and strings, Java methods, and template states.

    A method of Python is also known as Class.method.
    """
    text = (ROOT / path).read_text("utf-8")
    if path.endswith(".java"):
        return frozenset(re.findall(r"\b(\w+)\s*\(", text)) | frozenset(re.findall(r"\bclass (\w+)", text))
    if path.endswith(".j2"):
        return frozenset(re.findall(r"^\s*(\w+):", text, re.MULTILINE))
    defined: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            defined.add(node.name)
            members = node.body if isinstance(node, ast.ClassDef) else []
            defined |= {f"{node.name}.{member.name}" for member in members if isinstance(member, ast.FunctionDef)}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            defined.add(node.value)
    return frozenset(defined)


def missing(path: str, name: str) -> str:
    """Return the problem of a reference, or an empty string."""
    if not (ROOT / path).is_file():
        return f"{path} does not exist"
    return "" if name in names(path) else f"{path} has no {name}"


@pytest.mark.parametrize("cells", rows(PAGE.read_text("utf-8")), ids=lambda cells: cells[0][:60])
def test_a_claim_names_its_code_and_the_test_that_plants_the_contrary(cells: list[str]) -> None:
    claim, code, tests = cells

    assert claim
    assert references(code), "no code"
    assert references(tests), "no test"
    assert [colon for _, colon, _ in references(code)] == [""] * len(references(code))
    assert {colon for _, colon, _ in references(tests)} == {":"}
    assert all(path.startswith("tests/") for path, _, _ in references(tests))
    assert [problem for path, _, name in references(code + tests) if (problem := missing(path, name))] == []


def test_the_page_has_claims_and_says_what_it_does_not_claim() -> None:
    page = PAGE.read_text("utf-8")

    assert len(rows(page)) > 25
    assert "## What MATCH does not claim" in page


@pytest.mark.parametrize(
    ("path", "name", "problem"),
    [
        ("spark/migration_spark/gone.py", "run", "spark/migration_spark/gone.py does not exist"),
        ("spark/migration_spark/compare.py", "gone", "spark/migration_spark/compare.py has no gone"),
        ("spark/java/migration/Limits.java", "gone", "spark/java/migration/Limits.java has no gone"),
        (
            "statemachine/templates/compare.asl.yaml.j2",
            "Gone",
            "statemachine/templates/compare.asl.yaml.j2 has no Gone",
        ),
    ],
)
def test_what_does_not_exist_is_noticed(path: str, name: str, problem: str) -> None:
    assert missing(path, name) == problem
