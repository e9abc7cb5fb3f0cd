"""How one change is settled: written where the expected item is, or counted for what is there instead.

Nothing that anybody else wrote is overwritten or deleted. An update names each attribute that it writes in its
condition, so it cannot overwrite one that changed; what it does not name stays. A deletion takes the whole item, and no
condition says "and no other attribute": the item is read right before, and put back if what was deleted was another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from table_writer.conditions import Expression, absent, changed, unchanged
from table_writer.items import Item, differing, only_in, same

if TYPE_CHECKING:
    from collections.abc import Callable

    from table_writer.changes import Change

APPLIED, ALREADY, EXPIRED, CONFLICT = "applied", "already", "expired", "conflicts"
_FIVE_YEARS_SECONDS = 5 * 365 * 24 * 3600
OUTCOMES = (APPLIED, ALREADY, EXPIRED, CONFLICT)


@dataclass(frozen=True)
class Answer:
    """What a conditional write did, and an item.

    Written: the new item after an update, the old one after a put or a deletion. Refused: the item that is there.
    """

    written: bool
    item: Item | None


class Table(Protocol):
    """What settling a change needs of a table."""

    def get(self, key: Item) -> Item | None:
        """Return the item as it is, or None."""

    def put(self, item: Item, expression: Expression) -> Answer:
        """Put an item on a condition."""

    def put_back(self, item: Item, expression: Expression) -> Answer:
        """Put an item back that a write took away, however little time is left."""

    def update(self, key: Item, expression: Expression) -> Answer:
        """Update an item on a condition."""

    def delete(self, key: Item, expression: Expression) -> Answer:
        """Delete an item on a condition."""


@dataclass(frozen=True)
class Settled:
    """What became of a change, and what a conflict met."""

    outcome: str
    found: Item | None = None


@dataclass(frozen=True, kw_only=True)
class Settling:
    """Settles changes of one table."""

    table: Table
    key: tuple[str, ...]
    ttl: str  # the attribute of the table's time to live; empty where it has none
    version: tuple[str, ...]
    now: Callable[[], float]

    def settle(self, change: Change) -> Settled:
        """Write a change, or say why it is not written."""
        if change.put is not None:
            return self._put(change.put, change.was)
        return self._delete(change.key(self.key), change.was or {})

    def _put(self, new: Item, was: Item | None) -> Settled:
        if was is None:
            answer = self.table.put(new, absent(self.key))
            return Settled(APPLIED) if answer.written else self._examine(new, was, answer.item)
        expression = changed(was, new, self.key, self.version)
        if expression is None:
            return self._replace(new, was)
        answer = self.table.update(self._key(new), expression)
        if not answer.written:
            return self._examine(new, was, answer.item)
        # An attribute that neither item has: somebody added it, and it stays.
        return Settled(APPLIED) if same(answer.item, new) else Settled(CONFLICT, answer.item)

    def _examine(self, new: Item, was: Item | None, found: Item | None) -> Settled:
        """Say what a put that was refused met."""
        if same(found, new):
            return Settled(ALREADY)
        if found is not None or was is None or not self._has_expired(was):
            return Settled(CONFLICT, found)
        if self._has_expired(new):
            return Settled(EXPIRED)
        answer = self.table.put(new, absent(self.key))
        return Settled(APPLIED) if answer.written else self._examine(new, None, answer.item)

    def _replace(self, new: Item, was: Item) -> Settled:
        """Put an item of more attributes than an update may name."""
        found = self.table.get(self._key(new))
        if not same(found, was):
            return self._examine(new, was, found)
        first = [*differing(was, new), *only_in(was, new), *self.version]
        answer = self.table.put(new, unchanged(was, self.key, first, only_in(new, was)))
        if not answer.written:
            return self._examine(new, was, answer.item)
        if same(answer.item, was) or answer.item is None:
            return Settled(APPLIED)
        self.table.put_back(answer.item, unchanged(new, self.key))
        return Settled(CONFLICT, answer.item)

    def _delete(self, key: Item, was: Item) -> Settled:
        found = self.table.get(key)
        if found is None:
            return Settled(ALREADY)
        if not same(found, was):
            return Settled(CONFLICT, found)
        answer = self.table.delete(key, unchanged(was, self.key, self.version))
        if not answer.written:
            return Settled(ALREADY) if answer.item is None else Settled(CONFLICT, answer.item)
        if same(answer.item, was) or answer.item is None:
            return Settled(APPLIED)
        self.table.put_back(answer.item, absent(self.key))
        return Settled(CONFLICT, answer.item)

    def _key(self, item: Item) -> Item:
        return {name: item[name] for name in self.key}

    def _has_expired(self, item: Item) -> bool:
        """Return whether DynamoDB may have deleted an item by its time to live.

        It expires items whose attribute is a number of seconds since 1970 in the past, but none from more than five
        years ago: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-before-you-start.html
        """
        moment = item.get(self.ttl, {}).get("N") if self.ttl else None
        return moment is not None and 0 <= self.now() - float(moment) < _FIVE_YEARS_SECONDS
