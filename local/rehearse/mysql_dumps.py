"""Loading of a MySQL dump into its own database: all tables and rows, and other objects if possible."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.errors import DataError
from local.rehearse.dump_forms import HEAD_BYTES, MYSQL, plain_sql
from local.rehearse.mysql_forms import files_of, refuse_postgres
from local.rehearse.mysql_loading import SYSTEM_DATABASES, DuplicateError, Load, SeveralDatabasesError

if TYPE_CHECKING:
    from pathlib import Path

    from pymysql.cursors import Cursor

    from local.aurora.mariadb import MariaDbServer
    from local.source_data import Tell


def load_mysql_dump(path: Path, server: MariaDbServer, database: str, tell: Tell) -> None:
    """Load a dump into a new database of a running server.

    Raises:
        DataError: The dump cannot be read, or the server refuses a table or a row; the message says where.
    """
    files, left_out = files_of(path, database)
    for file in files[:1]:
        with plain_sql(file, MYSQL) as content:
            refuse_postgres(file, content.read(HEAD_BYTES))
    exact, only_wanted = False, False
    while True:
        with server.connect() as connection, connection.cursor() as cursor:
            load = Load(path, database, cursor, _new_database(cursor, database), exact, only_wanted)
            # The dump is sent as bytes, and the server answers in the encoding that the dump requests.
            connection.encoding = "latin-1"
            try:
                for file in files:
                    load.run(file)
            except SeveralDatabasesError:
                only_wanted = True
                continue
            except DuplicateError:
                exact = True
                continue
        if load.others and not load.database and only_wanted:
            there = ", ".join(name for name in load.others if name not in SYSTEM_DATABASES)
            raise DataError(
                f"{path}: has no database {database}, but {there}: set the group's database in clusters.yaml "
                "(make init: DOMAIN) to the one to load"
            )
        _tell(load, left_out, tell)
        return


def _new_database(cursor: Cursor, database: str) -> frozenset[str]:
    """Create and select the database; return the collations of the server."""
    name = "`{}`".format(database.replace("`", "``"))
    cursor.execute(f"DROP DATABASE IF EXISTS {name}")
    cursor.execute(f"CREATE DATABASE {name}")
    cursor.execute(f"USE {name}")
    cursor.execute("SET SESSION foreign_key_checks = 0, sql_notes = 1")
    cursor.execute("SELECT collation_name FROM information_schema.collations")
    return frozenset(str(collation) for (collation,) in cursor.fetchall())


def _tell(load: Load, left_out: list[str], tell: Tell) -> None:
    for label, count in load.skipped.items():
        reason = f" ({load.reasons[label]})" if label in load.reasons else ""
        tell(f"{load.path.name}: skipped {count} x {label}, on which no row depends{reason}")
    for column in load.left_out:
        tell(f"{load.path.name}: skipped the computed column {column}, whose expression MariaDB does not support")
    for collation, other in load.collations.items():
        tell(f"{load.path.name}: {other} replaces the collation {collation}, which MariaDB lacks: no byte changes")
    for table, engine in load.engines.items():
        tell(f"{load.path.name}: the table {table} of {engine} uses InnoDB here, as in Aurora MySQL")
    others = [name for name in load.others if name not in SYSTEM_DATABASES]
    if others:
        tell(f"{load.path.name}: loaded the database {load.database}, skipped {', '.join(others)}")
    if left_out:
        tell(f"{load.path.name}: skipped {', '.join(left_out)}, on which no row depends")
