"""A writer that changes PostgreSQL's sources during the migration; the clones must not see its changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

from local.data.changes import CHANGES, MAIN, Change, Move
from local.data.schema import MAIN_DATABASE, PARTITION_DATABASE
from local.data.writing import PAUSE_SECONDS, WritingThread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from local.aurora.fleet import Fleet


class Writer(WritingThread):
    """A thread that changes every PostgreSQL cluster."""

    def __init__(
        self, fleet: Fleet, partitions: list[str], main: str, changes: Sequence[Change | Move] = CHANGES
    ) -> None:
        super().__init__(fleet, partitions, main)
        self._changes = changes

    def _write(self) -> None:
        connections = {name: self._connect(name, PARTITION_DATABASE) for name in self._partitions}
        main = self._connect(self._main, MAIN_DATABASE)
        turn = 0
        try:
            while not self._stop.wait(PAUSE_SECONDS):
                change = self._changes[turn % len(self._changes)]
                turn += 1
                source, target = self._random.sample(sorted(connections), 2)
                try:
                    if isinstance(change, Move):
                        done = _move(change, connections[source], connections[target])
                    else:
                        done = _make(change, main if change.cluster == MAIN else connections[source])
                except psycopg.errors.UniqueViolation:
                    continue  # another row has the new key
                self.kinds[change.kind] += done
        except psycopg.Error as error:
            if not self._stop.is_set():  # a stopped server ends its sessions
                self.failure = error
        finally:
            for connection in (main, *connections.values()):
                connection.close()

    def _connect(self, name: str, database: str) -> psycopg.Connection:
        return psycopg.connect(self._fleet.server(name).dsn(database), autocommit=True)


def _make(change: Change, connection: psycopg.Connection) -> int:
    return max(0, connection.execute(change.text().encode()).rowcount)


def _move(move: Move, source: psycopg.Connection, target: psycopg.Connection) -> int:
    row = source.execute(move.take().encode()).fetchone()
    if row is None:
        return 0
    target.execute(move.put().encode(), row)
    return 1
