"""Load a folder of CSV files: one per source table, its first line names the columns, the catalog their types."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from catalog.names import closest
from local.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from catalog.models import Extract
    from local.aurora.server import PostgresServer
    from local.sources import Tell

_BLOCK = 1 << 20
# The catalog's types by PostgreSQL's names, where those are other ones.
_TYPES = {"double": "double precision", "bytes": "bytea"}
Columns = dict[str, str]


def load_folder(folder: Path, server: PostgresServer, database: str, tables: Mapping[str, Columns], tell: Tell) -> None:
    """Make the tables in a new database of a running server and fill each from its file.

    Raises:
        DataError: A file is missing, lacks a column, or holds a value that does not fit; says which.
    """
    headers = _headers(folder, tables)
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
    with psycopg.connect(server.dsn(database)) as connection:
        for source, header in headers.items():
            tell(f"loading {source}.csv")
            _create(connection, source, header, tables[source])
            _copy(connection, source, folder / f"{source}.csv")


def wanted_tables(extracts: Iterable[Extract]) -> dict[str, Columns]:
    """Return each source's columns, with the types that the catalog gives them.

    Raises:
        DataError: Two extracts of one source call a column differently.
    """
    tables: dict[str, Columns] = {}
    for extract in extracts:
        columns = tables.setdefault(extract.source, {})
        for name, kind in extract.columns.items():
            if columns.setdefault(name, kind) != kind:
                raise DataError(
                    f"the catalog calls {extract.source}.{name} both {columns[name]} and {kind}: "
                    "no table can be made of CSV for both; give a dump"
                )
    return tables


def _headers(folder: Path, tables: Mapping[str, Columns]) -> dict[str, list[str]]:
    """Return each file's columns.

    Raises:
        DataError: Names every file and column that is missing.
    """
    there = [path.stem for path in folder.glob("*.csv")]
    problems, headers = [], {}
    for source, columns in tables.items():
        path = folder / f"{source}.csv"
        if source not in there:
            like = closest(source, there)
            meant = f"; there is {like}.csv" if like else f"; there are {', '.join(sorted(there)) or 'no CSV files'}"
            problems.append(f"{path} is missing{meant}")
            continue
        try:
            with path.open(encoding="utf-8-sig", newline="") as content:
                header = next(csv.reader(content), [])
        except (OSError, UnicodeDecodeError) as error:
            problems.append(f"{path} is no text in UTF-8: {error}")
            continue
        headers[source] = header
        problems += _missing(path, header, columns)
    if problems:
        raise DataError("; ".join(problems))
    return headers


def _missing(path: Path, header: list[str], columns: Columns) -> list[str]:
    if len(header) == 1 and len(columns) > 1 and any(mark in header[0] for mark in ";\t|"):
        return [f"{path}: its first line has no commas ({header[0]!r}); separate the columns with commas"]
    if len(set(header)) < len(header):
        return [f"{path}: its first line names a column twice"]
    problems = []
    for name in columns:
        if name not in header:
            like = closest(name, header)
            meant = f"; there is {like!r}" if like else f"; its first line has {', '.join(header) or 'nothing'}"
            problems.append(f"{path}: lacks the column {name}{meant}")
    return problems


def _create(connection: psycopg.Connection, source: str, header: list[str], columns: Columns) -> None:
    parts = [
        # A column that the catalog does not read is kept as it is.
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(_TYPES.get(kind := columns.get(name, "text"), kind)))
        for name in header
    ]
    schema, _, _ = source.rpartition(".")
    if schema:
        connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))
    connection.execute(sql.SQL("CREATE TABLE {} ({})").format(name_of(source), sql.SQL(", ").join(parts)))


def _copy(connection: psycopg.Connection, source: str, path: Path) -> None:
    statement = sql.SQL("COPY {} FROM STDIN (FORMAT csv, HEADER true)").format(name_of(source))
    try:
        with path.open("rb") as content, connection.cursor() as cursor, cursor.copy(statement) as copy:
            content.seek(3 if content.read(3) == b"\xef\xbb\xbf" else 0, io.SEEK_SET)
            while block := content.read(_BLOCK):
                copy.write(block)
    except psycopg.Error as error:
        where = error.diag.context or ""
        raise DataError(
            f"{path}: {error.diag.message_primary or error} ({where.splitlines()[0] if where else ''})"
        ) from error


def name_of(source: str) -> sql.Identifier:
    """Return a source, `table` or `schema.table`, as SQL."""
    return sql.Identifier(*source.split("."))
