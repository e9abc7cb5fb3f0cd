"""A writer that changes PostgreSQL's sources during the migration; the clones must not see its changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

from local.data.changes import CHANGES, MAIN, Change, Move
from local.data.writing import WritingThread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from local.aurora.fleet import Fleet


class Writer(WritingThread):
    """A thread that changes every PostgreSQL cluster."""

    database_error = psycopg.Error

    def __init__(
        self, fleet: Fleet, partitions: list[str], main: str, changes: Sequence[Change | Move] = CHANGES
    ) -> None:
        super().__init__(fleet, partitions, main, changes)

    def _connect(self, name: str, database: str) -> psycopg.Connection:
        return psycopg.connect(self._fleet.server(name).dsn(database), autocommit=True)

    def _make(
        self, change: Change | Move, main: psycopg.Connection, source: psycopg.Connection, target: psycopg.Connection
    ) -> int:
        try:
            if isinstance(change, Move):
                return _move(change, source, target)
            connection = main if change.cluster == MAIN else source
            return max(0, connection.execute(change.text().encode()).rowcount)
        except psycopg.errors.UniqueViolation:
            return 0  # another row has the new key


def _move(move: Move, source: psycopg.Connection, target: psycopg.Connection) -> int:
    row = source.execute(move.take().encode()).fetchone()
    if row is None:
        return 0
    target.execute(move.put().encode(), row)
    return 1
