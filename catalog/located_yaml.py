"""YAML files with the line and column of every value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from catalog.errors import Problem

if TYPE_CHECKING:
    from pathlib import Path

Steps = tuple[str | int, ...]


@dataclass(frozen=True)
class Finding:
    """A problem at a position inside a file.

    Attributes:
        steps: The keys and list positions that lead there.
        message: What is wrong.
        suggestion: What was probably meant.
        on_key: The problem is the key, not its value.
        text_line: The line inside a text of several lines, counted from 1.
        text_column: Likewise.
    """

    steps: Steps
    message: str
    suggestion: str | None = None
    on_key: bool = False
    text_line: int | None = None
    text_column: int | None = None


class Document:
    """A file's content, with the position of each part.

    Attributes:
        data: The content as plain lists and dictionaries; None if it cannot be read.
        problems: What is wrong with it as YAML.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.data: Any = None
        self.problems: list[Problem] = []
        self._root: yaml.Node | None = None
        self._lines: list[str] = []
        try:
            text = path.read_text("utf-8")
        except OSError as error:
            self._refuse(f"cannot be read: {error.strerror}")
        except UnicodeDecodeError as error:
            self._refuse(f"is not text in UTF-8: byte {error.start} is {error.object[error.start]:#04x}")
        else:
            self._lines = text.splitlines()
            self._parse(text)

    def problem(self, finding: Finding) -> Problem:
        """Return a finding with its position in the file."""
        line, column = self._position(finding)
        return Problem(self.path, self._key(finding.steps), finding.message, finding.suggestion, line, column)

    def _parse(self, text: str) -> None:
        loader = yaml.CSafeLoader(text)
        try:
            self._root = loader.get_single_node()
            if self._root is None:
                self._refuse("is empty")
                return
            self._refuse_repeated_keys(self._root)
            self.data = loader.construct_document(self._root)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            self._refuse(f"is not YAML: {error.problem}{f', {error.context}' if error.context else ''}", mark)
        except yaml.YAMLError as error:
            self._refuse(f"is not YAML: {' '.join(str(error).split())}")

    def _refuse(self, message: str, mark: Any = None) -> None:  # noqa: ANN401 - libyaml's marks are no yaml.Mark
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (None, None)
        self.problems.append(Problem(self.path, "", message, None, line, column))

    def _refuse_repeated_keys(self, node: yaml.Node) -> None:
        """Report repeated keys, of which YAML would silently keep the last."""
        if isinstance(node, yaml.SequenceNode):
            for entry in node.value:
                self._refuse_repeated_keys(entry)
        elif isinstance(node, yaml.MappingNode):
            seen: dict[str, int] = {}
            for key, value in node.value:
                first = seen.setdefault(key.value, key.start_mark.line + 1)
                if first != key.start_mark.line + 1:
                    mark = key.start_mark
                    message = f"the key {key.value!r} is written twice, first in line {first}"
                    self.problems.append(Problem(self.path, "", message, None, mark.line + 1, mark.column + 1))
                self._refuse_repeated_keys(value)

    def _position(self, finding: Finding) -> tuple[int | None, int | None]:
        node, key = self._root, None
        for step in finding.steps:
            entry = _child(node, step)
            if entry is None:
                break
            key, node = entry
        if node is None:
            return None, None
        if finding.text_line is not None and getattr(node, "style", None) == "|":
            return self._position_in_text(node, finding.text_line, finding.text_column or 1)
        # A problem with a table points to the table's beginning, a wrong value or key to itself.
        mark = key.start_mark if finding.on_key and key is not None else node.start_mark
        return mark.line + 1, mark.column + 1

    def _position_in_text(self, node: yaml.Node, line: int, column: int) -> tuple[int, int]:
        first = node.start_mark.line + 1  # the line after the bar
        # YAML takes the indentation from the first line that is not empty.
        begun = (text for text in self._lines[first:] if text.strip())
        indentation = next((len(text) - len(text.lstrip()) for text in begun), 0)
        return first + line, indentation + column

    def _key(self, steps: Steps) -> str:
        """Return the steps joined by dots, with the entries of lists by their names."""
        node, labels = self.data, []
        for step in steps:
            label = step
            if isinstance(node, list) and isinstance(step, int) and step < len(node):
                node = node[step]
                label = node.get("name", step) if isinstance(node, dict) else step
            elif isinstance(node, dict):
                node = node.get(step)
            labels.append(str(label))
        return ".".join(labels)


def _child(node: yaml.Node | None, step: str | int) -> tuple[yaml.Node | None, yaml.Node] | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return None, node.value[step]
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if key.value == str(step)), None)
    return None
