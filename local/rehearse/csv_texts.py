"""CSV files as texts: compressed or not, in a declared encoding or in the one of their byte order mark."""

from __future__ import annotations

import bz2
import codecs
import csv
import gzip
import io
import itertools
import lzma
import re
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, ClassVar, TextIO, cast

import zstandard

from local.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

_BLOCK_CHARACTERS = 1 << 20
_PACKED: dict[str, Callable[[Path], Any]] = {
    "": lambda path: path.open("rb"),
    ".gz": gzip.open,
    ".bz2": bz2.open,
    ".xz": lzma.open,
    ".zst": lambda path: io.BufferedReader(
        cast("Any", zstandard.ZstdDecompressor().stream_reader(path.open("rb"), read_across_frames=True))
    ),
}
_ENDINGS = tuple(f"{kind}{packed}" for kind in (".csv", ".tsv") for packed in _PACKED)
_UNREADABLE = (OSError, EOFError, lzma.LZMAError, zstandard.ZstdError)
_SEPARATORS = ",;\t|"
# The longest first: the mark of UTF-32 begins with that of UTF-16.
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n")  # Excel writes and reads it


@dataclass(frozen=True)
class CsvFile:
    """A CSV file and its format.

    Attributes:
        header: The columns.
        encoding: Python's name of it.
        skipped_lines: The number of lines before the header.
    """

    path: Path
    header: list[str]
    separator: str
    encoding: str
    skipped_lines: int = 0
    names_are_in: ClassVar[str] = "its first line"

    def texts(self) -> Iterator[str]:
        """Yield the file as CSV, beginning with the header."""
        with _opened(self.path, self.encoding) as content:
            for _ in range(self.skipped_lines):
                content.readline()
            while block := content.read(_BLOCK_CHARACTERS):
                yield block


def path_of(folder: Path, source: str) -> Path | None:
    """Return a source's file in a folder, compressed or not, or None."""
    return next((path for ending in _ENDINGS if (path := folder / f"{source}{ending}").is_file()), None)


def names_in(folder: Path) -> list[str]:
    """Return the names of the CSV files in a folder, without the ending of their compression."""
    names = {path.name[: -len(ending)] + ending[:4] for ending in _ENDINGS for path in folder.glob(f"*{ending}")}
    return sorted(names)


def read_head(path: Path, columns: Mapping[str, str], encoding: str | None, separator: str | None) -> CsvFile:
    """Return a file with its format; if undeclared, the separator is the one that gives the most of the wanted columns.

    Raises:
        DataError: The file is damaged, or not in its encoding.
    """
    try:
        read_as = _encoding_of(path, encoding)
    except _UNREADABLE as error:
        raise DataError(f"{path} cannot be read: {error}") from error
    if read_as is None:
        raise DataError(f"{path} is not in {encoding or 'UTF-8'}; name its encoding, like ENCODING=cp1252")
    with _opened(path, read_as) as content:
        first = content.readline()
        says = _SEPARATOR_LINE.fullmatch(first)
        lines = list(_first_record(content if says else itertools.chain([first], content)))
    marks = separator or (says[1] if says else _SEPARATORS)
    headers = {mark: _cells(lines, mark) for mark in marks}
    best = max(headers, key=lambda mark: len({*headers[mark]} & {*columns}))
    return CsvFile(path, headers[best], best, read_as, 1 if says else 0)


def _first_record(content: Iterable[str]) -> Iterator[str]:
    """Yield the lines of the first record; a quoted name may span several."""
    quotes = 0
    for line in content:
        yield line
        quotes += line.count('"')
        if quotes % 2 == 0:
            return


def _cells(lines: list[str], separator: str) -> list[str]:
    return next(csv.reader(lines, delimiter=separator), [])


def _opened(path: Path, encoding: str) -> TextIO:
    return io.TextIOWrapper(cast("IO[bytes]", _bytes(path)), encoding=encoding, newline="")


def _encoding_of(path: Path, declared: str | None) -> str | None:
    """Return a file's encoding: of its mark, or as declared, or UTF-8; None if the file is not in it."""
    with _bytes(path) as content:
        start = content.read(4)
    marked = next((name for mark, name in _MARKS.items() if start.startswith(mark)), None)
    encoding = marked or declared or _without_mark(start)
    try:
        with _opened(path, encoding) as text:
            while text.read(_BLOCK_CHARACTERS):
                continue
    except UnicodeError:
        return None
    return encoding


def _without_mark(start: bytes) -> str:
    """Return UTF-16 if each of the first letters has a zero byte, else UTF-8."""
    zeros = [number for number, byte in enumerate(start) if byte == 0]
    if zeros == [1, 3]:
        return "utf-16-le"
    return "utf-16-be" if zeros == [0, 2] else "utf-8-sig"


def _bytes(path: Path) -> Any:  # noqa: ANN401 - each compression has its own type of file
    return _PACKED.get(path.suffix, _PACKED[""])(path)
