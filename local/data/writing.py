"""The thread that changes the sources of either engine."""

from __future__ import annotations

import random
import threading
from abc import ABC, abstractmethod
from collections import Counter
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

    from local.aurora.fleet import Fleet

PAUSE_SECONDS = 0.05  # between two changes


class WritingThread(ABC):
    """A thread that changes every cluster, each kind of change in turn; the context manager stops it."""

    def __init__(self, fleet: Fleet, partitions: list[str], main: str) -> None:
        self._fleet = fleet
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

    @abstractmethod
    def _write(self) -> None:
        """Make changes until the thread must stop."""
