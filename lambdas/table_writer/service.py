"""Execution of an order: the parts of its lane in sequence, with each change settled before it is counted.

The answer's offset is exact: every change before it is settled, and only those are counted. If a thread has already
written a change after it, the next call counts that change as `already`. So the counts of all answers add up to the
changes, however a call ends.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from table_writer.errors import InvalidEventError, StalledError
from table_writer.settling import CONFLICT, OUTCOMES, Settling
from table_writer.store import Conflict
from table_writer.threads import settle_in_order

if TYPE_CHECKING:
    from collections.abc import Callable

    from table_writer.changes import Change
    from table_writer.orders import Order
    from table_writer.preconditions import Facts
    from table_writer.settling import Settled, Table
    from table_writer.store import Store

MOST_CONFLICTS = 100  # of a call; more add no information


class Required(Protocol):
    """The preconditions of writing a part."""

    def require(self, order: Order) -> Facts:
        """Return the table's facts if the order may write to it."""


@dataclass(frozen=True, kw_only=True)
class TableWriter:
    """Writes the changes of a table, with a store of parts, the table and the preconditions."""

    store: Store
    preconditions: Required
    table: Table
    now: Callable[[], float]  # seconds since 1970
    has_time: Callable[[], bool]
    threads: int

    def apply(self, order: Order) -> dict[str, Any]:
        """Settle changes until the lane is done, the time is up or there are too many conflicts.

        Returns:
            done, the next part and offset, and the counts of this call: applied, already, expired, conflicts.

        Raises:
            WriterError: The order cannot be executed, or DynamoDB accepted no write during the whole call.
        """
        parts = self.store.parts(order)
        counts: Counter[str] = Counter()
        number, offset = _first(order)
        while number < len(parts) and counts[CONFLICT] < MOST_CONFLICTS and self.has_time():
            facts = self.preconditions.require(order)
            changes = self.store.changes(order, parts[number])
            if offset > len(changes):
                raise InvalidEventError(f"offset: {offset} is beyond {parts[number].name}, which has {len(changes)}")
            settled = self._settle(order, facts, changes[offset:], MOST_CONFLICTS - counts[CONFLICT])
            self._keep(order, facts, (number, offset), list(zip(changes[offset:], settled, strict=False)))
            counts.update(each.outcome for each in settled)
            if offset + len(settled) < len(changes):
                offset += len(settled)
                break
            number, offset = number + order.lanes, 0
        if (number, offset) == _first(order) and number < len(parts):
            raise StalledError(
                f"{order.table_name}: DynamoDB accepted no write during the whole call. Raise the table's capacity, "
                f"then resume with: migrate resume {order.run}"
            )
        counted = {outcome: counts[outcome] for outcome in OUTCOMES}
        return {"done": number >= len(parts), "part": number, "offset": offset, **counted}

    def _settle(self, order: Order, facts: Facts, changes: list[Change], most_conflicts: int) -> list[Settled]:
        settling = Settling(table=self.table, key=facts.key, ttl=facts.ttl, version=order.version, now=self.now)
        return settle_in_order(
            changes, settling.settle, threads=self.threads, most_conflicts=most_conflicts, has_time=self.has_time
        )

    def _keep(self, order: Order, facts: Facts, start: tuple[int, int], settled: list[tuple[Change, Settled]]) -> None:
        """Store the conflicts before the answer counts them."""
        met = [
            Conflict(change.key(facts.key), change.was, each.stored)
            for change, each in settled
            if each.outcome == CONFLICT
        ]
        if met:
            self.store.keep(order, *start, met)


def _first(order: Order) -> tuple[int, int]:
    """Return the part and offset where the lane continues; parts of other lanes are skipped."""
    ahead = (order.lane - order.part) % order.lanes
    return order.part + ahead, 0 if ahead else order.offset
