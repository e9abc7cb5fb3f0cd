"""A writer that changes MySQL's sources during the migration; the clones must not see its changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pymysql

from local.data.changes import DRAWN_FROM, MAIN
from local.data.mysql_changes import CHANGES, MOVE, MOVED
from local.data.mysql_schema import KEYS
from local.data.writing import WritingThread

if TYPE_CHECKING:
    from pymysql.connections import Connection

    from local.aurora.fleet import Fleet
    from local.data.changes import Change


class MySqlWriter(WritingThread):
    """A thread that changes every MySQL cluster."""

    database_error = pymysql.Error

    def __init__(self, fleet: Fleet, partitions: list[str], main: str) -> None:
        super().__init__(fleet, partitions, main, CHANGES)

    def _connect(self, name: str, database: str) -> Connection[Any]:
        return self._fleet.mysql_server(name).connect(database)

    def _make(self, change: Change, main: Connection[Any], source: Connection[Any], target: Connection[Any]) -> int:
        connection = main if change.cluster == MAIN else source
        try:
            return make(change, connection, target)
        except pymysql.err.IntegrityError:
            connection.rollback()  # another row has the new key
            return 0


def make(change: Change, source: Connection[Any], target: Connection[Any]) -> int:
    """Change a random row in a transaction of its own, and return the number of changed rows."""
    with source.cursor() as cursor:
        row = _random_row(cursor, change.table)
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


def _random_row(cursor: Any, table: str) -> str:  # noqa: ANN401 - a cursor of pymysql
    """Return the condition of a random row, or an empty text if the table has none."""
    names = ", ".join(KEYS[table])
    few = f"SELECT {names} FROM {table} LIMIT {DRAWN_FROM}"  # noqa: S608 - no value of a caller's
    cursor.execute(f"SELECT {names} FROM ({few}) AS few ORDER BY rand() LIMIT 1")  # noqa: S608 - no value of a caller's
    key = cursor.fetchone()
    if key is None:
        return ""
    pairs = zip(KEYS[table], key, strict=True)
    return " AND ".join(cursor.mogrify(f"{name} = %s", [value]) for name, value in pairs)


def _put(target: Connection[Any], moved: tuple[Any, ...]) -> None:
    """Publish a row anew in another partition; the later publication counts."""
    with target.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO inventory ({MOVED}, published_at) VALUES (%s, %s, %s, %s, %s, %s, %s, now(6))",  # noqa: S608 - no value of a caller's
            moved,
        )
