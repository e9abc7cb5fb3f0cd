"""The rows of the live sources, read by plain SQL, in the same Python types from both engines."""

from __future__ import annotations

import datetime as dt
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Protocol, Self

import psycopg
import pymysql
from psycopg.rows import dict_row
from pymysql.cursors import DictCursor

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType

Row = dict[str, Any]


class LiveSources(Protocol):
    """The main cluster and the partitions, which nobody writes to meanwhile; a context manager that connects."""

    # An array of PostgreSQL is a set; in MySQL it is a document, whose list keeps its order.
    has_arrays: bool

    def main(self, query: str) -> Iterator[Row]:
        """Yield the rows of the main cluster."""

    def partitions(self, query: str) -> Iterator[Row]:
        """Yield the rows of all partitions."""

    def as_text(self, column: str) -> str:
        """Return SQL that yields a document as its text."""

    def __enter__(self) -> Self:
        """Connect to every cluster."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection."""


class PostgresSources:
    """Sources of PostgreSQL, by their DSNs."""

    has_arrays = True

    def __init__(self, main: str, partitions: Sequence[str]) -> None:
        self._dsns = (main, *partitions)
        self._open = ExitStack()
        self._connections: list[psycopg.Connection] = []

    def main(self, query: str) -> Iterator[Row]:
        """Yield the rows of the main cluster."""
        yield from self._rows(self._connections[0], query)

    def partitions(self, query: str) -> Iterator[Row]:
        """Yield the rows of all partitions."""
        for connection in self._connections[1:]:
            yield from self._rows(connection, query)

    @staticmethod
    def as_text(column: str) -> str:
        """Return SQL that yields a document as its text."""
        return f"{column}::text"

    @staticmethod
    def _rows(connection: psycopg.Connection, query: str) -> Iterator[Row]:
        with connection.cursor(row_factory=dict_row) as cursor:
            cursor.execute(query.encode())
            yield from cursor

    def __enter__(self) -> Self:
        """Connect to every cluster."""
        self._connections = [self._open.enter_context(psycopg.connect(dsn)) for dsn in self._dsns]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection."""
        self._open.close()


class MySqlSources:
    """Sources of MySQL, by the arguments of their connections."""

    has_arrays = False

    def __init__(self, main: dict[str, Any], partitions: Sequence[dict[str, Any]]) -> None:
        self._arguments = (main, *partitions)
        self._open = ExitStack()
        self._connections: list[pymysql.connections.Connection[DictCursor]] = []

    def main(self, query: str) -> Iterator[Row]:
        """Yield the rows of the main cluster."""
        yield from self._rows(self._connections[0], query)

    def partitions(self, query: str) -> Iterator[Row]:
        """Yield the rows of all partitions."""
        for connection in self._connections[1:]:
            yield from self._rows(connection, query)

    @staticmethod
    def as_text(column: str) -> str:
        """Return SQL that yields a document as its text, which is how the driver returns it anyway."""
        return column

    @staticmethod
    def _rows(connection: pymysql.connections.Connection[DictCursor], query: str) -> Iterator[Row]:
        with connection.cursor() as cursor:
            cursor.execute(query)
            for row in cursor.fetchall():
                yield {name: _in_utc(value) for name, value in row.items()}

    def __enter__(self) -> Self:
        """Connect to every cluster, in a session of UTC: the driver returns a timestamp without its zone."""
        options: dict[str, Any] = {"cursorclass": DictCursor, "init_command": "SET time_zone = '+00:00'"}
        for arguments in self._arguments:
            self._connections.append(self._open.enter_context(pymysql.connect(**arguments, **options)))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection."""
        self._open.close()


def _in_utc(value: object) -> object:
    return value.replace(tzinfo=dt.UTC) if isinstance(value, dt.datetime) else value
