"""The page that holds the diagrams between marks; its words are written by hand."""

from __future__ import annotations

import re
from pathlib import Path

PLACE = Path(__file__).parents[2] / "docs" / "architecture.md"
_BLOCK = re.compile(r"(<!-- diagram: (?P<name>[a-z-]+) -->\n).*?(<!-- /diagram -->)", re.DOTALL)


def with_diagrams(page: str, diagrams: dict[str, str]) -> str:
    """Return the page with every marked place filled; each diagram has one, and each place its diagram."""
    places = [found["name"] for found in _BLOCK.finditer(page)]
    if sorted(places) != sorted(diagrams):
        raise ValueError(f"the page has places for {sorted(places)}, but {sorted(diagrams)} are drawn")
    return _BLOCK.sub(lambda found: f"{found[1]}```mermaid\n{diagrams[found['name']]}```\n{found[3]}", page)
