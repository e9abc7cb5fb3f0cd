"""Mutants of the state machine's templates: one transition, condition, retry, catch or setting at a time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.mutants.mutant import Edit, Mutant, mutants_of, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

_TARGET = re.compile(r"""(?:\b(?:Next|Default|StartAt): |"(?:Next|Default)": ")([A-Z]\w*)""")
_SETTING = re.compile(r"[ ]+(?:- )?(\"?\w+\"?): \S.*")
_CHOICE = re.compile(r"[ ]+- \{Condition: .*\}")
# A state without these is no state.
_STRUCTURE = {"Type", "Next", "Default", "StartAt", "Resource", "End", "Label", "Comment", "Condition", "Error"}
_EXPRESSIONS = (
    (re.compile(r"(?<= )!=(?= )"), "="),
    (re.compile(r"(?<= )=(?= )"), "!="),
    (re.compile(r"(?<= )<=(?= )"), "<"),
    (re.compile(r"(?<= )<(?= )"), "<="),
    (re.compile(r"(?<= )>=(?= )"), ">"),
    (re.compile(r"(?<= )>(?= )"), ">="),
    (re.compile(r"(?<= )and(?= )"), "or"),
    (re.compile(r"(?<= )or(?= )"), "and"),
    (re.compile(r"\$not(?=\()"), ""),
    (re.compile(r"\btrue\b"), "false"),
    (re.compile(r"\bfalse\b"), "true"),
)
_NUMBER = re.compile(r"(?<![\w.\-])\d+(?![\w.])")


def template_mutants(path: str, source: str) -> list[Mutant]:
    """Return the mutants of a template; AWS may not accept their machines."""
    targets = list(dict.fromkeys(match[1] for match in _TARGET.finditer(source)))
    edits, start = [], 0
    for line in source.splitlines(keepends=True):
        if not line.lstrip().startswith(("#", "<%", "<#")):
            edits += [_moved(edit, start) for edit in _edits(line, targets)]
        start += len(line)
    return mutants_of(path, source, edits)


def _edits(line: str, targets: list[str]) -> Iterator[Edit]:
    for match in _TARGET.finditer(line):
        other = targets[(targets.index(match[1]) + 1) % len(targets)]
        yield Edit(match.start(1), match.end(1), other, f"to `{other}`, not `{match[1]}`")
    if "{%" in line:
        for pattern, then in _EXPRESSIONS:
            for token in pattern.finditer(line):
                yield Edit(token.start(), token.end(), then, f"`{token[0]}` becomes `{then}`")
        for number in _NUMBER.finditer(line):
            yield Edit(number.start(), number.end(), str(int(number[0]) + 1), f"`{number[0]}` is one more")
    body = line.rstrip("\n")
    setting = _SETTING.fullmatch(body)
    is_droppable = (
        setting is not None and setting[1].strip('"') not in _STRUCTURE and not body.lstrip().startswith("- ")
    )
    if _is_whole(body) and (is_droppable or _CHOICE.fullmatch(body)):
        yield Edit(len(body) - len(body.lstrip()), len(body), "", f"without `{shown(body)}`")


def _is_whole(line: str) -> bool:
    """Return whether the line closes everything that it opens."""
    pairs = (("{", "}"), ("[", "]"), ("(", ")"), ("<<", ">>"))
    return all(line.count(opened) == line.count(closed) for opened, closed in pairs)


def _moved(edit: Edit, by: int) -> Edit:
    return Edit(edit.start + by, edit.end + by, edit.replacement, edit.change)
