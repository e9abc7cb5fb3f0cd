"""A run of a MySQL dump, in which each statement is executed, executed if possible, or skipped."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pymysql

from local.errors import DataError
from local.rehearse.dump_forms import MYSQL, plain_sql
from local.rehearse.mysql_script import MySqlScript
from local.rehearse.mysql_statements import mysql_step
from local.rehearse.mysql_tables import adapt, reduce_definition

if TYPE_CHECKING:
    from pathlib import Path

    from pymysql.cursors import Cursor

    from local.rehearse.mysql_script import Statement
    from local.rehearse.mysql_statements import MySqlStep

SYSTEM_DATABASES = {"mysql", "sys", "information_schema", "performance_schema"}
# Warnings about rows that change no value. https://mariadb.com/docs/server/reference/error-codes
_HARMLESS_WARNINGS = {1287, 1681}
_DUPLICATE, _TRUNCATED = 1062, 1265
_NEAR = re.compile(r"right syntax to use near '(.*)' at line \d+$", re.DOTALL)
_SHOWN = 40


class SeveralDatabasesError(Exception):
    """The dump has several databases, and switches to another than the wanted one."""


class DuplicateError(Exception):
    """Two values are equal in a replacement collation."""


@dataclass
class Load:
    """A run of a dump.

    Attributes:
        exact: Whether replacements of unknown collations compare bytes.
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
    left_out: list[str] = field(default_factory=list)  # computed columns that MariaDB cannot compute
    engines: dict[str, str] = field(default_factory=dict)  # by table, if it is not InnoDB

    def run(self, file: Path) -> None:
        """Execute a file's statements.

        Raises:
            DataError: The server refuses a table or a row; the message has the line.
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
            raise self._error(statement.line, "it reads another file; use one dump with the rows as INSERTs")
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
            name in SYSTEM_DATABASES or self.only_wanted or self.database == self.wanted
        )
        if self.elsewhere:
            self.others[name] = None
        elif self.database in ("", name):
            self.database = name
        else:
            raise SeveralDatabasesError

    def _create(self, statement: Statement, step: MySqlStep) -> None:
        """Create a table; if the server refuses it, create it without the parts on which no row depends."""
        made = adapt(step.text, self.known, exact=self.exact)
        try:
            self._send(made.text)
        except pymysql.Error as error:
            self._create_reduced(statement, step.name, made.text, error)
        self.collations |= made.collations
        self.engines.pop(step.name, None)
        if made.engine:
            self.engines[step.name] = made.engine

    def _create_reduced(self, statement: Statement, name: str, definition: bytes, refused: pymysql.Error) -> None:
        """Create a table without the parts on which no row depends, and at last without its computed columns.

        Raises:
            DataError: The server refuses the reduced table too.
        """
        for without_computed in (False, True):
            text, computed = reduce_definition(definition, without_computed=without_computed)
            try:
                self._send(text)
            except pymysql.Error:
                continue
            self._skip(f"indexes, constraints and computed defaults of {name}", _words(refused))
            self.left_out += [f"{name}.{column}" for column in computed]
            return
        raise self._error(statement.line, _words(refused)) from refused

    def _insert(self, statement: Statement) -> None:
        try:
            self._send(statement.text)
        except pymysql.Error as error:
            if error.args[0] == _DUPLICATE and self.collations and not self.exact:
                raise DuplicateError from error
            raise self._error(statement.line, _words(error)) from error
        if self.cursor.warning_count:
            self._look_at_warnings(statement)

    def _look_at_warnings(self, statement: Statement) -> None:
        self.cursor.execute("SHOW WARNINGS")
        for level, code, message in self.cursor.fetchall():
            changes = level != "Note" and code not in _HARMLESS_WARNINGS
            if changes or code == _TRUNCATED:
                raise self._error(statement.line, f"{_recoded(message)}: the value would change")

    def _execute(self, statement: Statement, step: MySqlStep) -> None:
        try:
            self._send(step.text)
            self.cursor.fetchall()
        except pymysql.Error as error:
            if step.kind == "needed":
                raise self._error(statement.line, _words(error)) from error
            self._skip(step.label, _words(error))

    def _send(self, statement: bytes) -> None:
        self.cursor.execute(statement)  # type: ignore[call-overload]  # pymysql sends bytes unchanged

    def _skip(self, label: str, reason: str) -> None:
        if label:
            self.skipped[label] += 1
            self.reasons.setdefault(label, reason)

    def _error(self, line: int, words: str) -> DataError:
        return DataError(f"{self.file}: line {line}: {words}")


def _words(error: pymysql.Error) -> str:
    """Return the server's message, shortened: for a syntax error it repeats the rest of the statement."""
    text = str(error.args[-1])
    near = _NEAR.search(text)
    if near is None:
        return text
    part = " ".join(near[1].split())
    return f"MariaDB does not support the syntax that begins with {part[:_SHOWN]!r}"


def _recoded(message: object) -> str:
    """Return a text that was decoded byte by byte in its real encoding."""
    return str(message).encode("latin-1", "replace").decode("utf-8", "replace")
