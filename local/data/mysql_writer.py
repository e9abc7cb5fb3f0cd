"""A writer that keeps changing MySQL's sources while they are migrated: the clones must not see it."""

from __future__ import annotations

import random
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any, Self

import pymysql

from local.data.changes import MAIN
from local.data.mysql_changes import CHANGES, MOVE, MOVED
from local.data.mysql_schema import KEYS
from local.data.schema import MAIN_DATABASE, PARTITION_DATABASE

if TYPE_CHECKING:
    from types import TracebackType

    from pymysql.connections import Connection

    from local.aurora.fleet import Fleet
    from local.data.changes import Change

_PAUSE_SECONDS = 0.05
_DRAWN_FROM = 2000  # so few rows that the lot takes no longer in a large table


class MySqlWriter:
    """A thread of changes to every cluster, each kind in turn; as a context manager it stops at the end."""

    def __init__(self, fleet: Fleet, partitions: list[str], main: str) -> None:
        self._fleet = fleet
        self._partitions = partitions
        self._main = main
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._write, name="writer", daemon=True)
        self._random = random.Random(7)  # noqa: S311 - which rows change is no secret
        self.kinds: Counter[str] = Counter()  # rows changed, by the kind of change
        self.failure: BaseException | None = None

    @property
    def changes(self) -> int:
        """Return how many rows were changed so far."""
        return self.kinds.total()

    def __enter__(self) -> Self:
        """Start writing."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop writing; what ended the writer before is raised.

        Raises:
            pymysql.Error: A statement was refused, so that not every kind of change was made.
        """
        self._stop.set()
        self._thread.join()
        if self.failure is not None and error is None:
            raise self.failure

    def _write(self) -> None:
        connections = {name: self._connect(name, PARTITION_DATABASE) for name in self._partitions}
        main = self._connect(self._main, MAIN_DATABASE)
        turn = 0
        try:
            while not self._stop.wait(_PAUSE_SECONDS):
                change = CHANGES[turn % len(CHANGES)]
                turn += 1
                source, target = self._random.sample(sorted(connections), 2)
                at = main if change.cluster == MAIN else connections[source]
                try:
                    self.kinds[change.kind] += make(change, at, connections[target])
                except pymysql.err.IntegrityError:
                    at.rollback()  # the new key is another row's
        except pymysql.Error as error:
            if not self._stop.is_set():  # a server that is stopped ends its sessions
                self.failure = error
        finally:
            for connection in (main, *connections.values()):
                connection.close()

    def _connect(self, name: str, database: str) -> Connection[Any]:
        return self._fleet.mysql_server(name).connect(database)


def make(change: Change, source: Connection[Any], target: Connection[Any]) -> int:
    """Make a change of a row that is drawn by lot, in a transaction of its own; return how many rows it changed."""
    with source.cursor() as cursor:
        row = _row_by_lot(cursor, change.table)
        if not row:
            return 0
        source.begin()
        changed = cursor.execute(change.statement.format(row=row))
        if change.kind == MOVE:
            (moved,) = cursor.fetchall() or ((),)
            cursor.execute(f"DELETE FROM {change.table} WHERE {row}")  # noqa: S608 - no value of a caller's
            if moved:
                _put(target, moved)
        source.commit()
        return int(changed)


def _row_by_lot(cursor: Any, table: str) -> str:  # noqa: ANN401 - a cursor of pymysql
    """Return the condition of one row by lot, or nothing where the table has none."""
    names = ", ".join(KEYS[table])
    few = f"SELECT {names} FROM {table} LIMIT {_DRAWN_FROM}"  # noqa: S608 - no value of a caller's
    cursor.execute(f"SELECT {names} FROM ({few}) AS few ORDER BY rand() LIMIT 1")  # noqa: S608 - no value of a caller's
    key = cursor.fetchone()
    if key is None:
        return ""
    pairs = zip(KEYS[table], key, strict=True)
    return " AND ".join(cursor.mogrify(f"{name} = %s", [value]) for name, value in pairs)


def _put(target: Connection[Any], moved: tuple[Any, ...]) -> None:
    """Publish a row anew in another partition: the later publication is the one that counts."""
    with target.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO inventory ({MOVED}, published_at) VALUES (%s, %s, %s, %s, %s, %s, %s, now(6))",  # noqa: S608 - no value of a caller's
            moved,
        )
