"""The pages with diagrams between marks; people write the text around them."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "docs" / "diagrams"
_BLOCK = re.compile(r"(<!-- diagram: (?P<name>[a-z-]+) -->\n).*?(<!-- /diagram -->)", re.DOTALL)


def pages() -> dict[str, str]:
    """Return the text of each page by its file name."""
    return {path.name: path.read_text("utf-8") for path in sorted(FOLDER.glob("*.md"))}


def with_diagrams(texts: dict[str, str], diagrams: dict[str, str]) -> dict[str, str]:
    """Return the pages with each diagram between its marks.

    Raises ValueError unless each diagram has marks on exactly one page.
    """
    marked = sorted(block["name"] for text in texts.values() for block in _BLOCK.finditer(text))
    if marked != sorted(diagrams):
        raise ValueError(f"the pages have marks for {marked}, but {sorted(diagrams)} are drawn")
    return {
        name: _BLOCK.sub(lambda block: f"{block[1]}```mermaid\n{diagrams[block['name']]}```\n{block[3]}", text)
        for name, text in texts.items()
    }
