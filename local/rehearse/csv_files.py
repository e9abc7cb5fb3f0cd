"""Loading of a folder with a file per source table; the catalog has the types of the columns."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql
from psycopg.errors import ProgramLimitExceeded, TooManyColumns

from catalog.field_types import source_parts
from local.errors import DataError
from local.rehearse.table_files import files_of
from local.rehearse.value_rules import refuse_wrong, type_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from catalog.models import Extract
    from local.aurora.server import PostgresServer
    from local.rehearse.table_files import Columns, TableFile
    from local.source_data import Tell

# A foreign table reads each file as texts: a row of 1,000 texts exceeds a block of an ordinary table.
_FILES = "migration files"
_TEXTS = sql.SQL("{}.rows").format(sql.Identifier(_FILES))
_LINE = re.compile(r"line (\d+)")


def load_folder(
    folder: Path,
    server: PostgresServer,
    database: str,
    tables: Mapping[str, Columns],
    *,
    tell: Tell,
    encoding: str | None = None,
    separator: str | None = None,
) -> None:
    """Create the tables in a new database of a running server, and fill each from its file.

    Raises:
        DataError: A file is missing, lacks a column, or has a value of the wrong type; the message names it.
    """
    files = files_of(folder, tables, encoding, separator)
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
    with psycopg.connect(server.dsn(database)) as connection:
        # Without this date style 03/04/2026 would be a day in March.
        connection.execute("SET DateStyle = 'ISO, YMD'; SET TimeZone = 'UTC'; SET extra_float_digits = 1")
        for source, file in files.items():
            tell(f"loading {file.path.name}")
            with _texts_of(connection, server, file):
                _load(connection, source, file, tables[source])


def source_tables(extracts: Iterable[Extract]) -> dict[str, Columns]:
    """Return each source's columns with their types in the catalog.

    Raises:
        DataError: Two extracts of one source give a column different types.
    """
    tables: dict[str, Columns] = {}
    for extract in extracts:
        columns = tables.setdefault(extract.source, {})
        for column, kind in extract.columns.items():
            name = extract.database_name(column)
            if columns.setdefault(name, kind) != kind:
                raise DataError(
                    f"the catalog declares {extract.source}.{name} as both {columns[name]} and {kind}: "
                    "no CSV file can be loaded as both; give a dump"
                )
    return tables


@contextmanager
def _texts_of(connection: psycopg.Connection, server: PostgresServer, file: TableFile) -> Iterator[None]:
    """Provide a file's rows as a table of texts, and drop the table afterwards."""
    path = server.folder.with_suffix(".csv")
    path.touch(mode=0o600)
    try:
        with path.open("w", encoding="utf-8", newline="") as target:
            for text in file.texts():
                target.write(text)
        server.postgres.give(path)
        columns = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(name)) for name in file.header)
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(_FILES)))
        connection.execute(sql.SQL("CREATE EXTENSION file_fdw SCHEMA {}").format(sql.Identifier(_FILES)))
        connection.execute(sql.SQL("CREATE SERVER {} FOREIGN DATA WRAPPER file_fdw").format(sql.Identifier(_FILES)))
        connection.execute(
            sql.SQL(
                "CREATE FOREIGN TABLE {} ({}) SERVER {} "
                "OPTIONS (filename {}, format 'csv', header 'true', delimiter {}, encoding 'UTF8')"
            ).format(_TEXTS, columns, sql.Identifier(_FILES), sql.Literal(str(path)), sql.Literal(file.separator))
        )
        yield
        connection.execute("SET client_min_messages = error")
        connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(_FILES)))
    except psycopg.Error as error:
        raise DataError(f"{file.path}: {_reason(error, file)}") from error
    finally:
        path.unlink(missing_ok=True)


def _load(connection: psycopg.Connection, source: str, file: TableFile, columns: Columns) -> None:
    """Create a table from a file's rows; columns that the catalog does not read become texts.

    Raises:
        DataError: A value is not of its type, or would be rounded; the message has its row and column.
    """
    kinds = {name: columns.get(name, "text") for name in file.header}
    refuse_wrong(connection, _TEXTS, file.path, {name: kind for name, kind in kinds.items() if kind != "text"})
    schema, _ = source_parts(source)
    if schema:
        connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))
    typed = [(sql.Identifier(name), sql.SQL(type_name(kind))) for name, kind in kinds.items()]
    definitions = sql.SQL(", ").join(sql.SQL("{} {}").format(*column) for column in typed)
    values = sql.SQL(", ").join(sql.SQL("{}::{}").format(*column) for column in typed)
    connection.execute(sql.SQL("CREATE TABLE {} ({})").format(name_of(source), definitions))
    connection.execute(sql.SQL("INSERT INTO {} SELECT {} FROM {}").format(name_of(source), values, _TEXTS))


def _reason(error: psycopg.Error, file: TableFile) -> str:
    """Return PostgreSQL's message, with the line of the file if it has one."""
    where = (error.diag.context or "").partition("\n")[0]
    where = _LINE.sub(lambda line: f"line {int(line[1]) + file.skipped_lines}", where, count=1)
    is_limit = isinstance(error, ProgramLimitExceeded | TooManyColumns)
    hint = "; leave columns out of the file" if is_limit else ""
    return f"{error.diag.message_primary or error}{f' ({where})' if where else ''}{hint}"


def name_of(source: str) -> sql.Identifier:
    """Return a source as an SQL identifier, with its schema if it has one."""
    return sql.Identifier(*[part for part in source_parts(source) if part])
