"""Folders with the rows of each source table as CSV or Parquet, in a file or in a folder of parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.field_types import closest, source_parts
from local.errors import DataError
from local.rehearse import csv_texts, parquet_files

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Columns = dict[str, str]
TableFile = csv_texts.CsvFile | parquet_files.ParquetTable
_SPREADSHEETS = (".xlsx", ".xls", ".xlsm", ".ods", ".numbers")


def files_of(
    folder: Path, tables: Mapping[str, Columns], encoding: str | None = None, separator: str | None = None
) -> dict[str, TableFile]:
    """Return the file of each source; `encoding` and `separator` of CSV are optional declarations.

    Raises:
        DataError: Files or columns are missing or unreadable; the message has all of them.
    """
    problems: list[str] = []
    files: dict[str, TableFile] = {}
    for source, columns in tables.items():
        try:
            file = _file_of(folder, source, columns, (encoding, separator))
        except DataError as error:
            problems.append(str(error))
            continue
        files[source] = file
        problems += _missing(file, columns)
    if problems:
        raise DataError("; ".join(problems))
    return files


def _file_of(folder: Path, source: str, columns: Columns, declared: tuple[str | None, str | None]) -> TableFile:
    text = csv_texts.path_of(folder, source)
    parts = next((candidate for name in names_of(source) if (candidate := parquet_files.parts_of(folder, name))), None)
    if text is not None and parts is not None:
        raise DataError(f"{text} and {parts.path} both hold {source}: remove one")
    if text is not None:
        return csv_texts.read_head(text, columns, *declared)
    if parts is not None:
        return parquet_files.read_head(parts, columns)
    raise DataError(_no_file(folder, source))


def names_of(source: str) -> tuple[str, ...]:
    """Return the possible names of a source's files: the catalog's, or with its schema as in AWS's exports."""
    schema, table = source_parts(source)
    return tuple(dict.fromkeys((source, f"{schema or 'public'}.{table}")))


def _no_file(folder: Path, source: str) -> str:
    path = folder / f"{source}.csv"
    other = next((file for file in sorted(folder.glob(f"{source}.*")) if file.is_file()), None)
    if other is not None and other.suffix.lower() in _SPREADSHEETS:
        return f"{path} is missing, and {other.name} is a spreadsheet: save its sheet as CSV UTF-8 ({source}.csv)"
    if other is not None:
        return (
            f"{path} is missing, and {other.name} is neither CSV nor Parquet: write its rows as CSV with a header "
            "line, or as Parquet"
        )
    there = sorted({*csv_texts.names_in(folder), *parquet_files.names_in(folder)})
    like = closest(source, there)
    meant = f"there is {like}" if like else f"there are {', '.join(there) or 'no CSV and no Parquet files'}"
    return f"{path} (or .parquet) is missing; {meant}"


def _missing(file: TableFile, columns: Columns) -> list[str]:
    unnamed = [str(number) for number, name in enumerate(file.header, start=1) if not name.strip()]
    if unnamed:
        return [f"{file.path}: {file.names_are_in} names no column {', '.join(unnamed)}; name it, or remove the column"]
    if len(set(file.header)) < len(file.header):
        return [f"{file.path}: {file.names_are_in} names a column twice"]
    problems = []
    for name in columns:
        if name not in file.header:
            like = closest(name, file.header)
            there = ", ".join(file.header) or "nothing"
            meant = f"; there is {like!r}" if like else f"; {file.names_are_in} has {there}"
            problems.append(f"{file.path}: lacks the column {name}{meant}")
    return problems
