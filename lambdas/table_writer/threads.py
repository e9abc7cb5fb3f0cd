"""Settlement of changes by several threads, counted up to the first unsettled one.

A write mostly waits for DynamoDB, so the threads of one process are enough.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from table_writer.settling import CONFLICT
from table_writer.table import OutOfTime

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from table_writer.changes import Change
    from table_writer.settling import Settled


def settle_in_order(
    changes: Sequence[Change],
    settle: Callable[[Change], Settled],
    *,
    threads: int,
    most_conflicts: int,
    has_time: Callable[[], bool],
) -> list[Settled]:
    """Return the outcomes of the changes in their order, up to the first unsettled one.

    No thread begins a change after the time is up, a write failed or there are too many conflicts; begun ones finish.
    """
    queue = _Queue(changes, most_conflicts, has_time)
    with ThreadPoolExecutor(threads) as pool:
        workers = [pool.submit(_work, queue, settle) for _ in range(threads)]
    for worker in workers:
        worker.result()
    return queue.in_order()


def _work(queue: _Queue, settle: Callable[[Change], Settled]) -> None:
    try:
        while (taken := queue.take()) is not None:
            number, change = taken
            queue.record(number, settle(change))
    except OutOfTime:
        queue.close()
    except BaseException:
        queue.close()
        raise


class _Queue:
    """Hands out changes in their order, and records the outcome of each."""

    def __init__(self, changes: Sequence[Change], most_conflicts: int, has_time: Callable[[], bool]) -> None:
        self._changes = changes
        self._has_time = has_time
        self._lock = threading.Lock()
        self._conflicts_left = most_conflicts
        self._next = 0
        self._closed = False
        self._settled: dict[int, Settled] = {}

    def take(self) -> tuple[int, Change] | None:
        """Return the next change and its number, or None if no more may begin."""
        with self._lock:
            ended = self._closed or self._next == len(self._changes) or self._conflicts_left <= 0
            if ended or not self._has_time():
                return None
            self._next += 1
            return self._next - 1, self._changes[self._next - 1]

    def record(self, number: int, settled: Settled) -> None:
        """Record the outcome of a change."""
        with self._lock:
            self._settled[number] = settled
            self._conflicts_left -= settled.outcome == CONFLICT

    def close(self) -> None:
        """Hand out nothing more."""
        with self._lock:
            self._closed = True

    def in_order(self) -> list[Settled]:
        """Return the outcomes of the first changes, up to the first unsettled one."""
        settled = []
        for number in range(len(self._changes)):
            if number not in self._settled:
                break
            settled.append(self._settled[number])
        return settled
