"""Mutants of Java: one operator, number, character, condition or call of a file at a time, told by its text.

The files' format is the formatter's: an operator has blanks around it, and a statement that is a call has a line of its
own. Messages, comments and declarations are left alone. What the compiler refuses is no mutant.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.mutants.mutant import Edit, Mutant, mutants_of, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

_IGNORED = re.compile(
    r"\s*(//|/?\*|@|import |package |throw |(public |private |static |final )*(class|interface|record|enum) )"
)
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_COMMENT = re.compile(r"//.*")
_OPERATORS = tuple(
    (re.compile(pattern), then)
    for pattern, then in (
        (r"(?<= )==(?= )", "!="),
        (r"(?<= )!=(?= )", "=="),
        (r"(?<= )<(?= )", "<="),
        (r"(?<= )<=(?= )", "<"),
        (r"(?<= )>(?= )", ">="),
        (r"(?<= )>=(?= )", ">"),
        (r"(?<= )&&(?= )", "||"),
        (r"(?<= )\|\|(?= )", "&&"),
        (r"(?<= )\+(?= )", "-"),
        (r"(?<= )-(?= )", "+"),
        (r"(?<= )\*(?= )", "/"),
        (r"(?<= )/(?= )", "*"),
        (r"(?<= )%(?= )", "*"),
        (r"(?<= )\+=(?= )", "-="),
        (r"(?<= )-=(?= )", "+="),
        (r"(?<= )>>>(?= )", "<<"),
        (r"(?<= )&(?= )", "|"),
        (r"(?<=[\w\])])\+\+", "--"),
        (r"(?<=[\w\])])--", "++"),
        (r"(?<=[( ])!(?=[\w(])", ""),
        (r"\btrue\b", "false"),
        (r"\bfalse\b", "true"),
        (r"\bMath\.min\b", "Math.max"),
        (r"\bMath\.max\b", "Math.min"),
        (r"\bbreak;", "continue;"),
        (r"\bcontinue;", "break;"),
    )
)
_NUMBER = re.compile(r"(?<![\w.])\d[\d_]*(?=[L]?\b(?!\.))")
_CHARACTER = re.compile(r"'(?:[^'\\]|\\.)'")
_CALL = re.compile(
    r"\s+(?!return|throw|super|this\()[\w.\[\]]+\(.*\);|\s+[\w.\[\]]+ [-+|]?= .*;|\s+[\w.\[\]]+(\+\+|--);"
)
_RETURN = re.compile(r"\s+return (?!null;|true;|false;|\")(.+);")


def java_mutants(path: str, source: str) -> list[Mutant]:
    """Return the mutants of a Java file; some do not compile."""
    edits, start = [], 0
    for line in source.splitlines(keepends=True):
        if not _IGNORED.match(line):
            edits += [Edit(start + e.start, start + e.end, e.replacement, e.change) for e in _edits(line.rstrip("\n"))]
        start += len(line)
    return mutants_of(path, source, edits)


def _edits(line: str) -> Iterator[Edit]:
    code = _COMMENT.sub("", line)
    hidden = [match.span() for match in (*_TEXT.finditer(code), *_CHARACTER.finditer(code))]
    for pattern, then in _OPERATORS:
        for token in pattern.finditer(code):
            if not _inside(token.start(), hidden):
                yield Edit(token.start(), token.end(), then, f"`{token[0]}` becomes `{then}`")
    for number in _NUMBER.finditer(code):
        if not _inside(number.start(), hidden):
            other = str(int(number[0].replace("_", "")) + 1)
            yield Edit(number.start(), number.end(), other, f"`{number[0]}` becomes `{other}`")
    for character in _CHARACTER.finditer(code):
        yield Edit(character.start(), character.end(), "'~'", f"`{character[0]}` becomes `'~'`")
    if _CALL.fullmatch(code.rstrip()):
        indent = len(code) - len(code.lstrip())
        yield Edit(indent, len(code.rstrip()), ";", f"without `{shown(code)}`")
    if returned := _RETURN.fullmatch(code.rstrip()):
        yield Edit(returned.start(1), returned.end(1), "null", "returns null")


def _inside(at: int, spans: list[tuple[int, int]]) -> bool:
    return any(start <= at < end for start, end in spans)
