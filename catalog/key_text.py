"""Text of key columns: which characters it may hold, and when several joined texts can be separated again."""

from __future__ import annotations

import itertools
import string
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.source_types import by_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from catalog.type_entries import KeyText

_WHOLE = frozenset(string.digits + "-")
# Spark writes a decimal that is close to zero as 0E-20, and NaN and infinity by name.
_NUMBER = frozenset(string.digits + "+-.EeNaInfity")
_MOMENT = frozenset(string.digits + "+-:. TZ")
_ALPHABETS: dict[KeyText, frozenset[str] | None] = {
    "whole": _WHOLE,
    "number": _NUMBER,
    "date": _WHOLE | {"+"},
    "moment": _MOMENT,
    "boolean": frozenset("truefals"),
    "uuid": frozenset(string.hexdigits + "-"),
    "whole list": _WHOLE | frozenset("[], nul"),
    "any": None,
}
HEX = frozenset("0123456789ABCDEF")
BASE64 = frozenset(string.ascii_letters + string.digits + "+/=\r\n")
URL = frozenset(string.ascii_letters + string.digits + "*-._+%")


@dataclass(frozen=True)
class Text:
    """The characters that a text may hold.

    Attributes:
        alphabet: Its characters; None for any.
        absent: Characters that it never holds, although they are of its alphabet.
        escaped: Characters that it holds only behind an escape character.
    """

    alphabet: frozenset[str] | None = None
    absent: frozenset[str] = frozenset()
    escaped: frozenset[str] = frozenset()

    def holds(self, character: str) -> bool:
        """Return whether a character can be in the text."""
        return (self.alphabet is None or character in self.alphabet) and character not in self.absent

    def holds_plainly(self, character: str) -> bool:
        """Return whether a character can be in the text without an escape character before it."""
        return self.holds(character) and character not in self.escaped


def text_of_type(column_type: str) -> Text | None:
    """Return the characters of a column's text by its catalog type, or None if two values can have the same text."""
    characters = by_name(column_type).key_text
    return None if characters == "none" else Text(_ALPHABETS[characters])


def is_separable(parts: Sequence[Text | str]) -> bool:
    """Return whether texts, with literals between them, can be separated in their concatenation.

    One text may hold anything: those before it are read from the front, those after it from the back.
    """
    merged = _merged(parts)
    texts = {number: part for number, part in enumerate(merged) if isinstance(part, Text)}
    if any(right - left == 1 for left, right in itertools.pairwise(texts)):
        return False
    return not texts or any(_is_pivot(merged, texts, pivot) for pivot in texts)


def _is_pivot(parts: Sequence[Text | str], texts: Mapping[int, Text], pivot: int) -> bool:
    for number, text in texts.items():
        if number < pivot and text.holds_plainly(parts[number + 1][0]):  # type: ignore[index]  # a literal
            return False
        if number > pivot and text.holds(parts[number - 1][-1]):  # type: ignore[index]  # a literal
            return False
    return True


def _merged(parts: Sequence[Text | str]) -> list[Text | str]:
    merged: list[Text | str] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part != "":
            merged.append(part)
    return merged


def escaped(text: Text, steps: Sequence[tuple[str, str]]) -> Text | None:
    """Return the characters of a text after replacements, or None if two texts can become the same.

    The first replacement must double or code the escape character, and each other one must write a character as the
    escape character and a code; no code may begin with another or hold what is replaced later.
    """
    escape = steps[0][0]
    if len(escape) != 1:
        return None
    codes: list[str] = []
    for number, (character, code) in enumerate(steps):
        rest = code[1:]
        if len(character) != 1 or code[:1] != escape or not rest or (number and character == escape):
            return None
        if any(character in earlier for earlier in codes) or any(
            rest.startswith(earlier) or earlier.startswith(rest) for earlier in codes
        ):
            return None
        codes.append(rest)
    replaced = frozenset(character for character, _ in steps[1:])
    absent = frozenset(character for character in replaced if not any(character in code for code in codes))
    return Text(
        None if text.alphabet is None else text.alphabet.union(escape, *codes),
        text.absent | absent,
        text.escaped | replaced,
    )


def joined(columns: Sequence[tuple[str, str]]) -> str:
    """Return SQL that joins columns (pairs of SQL and catalog type) into one text that can be separated again.

    The last text of any kind keeps its bytes; those before it have % and # coded.
    """
    free = [number for number, (_, kind) in enumerate(columns) if _needs_escape(kind)]
    parts = []
    for number, (sql, kind) in enumerate(columns):
        text = as_text(sql, kind)
        parts.append(f"replace(replace({text}, '%', '%25'), '#', '%23')" if number in free[:-1] else text)
    return f"concat({', '.join(chr(39) + '#' + chr(39) + ', ' + part if n else part for n, part in enumerate(parts))})"


def as_text(sql: str, kind: str) -> str:
    """Return SQL of a column's text in `concat`."""
    if kind == "bytes":
        return f"hex({sql})"
    if kind == "text[]":
        return f"to_json({sql})"
    return f"CAST({sql} AS STRING)" if kind == "bigint[]" else sql


def _needs_escape(kind: str) -> bool:
    text = text_of_type(kind)
    return kind != "bytes" and (text is None or text.alphabet is None)
