"""Mutants of Java: one operator, number, literal or statement at a time.

PIT changes classes and runs JUnit; the tests of these classes are Spark's and Python's, which it cannot run (see
docs/adr/0027-mutants.md).
"""

from __future__ import annotations

import re

from tests.mutants.mutant import Edit, Mutant, mutants_of, shown

# Comments, texts and characters, which hold no code.
_NO_CODE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.DOTALL)
_OPERATORS = (
    (re.compile(r"(?<= )==(?= )"), "!="),
    (re.compile(r"(?<= )!=(?= )"), "=="),
    (re.compile(r"(?<= )<=(?= )"), "<"),
    (re.compile(r"(?<= )>=(?= )"), ">"),
    (re.compile(r"(?<= )<(?= )"), "<="),
    (re.compile(r"(?<= )>(?= )"), ">="),
    (re.compile(r"(?<= )&&(?=\s)"), "||"),
    (re.compile(r"(?<= )\|\|(?=\s)"), "&&"),
    (re.compile(r"(?<=[^\0\s] )\+(?= [^\0])"), "-"),
    (re.compile(r"(?<= )-(?= )"), "+"),
    (re.compile(r"(?<= )\*(?= )"), "/"),
    (re.compile(r"(?<= )/(?= )"), "*"),
    (re.compile(r"(?<= )%(?= )"), "*"),
    (re.compile(r"(?<= )&(?= )"), "|"),
    (re.compile(r"(?<= )\|(?= )"), "&"),
    (re.compile(r"(?<= )\^(?= )"), "&"),
    (re.compile(r"(?<= )<<(?= )"), ">>"),
    (re.compile(r"(?<= )>>>?(?= )"), "<<"),
    (re.compile(r"\btrue\b"), "false"),
    (re.compile(r"\bfalse\b"), "true"),
    (re.compile(r"\bMath\.max\b"), "Math.min"),
    (re.compile(r"\bMath\.min\b"), "Math.max"),
    (re.compile(r"!(?=[\w(])"), ""),
    (re.compile(r"\+\+"), "--"),
    (re.compile(r"\bcontinue;"), "break;"),
    (re.compile(r"\bbreak;"), "continue;"),
)
_NUMBER = re.compile(r"(?<![\w.])\d[\d_]*(?=[lL]?\b)(?![\w.]*[xX.eE])")
_CALL = re.compile(r"^[ \t]+(?!return\b|throw\b|new\b|else\b|case\b|super\b|this\()[\w.]+\([^;{}]*\);$", re.MULTILINE)


def java_mutants(path: str, source: str) -> list[Mutant]:
    """Return the mutants of a Java file, of which the compiler refuses some."""
    code = _NO_CODE.sub(lambda match: re.sub(r"[^\n]", "\0", match[0]), source)
    edits = [
        Edit(token.start(), token.end(), then, f"`{token[0]}` becomes `{then}`")
        for pattern, then in _OPERATORS
        for token in pattern.finditer(code)
    ]
    for number in _NUMBER.finditer(code):
        more = str(int(number[0].replace("_", "")) + 1)
        edits.append(Edit(number.start(), number.end(), more, f"`{number[0]}` becomes `{more}`"))
    for call in _CALL.finditer(code):
        begin = call.start() + len(call[0]) - len(call[0].lstrip())
        edits.append(Edit(begin, call.end(), ";", f"without `{shown(source[begin : call.end()])}`"))
    return mutants_of(path, source, edits)
