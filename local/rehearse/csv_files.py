"""Load a folder of CSV files: one per source table, its first line names the columns, the catalog their types."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from catalog.names import closest, source_parts
from local.errors import DataError
from local.rehearse.csv_texts import UNREADABLE, encoding_of, names_in, opened, path_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from catalog.models import Extract
    from local.aurora.server import PostgresServer
    from local.sources import Tell

_BLOCK_CHARACTERS = 1 << 20
_SEPARATORS = ",;\t|"
_ROW = sql.Identifier("migration row")
# The catalog's types by PostgreSQL's names, where those are other ones.
_TYPES = {"double": "double precision", "bytes": "bytea"}
Columns = dict[str, str]


def load_folder(
    folder: Path,
    server: PostgresServer,
    database: str,
    tables: Mapping[str, Columns],
    *,
    tell: Tell,
    encoding: str | None = None,
) -> None:
    """Make the tables in a new database of a running server and fill each from its file.

    Raises:
        DataError: A file is missing, lacks a column, or holds a value that does not fit; says which.
    """
    files = files_of(folder, tables, encoding)
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
    with psycopg.connect(server.dsn(database)) as connection:
        for source, file in files.items():
            tell(f"loading {file.path.name}")
            _create(connection, source, file.header)
            _copy(connection, source, file)
            _give_types(connection, source, file, tables[source])


def wanted_tables(extracts: Iterable[Extract]) -> dict[str, Columns]:
    """Return each source's columns, with the types that the catalog gives them.

    Raises:
        DataError: Two extracts of one source call a column differently.
    """
    tables: dict[str, Columns] = {}
    for extract in extracts:
        columns = tables.setdefault(extract.source, {})
        for column, kind in extract.columns.items():
            name = extract.database_name(column)
            if columns.setdefault(name, kind) != kind:
                raise DataError(
                    f"the catalog calls {extract.source}.{name} both {columns[name]} and {kind}: "
                    "no table can be made of CSV for both; give a dump"
                )
    return tables


@dataclass(frozen=True)
class CsvFile:
    """A file and how it is written: its columns, what separates them, and its encoding by Python's name."""

    path: Path
    header: list[str]
    separator: str
    encoding: str


def files_of(folder: Path, tables: Mapping[str, Columns], declared: str | None) -> dict[str, CsvFile]:
    """Return how each file is written.

    Raises:
        DataError: Names every file and column that is missing.
    """
    there = names_in(folder)
    problems, files = [], {}
    for source, columns in tables.items():
        path = path_of(folder, source)
        if path is None:
            problems.append(_no_file(folder, source, there))
            continue
        try:
            encoding = encoding_of(path, declared)
        except UNREADABLE as error:
            problems.append(f"{path} cannot be read: {error}")
            continue
        if encoding is None:
            problems.append(f"{path} is not in {declared or 'UTF-8'}; name its encoding, like ENCODING=cp1252")
            continue
        with opened(path, encoding) as content:
            first = content.readline()
        separator = max(_SEPARATORS, key=lambda mark: len({*_cells(first, mark)} & {*columns}))
        files[source] = CsvFile(path, _cells(first, separator), separator, encoding)
        problems += _missing(path, files[source].header, columns)
    if problems:
        raise DataError("; ".join(problems))
    return files


def _no_file(folder: Path, source: str, there: list[str]) -> str:
    path = folder / f"{source}.csv"
    other = next(iter(sorted(folder.glob(f"{source}.*"))), None)
    if other is not None:
        return (
            f"{path} is missing, and {other.name} is no CSV: write its rows as CSV, with a first line of column names"
        )
    like = closest(source, there)
    meant = f"there is {like}.csv" if like else f"there are {', '.join(there) or 'no CSV files'}"
    return f"{path} is missing; {meant}"


def _cells(line: str, separator: str) -> list[str]:
    return next(csv.reader([line], delimiter=separator), [])


def _missing(path: Path, header: list[str], columns: Columns) -> list[str]:
    unnamed = [str(number) for number, name in enumerate(header, start=1) if not name.strip()]
    if unnamed:
        return [f"{path}: its first line names no column {', '.join(unnamed)}; name it, or remove the column"]
    if len(set(header)) < len(header):
        return [f"{path}: its first line names a column twice"]
    problems = []
    for name in columns:
        if name not in header:
            like = closest(name, header)
            meant = f"; there is {like!r}" if like else f"; its first line has {', '.join(header) or 'nothing'}"
            problems.append(f"{path}: lacks the column {name}{meant}")
    return problems


def _create(connection: psycopg.Connection, source: str, header: list[str]) -> None:
    """Create the table as the file's texts; they get their types once each is known to fit."""
    parts = [sql.SQL("{} text").format(sql.Identifier(name)) for name in header]
    schema, _ = source_parts(source)
    if schema:
        connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))
    connection.execute(sql.SQL("CREATE TABLE {} ({})").format(name_of(source), sql.SQL(", ").join(parts)))
    connection.execute(sql.SQL("ALTER TABLE {} ADD COLUMN {} bigserial").format(name_of(source), _ROW))


def _copy(connection: psycopg.Connection, source: str, file: CsvFile) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, file.header))
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv, HEADER true, DELIMITER {})").format(
        name_of(source), names, sql.Literal(file.separator)
    )
    try:
        with opened(file.path, file.encoding) as content, connection.cursor() as cursor, cursor.copy(statement) as copy:
            while block := content.read(_BLOCK_CHARACTERS):
                copy.write(block)
    except psycopg.Error as error:
        where = error.diag.context or ""
        raise DataError(
            f"{file.path}: {error.diag.message_primary or error} ({where.splitlines()[0] if where else ''})"
        ) from error


def _give_types(connection: psycopg.Connection, source: str, file: CsvFile, columns: Columns) -> None:
    """Give each column its type.

    Raises:
        DataError: A value is none of its type, or would be rounded; names its row and column.
    """
    for name in file.header:
        kind = columns.get(name, "text")  # a column that the catalog does not read is kept as it is
        if kind == "text":
            continue
        column, target = sql.Identifier(name), sql.SQL(_TYPES.get(kind, kind))
        value = sql.SQL("{}::{}").format(column, target)
        no_value = sql.SQL("NOT pg_input_is_valid({}, {})").format(column, sql.Literal(_TYPES.get(kind, kind)))
        for wrong, problem in ((no_value, f"is no {kind}"), (_rounded(kind, column, value), f"is rounded by {kind}")):
            query = sql.SQL("SELECT {}, {} FROM {} WHERE {} ORDER BY 1 LIMIT 1").format(
                _ROW, column, name_of(source), wrong
            )
            for row, text in connection.execute(query):
                raise DataError(
                    f"{file.path}: row {row}, column {name}: {text!r} {problem}; correct the value or the type"
                )
        connection.execute(
            sql.SQL("ALTER TABLE {} ALTER COLUMN {} TYPE {} USING {}").format(name_of(source), column, target, value)
        )
    connection.execute(sql.SQL("ALTER TABLE {} DROP COLUMN {}").format(name_of(source), _ROW))


def _rounded(kind: str, column: sql.Identifier, value: sql.Composed) -> sql.Composable:
    """Return the condition under which a cast changes a value."""
    if kind.startswith("numeric(") or kind in ("real", "double"):
        return sql.SQL("{}::numeric <> ({})::numeric").format(column, value)
    if kind == "date":
        return sql.SQL("{}::timestamp <> ({})::timestamp").format(column, value)
    if kind in ("timestamp", "timestamptz"):
        return sql.SQL("{} ~ '\\.\\d{{6}}\\d*[1-9]'").format(column)
    return sql.SQL("false")


def name_of(source: str) -> sql.Identifier:
    """Return a source, with its schema or not, as SQL."""
    return sql.Identifier(*[part for part in source_parts(source) if part])
