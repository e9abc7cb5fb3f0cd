"""A writer that keeps changing the sources while they are migrated: the clones must not see it."""

from __future__ import annotations

import random
import threading
from collections import Counter
from typing import TYPE_CHECKING, Self

import psycopg

from local.data.changes import CHANGES, MAIN, Change, Move
from local.data.schema import MAIN_DATABASE, PARTITION_DATABASE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from local.aurora.fleet import Fleet

_PAUSE_SECONDS = 0.05


class Writer:
    """A thread of changes to every cluster, each kind in turn; as a context manager it stops at the end."""

    def __init__(
        self, fleet: Fleet, partitions: list[str], main: str, changes: Sequence[Change | Move] = CHANGES
    ) -> None:
        self._fleet = fleet
        self._partitions = partitions
        self._main = main
        self._changes = changes
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
            psycopg.Error: A statement was refused, so that not every kind of change was made.
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
                change = self._changes[turn % len(self._changes)]
                turn += 1
                source, target = self._random.sample(sorted(connections), 2)
                try:
                    if isinstance(change, Move):
                        done = _move(change, connections[source], connections[target])
                    else:
                        done = _make(change, main if change.cluster == MAIN else connections[source])
                except psycopg.errors.UniqueViolation:
                    continue  # the new key is another row's
                self.kinds[change.kind] += done
        except psycopg.Error as error:
            if not self._stop.is_set():  # a server that is stopped ends its sessions
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
