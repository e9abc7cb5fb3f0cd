"""The thread that changes the sources of either engine."""

from __future__ import annotations

import itertools
import random
import threading
from abc import ABC, abstractmethod
from collections import Counter
from typing import TYPE_CHECKING, Any, Self

from local.data.schema import MAIN_DATABASE, PARTITION_DATABASE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from local.aurora.fleet import Fleet
    from local.data.changes import Change, Move

PAUSE_SECONDS = 0.05  # between two changes


class WritingThread(ABC):
    """A thread that changes every cluster, each kind of change in turn; the context manager stops it."""

    database_error: type[Exception]

    def __init__(self, fleet: Fleet, partitions: list[str], main: str, changes: Sequence[Change | Move]) -> None:
        self._fleet = fleet
        self._changes = changes
        self._partitions = partitions
        self._main = main
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._write, name="writer", daemon=True)
        self._random = random.Random(7)  # noqa: S311 - the choice of rows is no secret
        self.kinds: Counter[str] = Counter()  # changed rows by kind of change
        self.failure: BaseException | None = None

    @property
    def changes(self) -> int:
        """Return the number of rows changed so far."""
        return self.kinds.total()

    def __enter__(self) -> Self:
        """Start writing."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop writing, and raise the error that ended the writer, if any.

        Raises:
            Exception: The database refused a statement, so not every kind of change was made.
        """
        self._stop.set()
        self._thread.join()
        if self.failure is not None and error is None:
            raise self.failure

    def _write(self) -> None:
        connections = {name: self._connect(name, PARTITION_DATABASE) for name in self._partitions}
        main = self._connect(self._main, MAIN_DATABASE)
        try:
            for change in itertools.cycle(self._changes):
                if self._stop.wait(PAUSE_SECONDS):
                    return
                source, target = self._random.sample(sorted(connections), 2)
                self.kinds[change.kind] += self._make(change, main, connections[source], connections[target])
        except self.database_error as error:
            if not self._stop.is_set():  # a stopped server ends its sessions
                self.failure = error
        finally:
            for connection in (main, *connections.values()):
                connection.close()

    @abstractmethod
    def _connect(self, name: str, database: str) -> Any:  # noqa: ANN401 - each engine's driver has its own type
        """Return a connection to a database of a cluster."""

    @abstractmethod
    def _make(self, change: Any, main: Any, source: Any, target: Any) -> int:  # noqa: ANN401 - likewise
        """Make a change in the main cluster or in the partition `source`, and return the number of changed rows.

        A row that moves to another partition moves to `target`. A change whose new key another row has changes none.
        """
