"""A writer that keeps changing the sources while they are migrated: the clones must not see it."""

from __future__ import annotations

import random
import threading
from typing import TYPE_CHECKING, Self

import psycopg

from local.data.schema import PARTITION_DATABASE

if TYPE_CHECKING:
    from types import TracebackType

    from local.aurora.fleet import Fleet

_PAUSE_SECONDS = 0.05
_CHANGES = (
    "UPDATE base_rate SET amount = amount + 1, updated_at = now() WHERE ctid = '({block},{line})'",
    "UPDATE inventory SET rooms_sold = rooms_sold + 1 WHERE ctid = '({block},{line})'",
    "DELETE FROM restriction WHERE ctid = '({block},{line})'",
    """INSERT INTO allotment SELECT gen_random_uuid(), property_id, room_type, 'WRITER', first_night, nights, rooms,
       release_days, contract, now() FROM allotment WHERE ctid = '({block},{line})'""",
)


class Writer:
    """A thread of changes to every partition; as a context manager it stops at the end."""

    def __init__(self, fleet: Fleet, partitions: list[str]) -> None:
        self._fleet = fleet
        self._partitions = partitions
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._write, name="writer", daemon=True)
        self._random = random.Random(7)  # noqa: S311 - which rows change is no secret
        self.changes = 0

    def __enter__(self) -> Self:
        """Start writing."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop writing."""
        self._stop.set()
        self._thread.join()

    def _write(self) -> None:
        connections = [
            psycopg.connect(self._fleet.server(name).dsn(PARTITION_DATABASE), autocommit=True)
            for name in self._partitions
        ]
        try:
            while not self._stop.wait(_PAUSE_SECONDS):
                place = {"block": self._random.randrange(20), "line": self._random.randrange(1, 20)}
                change = self._random.choice(_CHANGES).format(**place)
                done = self._random.choice(connections).execute(change.encode())
                self.changes += max(0, done.rowcount)
        except psycopg.OperationalError:
            if not self._stop.is_set():  # a server that is stopped ends its sessions
                raise
        finally:
            for connection in connections:
                connection.close()
