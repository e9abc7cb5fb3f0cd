"""Errors of the catalog.

* CatalogError
  - SourceError  a database's schema cannot be read
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True)
class Problem:
    """A problem in a file of the catalog.

    Attributes:
        path: The file to open.
        key: The key with the problem, tables by their names; empty for the whole file.
        message: What is wrong.
        suggestion: What was probably meant.
        line: Counted from 1; None if the problem has no position.
        column: Likewise.
    """

    path: Path
    key: str
    message: str
    suggestion: str | None = None
    line: int | None = None
    column: int | None = None

    @property
    def sentence(self) -> str:
        """Return the problem in one sentence that begins with its key."""
        statement = f"{self.key}: {self.message}" if self.key else self.message
        return f"{statement}; did you mean {self.suggestion!r}?" if self.suggestion else statement

    def __str__(self) -> str:
        position = [str(self.path), *(str(part) for part in (self.line, self.column) if part is not None)]
        return f"{':'.join(position)}: {self.sentence}"


class CatalogError(Exception):
    """The catalog is missing, unreadable or wrong.

    Attributes:
        problems: Every problem of the catalog.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(map(str, self.problems)))


class SourceError(CatalogError):
    """A database's schema cannot be read."""

    def __init__(self, message: str) -> None:
        super().__init__([])
        self.args = (message,)
