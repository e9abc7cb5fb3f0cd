"""Permits to read from clones, so that no clone has more reading sessions than it allows."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Callable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migration_spark.spec import Spec

_LOOK_SECONDS = 0.5


def caps(spec: Spec) -> dict[str, int]:
    """Return how many sessions may read each clone at once: the most connections of its extracts."""
    allowed = dict.fromkeys(spec.clusters, 1)
    for table in spec.tables:
        for extract in table.extracts:
            for cluster in extract.clusters:
                allowed[cluster.name] = max(allowed[cluster.name], extract.connections)
    return allowed


class Permits:
    """Pool of permits, one per session that may read a clone; grants a whole request, first come, first served.

    A request may overtake earlier ones that wait for other clones. At most `parallelism` clones are read at once, or
    as many as a single request names.
    """

    def __init__(self, allowed: dict[str, int], parallelism: int, check: Callable[[], None] = lambda: None) -> None:
        """Call `check` while waiting; it raises the error that ends the job."""
        self._free = dict(allowed)
        self._allowed = allowed
        self._parallelism = parallelism
        self._check = check
        self._changed = threading.Condition()
        self._waiting: list[dict[str, int]] = []

    def allowed(self, cluster: str) -> int:
        """Return how many sessions may read a clone at once."""
        return self._allowed[cluster]

    @contextmanager
    def held(self, wanted: dict[str, int]) -> Iterator[None]:
        """Hold this many permits of each clone; wait until all of them are free."""
        self._take({name: min(count, self._allowed[name]) for name, count in wanted.items() if count})
        try:
            yield
        finally:
            with self._changed:
                for name, count in wanted.items():
                    self._free[name] += min(count, self._allowed[name])
                self._changed.notify_all()

    def _take(self, wish: dict[str, int]) -> None:
        with self._changed:
            self._waiting.append(wish)
            try:
                while not self._is_granted(wish):
                    self._changed.wait(_LOOK_SECONDS)
                    self._check()
                self._check()
                for name, count in wish.items():
                    self._free[name] -= count
            finally:
                self._waiting = [other for other in self._waiting if other is not wish]
                self._changed.notify_all()

    def _is_granted(self, wish: dict[str, int]) -> bool:
        """Return whether all permits are free and the grant delays no earlier request."""
        ahead: set[str] = set()
        for earlier in self._waiting:
            if earlier is wish:
                break
            ahead |= set(earlier)
        busy = {name for name, free in self._free.items() if free < self._allowed[name]}
        # Counts earlier requests as if they were already granted.
        most = self._parallelism if ahead else max(self._parallelism, len(wish))
        if ahead & set(wish) or len(busy | ahead | set(wish)) > most:
            return False
        return all(self._free[name] >= count for name, count in wish.items())
