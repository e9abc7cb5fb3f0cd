"""A MySQL dump in plain SQL, read as a stream of statements.

The rules are those of MySQL's command line: https://dev.mysql.com/doc/refman/8.0/en/mysql-commands.html. A delimiter
ends a statement unless it is in a text, a quoted name or a comment; `DELIMITER` changes it. The content of
`/*! … */` is not a comment: https://dev.mysql.com/doc/refman/8.0/en/comments.html.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from local.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLOCK_BYTES = 1 << 16
# A run of plain bytes between marks is skipped at once: most of a dump is texts in INSERTs.
_TEXTS = {
    b"'": re.compile(rb"(?:[^'\\]++|\\.|'')*+'", re.DOTALL),
    b'"': re.compile(rb'(?:[^"\\]++|\\.|"")*+"', re.DOTALL),
    b"`": re.compile(rb"(?:[^`]++|``)*+`"),
}
_BLANK = re.compile(rb"\s*")
_DELIMITER = re.compile(rb"DELIMITER[ \t]+(\S+)[^\n]*(?:\n|$)", re.IGNORECASE)
_DELIMITER_WORD = b"DELIMITER"
# Warnings of mysqldump go to stderr, which many dumps have among their lines.
_LINE_COMMENT = re.compile(rb"#|--(?=[\s\x00-\x1f]|$)|(?:mysqldump|mysql|mariadb-dump): |Warning: A partial dump")
_LONGEST_MARK = 4
_LONGEST_BEGINNING = len(b"Warning: A partial dump")
# The first line of MariaDB's dumps is for its command line, and has no delimiter.
_SANDBOX = re.compile(rb"/\*M?!999999\\-")


@dataclass(frozen=True)
class Statement:
    """A statement without its delimiter, and its first line in the dump."""

    line: int
    text: bytes


class MySqlScript:
    """A dump in plain SQL; iterate over its statements.

    Raises:
        DataError: The dump ends within a text, a name or a comment.
    """

    def __init__(self, content: IO[bytes]) -> None:
        self._content = content
        self._buffer = b""
        self._line = 1
        self._ended = False
        self._delimiter = b";"
        self._marks = _marks(self._delimiter)

    def __iter__(self) -> Iterator[Statement]:
        """Yield the statements in order."""
        while self._skip_blank():
            if self._buffer[: len(_DELIMITER_WORD)].upper() == _DELIMITER_WORD and self._is_delimiter():
                continue
            end = self._end_of_statement()
            text = self._buffer[:end]
            statement = Statement(self._line, text)
            self._drop(end + len(self._delimiter))
            if text.strip():
                yield statement

    def _more(self) -> bool:
        """Read another block; return whether there was one."""
        # Double the buffer, so that a long statement is copied only a few times.
        block = b"" if self._ended else self._content.read(max(_BLOCK_BYTES, len(self._buffer)))
        self._ended = not block
        self._buffer += block
        return not self._ended

    def _drop(self, count: int) -> None:
        self._line += self._buffer.count(b"\n", 0, count)
        self._buffer = self._buffer[count:]

    def _skip_blank(self) -> bool:
        """Drop white space and comments; return whether a statement follows."""
        while True:
            match = _BLANK.match(self._buffer)
            self._drop(match.end() if match else 0)
            if len(self._buffer) < _LONGEST_BEGINNING and self._more():
                continue
            if not self._buffer:
                return False
            end = self._end_of_comment(0)
            if end is None:
                return True
            self._drop(end)

    def _is_delimiter(self) -> bool:
        while b"\n" not in self._buffer and self._more():
            continue
        match = _DELIMITER.match(self._buffer)
        if match is None:
            return False
        self._delimiter = match[1]
        self._marks = _marks(self._delimiter)
        self._drop(match.end())
        return True

    def _end_of_statement(self) -> int:
        """Return the end of the statement at the begin of the buffer: before its delimiter, or at the dump's end."""
        longest = max(len(self._delimiter), _LONGEST_MARK)
        at = 0
        while True:
            match = self._marks.search(self._buffer, at)
            if match is None or match.end() + _LONGEST_MARK > len(self._buffer):
                # A mark at the end of the buffer may continue in the next block.
                resumed = match.start() if match else max(at, len(self._buffer) - longest)
                if self._more():
                    at = resumed
                    continue
                if match is None:
                    return len(self._buffer)
            mark = match.group()
            if mark in _TEXTS:
                at = self._end_of_text(mark, match.end())
            elif mark == self._delimiter:
                return match.start()
            else:
                at = self._end_of_comment(match.start()) or match.end()

    def _end_of_text(self, mark: bytes, start: int) -> int:
        while True:
            match = _TEXTS[mark].match(self._buffer, start)
            if match is not None and (match.end() < len(self._buffer) or self._ended):
                return match.end()
            if not self._more() and match is None:
                raise self._cut(mark)

    def _end_of_comment(self, start: int) -> int | None:
        """Return the end of the comment that begins here, or None if none does."""
        if _LINE_COMMENT.match(self._buffer, start):
            return self._behind(b"\n", start, at_most_the_end=True)
        opening = self._buffer[start : start + 4]
        if _SANDBOX.match(self._buffer, start):
            return self._behind(b"*/", start)
        if opening.startswith(b"/*") and not (opening.startswith((b"/*!", b"/*M!")) or opening[2:3] == b"+"):
            return self._behind(b"*/", start + 2)
        return None

    def _behind(self, wanted: bytes, start: int, *, at_most_the_end: bool = False) -> int:
        searched = start
        while (end := self._buffer.find(wanted, searched)) < 0:
            searched = max(start, len(self._buffer) - len(wanted))
            if not self._more():
                if at_most_the_end:
                    return len(self._buffer)
                raise self._cut(wanted)
        return end + len(wanted)

    def _cut(self, missing: bytes) -> DataError:
        return DataError(f"line {self._line}: the dump ends before the statement's {missing.decode()}; dump it again")


def _marks(delimiter: bytes) -> re.Pattern[bytes]:
    """Return a pattern of the marks at which a statement may end or a text or comment may begin."""
    return re.compile(rb"['\"`#]|--|/\*|" + re.escape(delimiter))
