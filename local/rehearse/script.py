"""A plain PostgreSQL dump, read as a stream of statements, rows of COPY and psql commands.

The rules are psql's: https://www.postgresql.org/docs/18/app-psql.html. A semicolon ends a statement unless it is in a
text, a quoted name, a comment, brackets, or the body of an SQL-standard function.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Literal

from local.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLOCK_BYTES = 1 << 20
_LONGEST_DOLLAR_TAG = 66
_MARK = re.compile(rb"'|\"|\$(?:[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*)?\$|--|/\*|[();]")
_BODY_MARK = re.compile(_MARK.pattern + rb"|\b(?:BEGIN|CASE|END)\b", re.IGNORECASE)
_ROUTINE = re.compile(rb"\s*CREATE\s+(?:OR\s+REPLACE\s+)?(?:FUNCTION|PROCEDURE)\b", re.IGNORECASE)
# Matches most statements of a dump with INSERTs; others are scanned mark by mark.
_INSERT = re.compile(
    rb"INSERT INTO (?:[^'$;\-/eE\"]++|[eE](?!')|'(?:[^']++|'')*+'(?!')|-(?!-)|/(?!\*)|\"[^\"]*+\")*+;", re.IGNORECASE
)
_TEXT_END, _ESCAPED_TEXT_END = re.compile(rb"'"), re.compile(rb"\\.|'", re.DOTALL)
_COPY = re.compile(rb"\s*COPY\s.*\sFROM\s+STDIN\b", re.IGNORECASE | re.DOTALL)
_COMMENT_MARK = re.compile(rb"/\*|\*/")
_NO_ROWS, _ROWS_END = re.compile(rb"\\\.(?:\r?\n|$)"), re.compile(rb"\n\\\.(?:\r?\n|$)")
_KEPT_BYTES = 8  # the last line of rows may cross the end of a block
_BLANK = re.compile(rb"\s*")


@dataclass(frozen=True)
class Piece:
    """A part of a dump: a statement with its semicolon, a psql command, rows of COPY, or blanks between them."""

    kind: Literal["statement", "command", "rows", "blank"]
    line: int
    text: bytes


class Script:
    """A dump in plain SQL; iterate over its pieces, whose concatenated texts are the dump.

    Raises:
        DataError: The dump ends within a statement.
    """

    def __init__(self, content: IO[bytes]) -> None:
        self._content = content
        self._buffer = b""
        self._at = 0
        self._line = 1
        self._ended = False

    def __iter__(self) -> Iterator[Piece]:
        """Yield the pieces in order."""
        while True:
            yield from self._blank()
            if self._at == len(self._buffer):
                return
            if self._buffer[self._at : self._at + 1] == b"\\":
                yield self._command()
                continue
            statement = self._statement()
            yield statement
            if _COPY.match(statement.text):
                yield from self._rows()

    def _more(self) -> bool:
        """Append another block to the buffer; return whether there was one."""
        block = b"" if self._ended else self._content.read(_BLOCK_BYTES)
        self._ended = not block
        if block:
            self._buffer, self._at = self._buffer[self._at :] + block, 0
        return not self._ended

    def _take(self, kind: Literal["statement", "command", "rows", "blank"], end: int) -> Piece:
        piece = Piece(kind, self._line, self._buffer[self._at : end])
        self._line += piece.text.count(b"\n")
        self._at = end
        return piece

    def _blank(self) -> Iterator[Piece]:
        """Yield white space and comments, block by block."""
        while True:
            match = _BLANK.match(self._buffer, self._at)
            end = match.end() if match else self._at
            if end > self._at:
                yield self._take("blank", end)
            if len(self._buffer) - self._at < 2 and self._more():  # noqa: PLR2004 - the length of a comment's mark
                continue
            start = self._buffer[self._at : self._at + 2]
            if start == b"--":
                yield self._take("blank", self._end_of_line())
            elif start == b"/*":
                yield self._take("blank", self._end_of_comment(self._at) + self._at)
            else:
                return

    def _end_of_line(self) -> int:
        while (end := self._buffer.find(b"\n", self._at)) < 0:
            if not self._more():
                return len(self._buffer)
        return end + 1

    def _command(self) -> Piece:
        return self._take("command", self._end_of_line())

    def _statement(self) -> Piece:
        """Return the statement that begins here."""
        position, depth, body = 0, 0, 0  # relative to the statement's begin, which moves as blocks are read
        while len(self._buffer) - self._at < _BLOCK_BYTES and self._more():
            continue
        if quick := _INSERT.match(self._buffer, self._at):
            return self._take("statement", quick.end())
        marks = _BODY_MARK if _ROUTINE.match(self._buffer, self._at) else _MARK
        while True:
            match = marks.search(self._buffer, self._at + position)
            near_end = match is None or match.end() + _LONGEST_DOLLAR_TAG > len(self._buffer)
            if near_end and self._more():
                continue
            if match is None:
                # psql sends a last statement without its semicolon.
                return self._take("statement", len(self._buffer))
            mark, position = match.group(), match.end() - self._at
            word = mark.upper()
            if mark == b";" and depth <= 0 and body <= 0:
                return self._take("statement", match.end())
            if mark in b"()":
                depth += 1 if mark == b"(" else -1
            elif word in (b"BEGIN", b"CASE"):
                body += 1
            elif word == b"END":
                body -= 1
            else:
                position = self._behind(mark, position)

    def _behind(self, mark: bytes, position: int) -> int:
        """Return the position after the text, quoted name or comment that a mark begins."""
        if mark == b"'":
            before = self._buffer[max(0, self._at + position - 3) : self._at + position - 1]
            escaped = re.search(rb"(?:^|[^A-Za-z0-9_])[eE]$", before) is not None
            return self._closed(_ESCAPED_TEXT_END if escaped else _TEXT_END, position, b"'")
        if mark == b"--":
            return self._position_after(b"\n", position)
        if mark == b"/*":
            return self._end_of_comment(self._at + position - 2)
        if mark in (b";", b"(", b")"):
            return position
        return self._position_after(mark, position)

    def _position_after(self, wanted: bytes, position: int) -> int:
        while (end := self._buffer.find(wanted, self._at + position)) < 0:
            searched = max(position, len(self._buffer) - self._at - len(wanted))
            if not self._more():
                if wanted == b"\n":
                    return len(self._buffer) - self._at
                raise self._cut(wanted)
            position = searched
        return end + len(wanted) - self._at

    def _closed(self, pattern: re.Pattern[bytes], position: int, close: bytes) -> int:
        while True:
            match = pattern.search(self._buffer, self._at + position)
            if match is None or match.end() == len(self._buffer):
                if self._more():
                    continue
                if match is None:
                    raise self._cut(close)
            position = match.end() - self._at
            if match.group() == close:
                return position

    def _end_of_comment(self, start: int) -> int:
        """Return the position after a comment, which may contain others."""
        position, depth = start - self._at + 2, 1
        while depth:
            match = _COMMENT_MARK.search(self._buffer, self._at + position)
            if match is None:
                searched = max(position, len(self._buffer) - self._at - 1)
                if not self._more():
                    raise self._cut(b"*/")
                position = searched
                continue
            depth += 1 if match.group() == b"/*" else -1
            position = match.end() - self._at
        return position

    def _rows(self) -> Iterator[Piece]:
        r"""Yield COPY's rows to the line `\.`, block by block."""
        yield self._take("blank", self._end_of_line())
        begun = False
        while True:
            match = None if begun else _NO_ROWS.match(self._buffer, self._at)
            match = match or _ROWS_END.search(self._buffer, self._at)
            if match is not None and match.group().endswith(b"\n"):
                yield self._take("rows", match.end())
                return
            keep = len(self._buffer) - _KEPT_BYTES
            if keep > self._at:
                begun = True
                yield self._take("rows", keep)
            if not self._more():
                if self._at < len(self._buffer):
                    yield self._take("rows", len(self._buffer))
                return

    def _cut(self, missing: bytes) -> DataError:
        return DataError(f"line {self._line}: the dump ends before the statement's {missing.decode()}; dump it again")
