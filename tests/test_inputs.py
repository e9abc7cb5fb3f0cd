"""docs/inputs.md names a test that exists for every kind of input."""

from __future__ import annotations

import pytest

from tests.test_guarantees import ROOT, missing, references

PAGE = ROOT / "docs/inputs.md"


def rows(page: str) -> list[list[str]]:
    """Return the cells of the page's tables, without heads and rules."""
    lines = [
        line for line in page.splitlines() if line.startswith("| ") and line != "| input | what becomes of it | tests |"
    ]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize("cells", rows(PAGE.read_text("utf-8")), ids=lambda cells: cells[0][:60])
def test_an_input_names_the_test_that_gives_it(cells: list[str]) -> None:
    source_input, becomes, tests = cells

    assert source_input
    assert becomes
    assert {colon for _, colon, _ in references(tests)} == {":"}
    assert [problem for path, _, name in references(tests) if (problem := missing(path, name))] == []


def test_the_page_has_inputs() -> None:
    assert len(rows(PAGE.read_text("utf-8"))) > 30
