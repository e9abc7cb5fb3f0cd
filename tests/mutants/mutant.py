"""A mutant: a line and its replacement."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Mutant:
    """A change of one file that a test must notice."""

    path: str
    line: int
    text: str
    """The line as the file has it, without the blanks around it."""
    change: str
    source: str = field(repr=False, compare=False)
    """The whole file with the change."""
    start: int = 0
    runs_at_import: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        """Return a key that stays the same when lines above the mutant change."""
        return self.path, self.text, self.change

    @property
    def description(self) -> str:
        """Return file, line and change for people."""
        return f"{self.path}:{self.line}: {self.change}    {self.text}"


@dataclass(frozen=True)
class Edit:
    """Text that replaces the characters from `start` to `end`."""

    start: int
    end: int
    replacement: str
    change: str

    def applied_to(self, source: str) -> str:
        """Return the source with the edit."""
        return source[: self.start] + self.replacement + source[self.end :]


def mutants_of(path: str, source: str, edits: list[Edit]) -> list[Mutant]:
    """Return a mutant per edit that changes the source, in the order of the file."""
    mutants = []
    for edit in sorted(set(edits), key=lambda edit: (edit.start, edit.end, edit.change)):
        changed = edit.applied_to(source)
        if changed == source:
            continue
        begin = source.rfind("\n", 0, edit.start) + 1
        end = source.find("\n", edit.start)
        text = source[begin : end if end >= 0 else len(source)].strip()
        mutants.append(Mutant(path, source.count("\n", 0, edit.start) + 1, text, edit.change, changed, edit.start))
    return mutants


def shown(text: str) -> str:
    """Return a piece of source in one short line."""
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:57]}..."
