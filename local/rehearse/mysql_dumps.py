"""Load a dump of MySQL into a database of its own: its tables and rows whole, the rest as far as it goes."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pymysql

from local.errors import DataError
from local.rehearse.dump_forms import HEAD_BYTES, MYSQL, plain_sql
from local.rehearse.mysql_forms import files_of, refuse_postgres
from local.rehearse.mysql_script import MySqlScript
from local.rehearse.mysql_statements import mysql_step
from local.rehearse.mysql_tables import adapted, reduced

if TYPE_CHECKING:
    from pathlib import Path

    from pymysql.cursors import Cursor

    from local.aurora.mariadb import MariaDbServer
    from local.rehearse.mysql_script import Statement
    from local.rehearse.mysql_statements import MySqlStep
    from local.sources import Tell

_SYSTEM_DATABASES = {"mysql", "sys", "information_schema", "performance_schema"}
# Of rows: what changes no value. https://mariadb.com/docs/server/reference/error-codes
_HARMLESS_WARNINGS = {1287, 1681}
_DUPLICATE, _TRUNCATED = 1062, 1265
_NEAR = re.compile(r"right syntax to use near '(.*)' at line \d+$", re.DOTALL)
_SHOWN = 40


class _SeveralDatabasesError(Exception):
    """The dump has several databases, and another one than the wanted one was begun."""


class _DuplicateError(Exception):
    """Two values are one to a collation that stands for another one."""


@dataclass
class _Load:
    """One run of a dump.

    Attributes:
        exact: Whether what stands for an unknown collation compares bytes.
        only_wanted: Whether the dump is known to have several databases.
    """

    path: Path
    wanted: str
    cursor: Cursor
    known: frozenset[str]
    exact: bool = False
    only_wanted: bool = False
    file: Path | None = None
    database: str = ""
    elsewhere: bool = False
    others: dict[str, None] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, str] = field(default_factory=dict)
    collations: dict[str, str] = field(default_factory=dict)
    engines: dict[str, str] = field(default_factory=dict)  # by table, where it is another one than InnoDB

    def run(self, file: Path) -> None:
        """Run a file's statements.

        Raises:
            DataError: The server refuses a table or a row; says which line.
        """
        self.file = file
        with plain_sql(file, MYSQL) as content:
            for statement in MySqlScript(content):
                self._take(statement)

    def _take(self, statement: Statement) -> None:
        step = mysql_step(statement.text)
        if step.kind == "use":
            self._use(step.text.decode("utf-8", "replace"))
        elif self.elsewhere and statement.text.lstrip()[:3].upper() != b"SET":
            pass
        elif step.kind == "files":
            raise self._error(statement.line, "it reads another file; give one dump that has the rows as INSERTs")
        elif step.kind == "skipped":
            self.skipped.update([step.label] if step.label else [])
        elif step.kind == "table":
            self._create(statement, step)
        elif step.kind == "rows":
            self._insert(statement)
        else:
            self._execute(statement, step)

    def _use(self, name: str) -> None:
        self.elsewhere = name != self.wanted and (
            name in _SYSTEM_DATABASES or self.only_wanted or self.database == self.wanted
        )
        if self.elsewhere:
            self.others[name] = None
        elif self.database in ("", name):
            self.database = name
        else:
            raise _SeveralDatabasesError

    def _create(self, statement: Statement, step: MySqlStep) -> None:
        """Create a table; one that the server refuses is created without what no row depends on."""
        made = adapted(step.text, self.known, exact=self.exact)
        try:
            self._send(made.text)
        except pymysql.Error as error:
            try:
                self._send(reduced(made.text))
            except pymysql.Error:
                raise self._error(statement.line, _words(error)) from error
            self._skip(f"indexes, constraints and computed defaults of {step.name}", _words(error))
        self.collations |= made.collations
        self.engines.pop(step.name, None)
        if made.engine:
            self.engines[step.name] = made.engine

    def _insert(self, statement: Statement) -> None:
        try:
            self._send(statement.text)
        except pymysql.Error as error:
            if error.args[0] == _DUPLICATE and self.collations and not self.exact:
                raise _DuplicateError from error
            raise self._error(statement.line, _words(error)) from error
        if self.cursor.warning_count:
            self._look_at_warnings(statement)

    def _look_at_warnings(self, statement: Statement) -> None:
        self.cursor.execute("SHOW WARNINGS")
        for level, code, message in self.cursor.fetchall():
            changes = level != "Note" and code not in _HARMLESS_WARNINGS
            if changes or code == _TRUNCATED:
                raise self._error(statement.line, f"{_recoded(message)}: the value would be another one")

    def _execute(self, statement: Statement, step: MySqlStep) -> None:
        try:
            self._send(step.text)
            self.cursor.fetchall()
        except pymysql.Error as error:
            if step.kind == "needed":
                raise self._error(statement.line, _words(error)) from error
            self._skip(step.label, _words(error))

    def _send(self, statement: bytes) -> None:
        self.cursor.execute(statement)  # type: ignore[call-overload]  # pymysql sends bytes as they are

    def _skip(self, label: str, reason: str) -> None:
        if label:
            self.skipped[label] += 1
            self.reasons.setdefault(label, reason)

    def _error(self, line: int, words: str) -> DataError:
        return DataError(f"{self.file}: line {line}: {words}")


def load_mysql_dump(path: Path, server: MariaDbServer, database: str, tell: Tell) -> None:
    """Load a dump into a new database of a running server.

    Raises:
        DataError: The dump cannot be read, or the server refuses a table or a row; says what and where.
    """
    files, left_out = files_of(path, database)
    for file in files[:1]:
        with plain_sql(file, MYSQL) as content:
            refuse_postgres(file, content.read(HEAD_BYTES))
    exact, only_wanted = False, False
    while True:
        with server.connect() as connection, connection.cursor() as cursor:
            load = _Load(path, database, cursor, _new_database(cursor, database), exact, only_wanted)
            # Only bytes are sent, and what the server says comes in the encoding that the dump asks for.
            connection.encoding = "latin-1"
            try:
                for file in files:
                    load.run(file)
            except _SeveralDatabasesError:
                only_wanted = True
                continue
            except _DuplicateError:
                exact = True
                continue
        if load.others and not load.database and only_wanted:
            there = ", ".join(name for name in load.others if name not in _SYSTEM_DATABASES)
            raise DataError(
                f"{path}: holds no database {database}, but {there}: name the one to load as the group's database in "
                "clusters.yaml (make init: DOMAIN)"
            )
        _tell(load, left_out, tell)
        return


def _new_database(cursor: Cursor, database: str) -> frozenset[str]:
    """Make the database and use it; return the collations that the server knows."""
    name = "`{}`".format(database.replace("`", "``"))
    cursor.execute(f"DROP DATABASE IF EXISTS {name}")
    cursor.execute(f"CREATE DATABASE {name}")
    cursor.execute(f"USE {name}")
    cursor.execute("SET SESSION foreign_key_checks = 0, sql_notes = 1")
    cursor.execute("SELECT collation_name FROM information_schema.collations")
    return frozenset(str(collation) for (collation,) in cursor.fetchall())


def _tell(load: _Load, left_out: list[str], tell: Tell) -> None:
    for label, count in load.skipped.items():
        reason = f" ({load.reasons[label]})" if label in load.reasons else ""
        tell(f"{load.path.name}: skipped {count} x {label}, which no row depends on{reason}")
    for collation, other in load.collations.items():
        tell(f"{load.path.name}: {other} stands for the collation {collation}, which MariaDB lacks: no byte changes")
    for table, engine in load.engines.items():
        tell(f"{load.path.name}: the table {table} of {engine} is one of InnoDB, as every table of Aurora MySQL")
    others = [name for name in load.others if name not in _SYSTEM_DATABASES]
    if others:
        tell(f"{load.path.name}: took the database {load.database}, skipped {', '.join(others)}")
    if left_out:
        tell(f"{load.path.name}: skipped {', '.join(left_out)}, which no row depends on")


def _words(error: pymysql.Error) -> str:
    """Return what the server says, short: of wrong syntax it repeats the rest of the statement."""
    text = str(error.args[-1])
    near = _NEAR.search(text)
    if near is None:
        return text
    part = " ".join(near[1].split())
    return f"MariaDB does not know what begins with {part[:_SHOWN]!r}"


def _recoded(message: object) -> str:
    """Return a text that was read byte by byte."""
    return str(message).encode("latin-1", "replace").decode("utf-8", "replace")
