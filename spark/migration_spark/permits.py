"""Permits to read from clones: no clone is read by more sessions than it allows, whatever wants to read it."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Callable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migration_spark.spec import Spec

_LOOK_SECONDS = 0.5


def caps(spec: Spec) -> dict[str, int]:
    """Return how many sessions may read each clone at once: the most that any of its extracts allows."""
    allowed = dict.fromkeys(spec.clusters, 1)
    for table in spec.tables:
        for extract in table.extracts:
            for cluster in extract.clusters:
                allowed[cluster.name] = max(allowed[cluster.name], extract.connections)
    return allowed


class Permits:
    """As many permits per clone as sessions may read it; a wish is granted whole, first come, first served.

    A wish for clones that nobody before it waits for overtakes. `parallelism` clones are read at once, or as many as
    one wish names.
    """

    def __init__(self, allowed: dict[str, int], parallelism: int, check: Callable[[], None] = lambda: None) -> None:
        """Let `check` raise what ends all waiting."""
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
        """Hold so many permits of each clone; wait until all of them are free."""
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
        """Return whether all permits are free, and nobody who came before would wait longer for it."""
        ahead: set[str] = set()
        for earlier in self._waiting:
            if earlier is wish:
                break
            ahead |= set(earlier)
        busy = {name for name, free in self._free.items() if free < self._allowed[name]}
        # As if those who came before had theirs already.
        most = self._parallelism if ahead else max(self._parallelism, len(wish))
        if ahead & set(wish) or len(busy | ahead | set(wish)) > most:
            return False
        return all(self._free[name] >= count for name, count in wish.items())
