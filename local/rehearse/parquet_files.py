"""Parquet tables: a file, or a folder of parts as Spark, DuckDB and the export of an Aurora snapshot write it.

https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-export-snapshot.Considerations.html
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import unquote

import pyarrow as pa
from pyarrow import parquet

from local.errors import DataError
from local.rehearse.parquet_batches import batches
from local.rehearse.parquet_values import UnreadableError, is_readable, texts_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_ENDING = ".parquet"
_NO_VALUE = "__HIVE_DEFAULT_PARTITION__"  # the folder of nulls of Hive and Spark
_UNREADABLE = (OSError, pa.ArrowException)


@dataclass(frozen=True)
class Parts:
    """A table's files; `path` is the file or the folder of parts."""

    path: Path
    files: tuple[Path, ...]


@dataclass(frozen=True)
class ParquetTable:
    """A table's files and the columns to read, including those that only the path of a part has."""

    path: Path
    files: tuple[Path, ...]
    header: list[str]
    kinds: Mapping[str, str]
    separator: ClassVar[str] = ","
    skipped_lines: ClassVar[int] = 0
    names_are_in: ClassVar[str] = "its schema"

    def texts(self) -> Iterator[str]:
        """Yield the rows as CSV, beginning with the header.

        Raises:
            DataError: A file is damaged, or a value has no text of its column's type.
        """
        yield _lines([[_quoted(name) for name in self.header]])
        for file in self.files:
            try:
                for batch in batches(file, self.kinds):
                    yield self._rows(batch, _from_path(file, self.path))
            except UnreadableError as error:
                raise DataError(f"{file}: {error}") from error
            except _UNREADABLE as error:
                raise DataError(f"{file} cannot be read: {_words(error)}") from error

    def _rows(self, batch: pa.RecordBatch, constants: Mapping[str, str | None]) -> str:
        columns = []
        for name in self.header:
            values = (
                itertools.repeat(constants[name], len(batch))
                if name in constants
                else (texts_of(name, batch.column(name), self.kinds.get(name, "text")))
            )
            columns.append([_quoted(value) for value in values])
        return _lines(zip(*columns, strict=True))


def parts_of(folder: Path, name: str) -> Parts | None:
    """Return a table's files: `<name>.parquet`, a file or a folder, or all below `<name>/`."""
    for path in (folder / f"{name}{_ENDING}", folder / name):
        if path.is_dir():
            files = tuple(sorted(path.rglob(f"*{_ENDING}")))
            if files:
                return Parts(path, files)
        elif path.is_file() and path.suffix == _ENDING:
            return Parts(path, (path,))
    return None


def names_in(folder: Path) -> list[str]:
    """Return the names of the files and folders that may be a table."""
    folders = [path.name for path in folder.iterdir() if path.is_dir() and any(path.rglob(f"*{_ENDING}"))]
    return sorted({*folders, *(path.name for path in folder.glob(f"*{_ENDING}"))})


def read_head(parts: Parts, columns: Mapping[str, str]) -> ParquetTable:
    """Return a table's files with their columns, except columns of unsupported types.

    Raises:
        DataError: A file is damaged, lacks a column of the first file, or has a wanted column of an unsupported type.
    """
    header: list[str] = []
    for number, file in enumerate(parts.files):
        try:
            schema = parquet.read_schema(file)
        except _UNREADABLE as error:
            raise DataError(f"{file} cannot be read: {_words(error)}") from error
        names = [field.name for field in schema if is_readable(field.type, columns.get(field.name, "text"))]
        names += [name for name in _from_path(file, parts.path) if name not in names]
        wrong = [field for field in schema if field.name in columns and field.name not in names]
        if wrong:
            mismatches = ", ".join(f"{field.name} is {field.type}, not {columns[field.name]}" for field in wrong)
            raise DataError(f"{file}: {mismatches}; write it as text, or remove it from the catalog")
        if number == 0:
            header = names
        elif missing := [name for name in header if name not in names]:
            raise DataError(f"{file}: lacks {', '.join(missing)}, which {parts.files[0].name} has")
    return ParquetTable(parts.path, parts.files, header, columns)


def _from_path(file: Path, top: Path) -> dict[str, str | None]:
    """Return the columns in the folder names of a part, as in Hive: `year=2026/part-0.parquet`."""
    folders = file.relative_to(top).parts[:-1] if file != top else ()
    named = [folder.partition("=") for folder in folders if "=" in folder]
    return {unquote(name): None if value == _NO_VALUE else unquote(value) for name, _, value in named}


def _quoted(value: str | None) -> str:
    return "" if value is None else '"' + value.replace('"', '""') + '"'


def _lines(rows: Iterator[tuple[str, ...]] | list[list[str]]) -> str:
    return "".join(f"{','.join(row)}\n" for row in rows)


def _words(error: Exception) -> str:
    return str(error).splitlines()[0]
