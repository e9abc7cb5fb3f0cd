"""CSV files as the texts that they are: packed or not, in a declared encoding or in one that their mark tells."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
from typing import IO, TYPE_CHECKING, Any, TextIO, cast

import zstandard

if TYPE_CHECKING:
    from collections.abc import Callable
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
UNREADABLE = (OSError, EOFError, lzma.LZMAError, zstandard.ZstdError)


def path_of(folder: Path, source: str) -> Path | None:
    """Return a source's file in a folder, packed or not, or None."""
    paths = [folder / f"{source}.csv{packed}" for packed in _PACKED]
    return next((path for path in paths if path.exists()), None)


def names_in(folder: Path) -> list[str]:
    """Return the names of the CSV files in a folder without their endings."""
    names = {path.name[: -len(end)] for end in _PACKED_ENDINGS for path in folder.glob(f"*{end}")}
    return sorted(names)


def opened(path: Path, encoding: str) -> TextIO:
    """Return a file as text."""
    return io.TextIOWrapper(cast("IO[bytes]", _bytes(path)), encoding=encoding, newline="")


def encoding_of(path: Path, declared: str | None) -> str | None:
    """Return a file's encoding: the declared one, or by its mark, or UTF-8; None if it is not that.

    Raises:
        OSError: The file is packed and damaged; so do the other UNREADABLE.
    """
    with _bytes(path) as content:
        start = content.read(len(codecs.BOM_UTF8))
    marked = start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    encoding = declared or ("utf-16" if marked else "utf-8-sig")
    try:
        with opened(path, encoding) as text:
            while text.read(_BLOCK_CHARACTERS):
                continue
    except UnicodeError:
        return None
    return encoding


_PACKED_ENDINGS = tuple(f".csv{packed}" for packed in _PACKED)


def _bytes(path: Path) -> Any:  # noqa: ANN401 - each kind of packed file has a type of its own
    return _PACKED[path.suffix if path.suffix != ".csv" else ""](path)
