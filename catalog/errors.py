"""Errors of the catalog.

* CatalogError — a catalog file cannot be used; says which file and key
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class CatalogError(Exception):
    """A catalog file is missing, unreadable or wrong.

    Attributes:
        path: The file to open.
        problems: One sentence each, led by the key it is about.
    """

    def __init__(self, path: Path, problems: list[str]) -> None:
        self.path = path
        self.problems = problems
        super().__init__("\n".join(f"{path}: {problem}" for problem in problems))
