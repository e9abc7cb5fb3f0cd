"""The rows of the live sources, read by plain SQL, in the same Python types from both engines."""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, ClassVar, Self

import psycopg
import pymysql
from psycopg.rows import dict_row
from pymysql.cursors import DictCursor

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType

Row = dict[str, Any]


class LiveSources(ABC):
    """The main cluster and the partitions, to which nobody writes meanwhile; a context manager that connects."""

    # An array of PostgreSQL is a set. MySQL has documents instead, whose lists keep their order.
    has_arrays: ClassVar[bool]

    def __init__(self) -> None:
        self._open = ExitStack()
        self._connections: list[Any] = []

    def main(self, query: str) -> Iterator[Row]:
        """Yield the rows of the main cluster."""
        yield from self._rows(self._connections[0], query)

    def partitions(self, query: str) -> Iterator[Row]:
        """Yield the rows of all partitions."""
        for connection in self._connections[1:]:
            yield from self._rows(connection, query)

    @abstractmethod
    def as_text(self, column: str) -> str:
        """Return SQL that yields a document as its text."""

    @abstractmethod
    def _connect(self) -> Iterator[Any]:
        """Yield a connection to each cluster, the main cluster's first."""

    @abstractmethod
    def _rows(self, connection: Any, query: str) -> Iterator[Row]:  # noqa: ANN401 - of either driver
        """Yield the rows of a query."""

    def __enter__(self) -> Self:
        """Connect to every cluster."""
        for connection in self._connect():
            self._connections.append(self._open.enter_context(connection))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection."""
        self._open.close()
        self._connections.clear()


class PostgresSources(LiveSources):
    """Sources of PostgreSQL, by their DSNs."""

    has_arrays = True

    def __init__(self, main: str, partitions: Sequence[str]) -> None:
        super().__init__()
        self._dsns = (main, *partitions)

    def as_text(self, column: str) -> str:
        """Return SQL that yields a document as its text."""
        return f"{column}::text"

    def _connect(self) -> Iterator[psycopg.Connection]:
        return (psycopg.connect(dsn) for dsn in self._dsns)

    def _rows(self, connection: psycopg.Connection, query: str) -> Iterator[Row]:
        with connection.cursor(row_factory=dict_row) as cursor:
            cursor.execute(query.encode())
            yield from cursor


class MySqlSources(LiveSources):
    """Sources of MySQL, by the arguments of their connections."""

    has_arrays = False

    def __init__(self, main: dict[str, Any], partitions: Sequence[dict[str, Any]]) -> None:
        super().__init__()
        self._arguments = (main, *partitions)

    def as_text(self, column: str) -> str:
        """Return the column: the driver returns a document as its text."""
        return column

    def _connect(self) -> Iterator[pymysql.connections.Connection[DictCursor]]:
        # The driver returns a timestamp without its zone.
        options: dict[str, Any] = {"cursorclass": DictCursor, "init_command": "SET time_zone = '+00:00'"}
        return (pymysql.connect(**arguments, **options) for arguments in self._arguments)

    def _rows(self, connection: pymysql.connections.Connection[DictCursor], query: str) -> Iterator[Row]:
        with connection.cursor() as cursor:
            cursor.execute(query)
            for row in cursor.fetchall():
                yield {name: _in_utc(value) for name, value in row.items()}


def _in_utc(value: object) -> object:
    return value.replace(tzinfo=dt.UTC) if isinstance(value, dt.datetime) else value
