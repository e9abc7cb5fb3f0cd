"""Settlement of one change: written if the stored item is the expected one, else counted by its outcome.

No write overwrites or deletes another writer's data. The condition of an update names each attribute that the update
writes, so it cannot overwrite a changed one; the other attributes stay. A deletion removes the whole item, and no
condition can express "and no other attribute". So the item is read right before, and put back if another was deleted.
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
    """The result of a conditional write, with an item.

    Written: the new item after an update, the old one after a put or a deletion. Refused: the stored item.
    """

    written: bool
    item: Item | None


class Table(Protocol):
    """The table operations that settling a change needs."""

    def get(self, key: Item) -> Item | None:
        """Return the stored item, or None."""

    def put(self, item: Item, expression: Expression) -> Answer:
        """Put an item on a condition."""

    def put_back(self, item: Item, expression: Expression) -> Answer:
        """Put back an item that a write removed, even if no time is left."""

    def update(self, key: Item, expression: Expression) -> Answer:
        """Update an item on a condition."""

    def delete(self, key: Item, expression: Expression) -> Answer:
        """Delete an item on a condition."""


@dataclass(frozen=True)
class Settled:
    """The outcome of a change, and the stored item of a conflict."""

    outcome: str
    stored: Item | None = None


@dataclass(frozen=True, kw_only=True)
class Settling:
    """Settles changes of one table."""

    table: Table
    key: tuple[str, ...]
    ttl: str  # the attribute of the table's time to live; empty where it has none
    version: tuple[str, ...]
    now: Callable[[], float]

    def settle(self, change: Change) -> Settled:
        """Write a change, or return why it is not written."""
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
        # The stored item may have an attribute that neither item has: somebody added it, and it stays.
        return Settled(APPLIED) if same(answer.item, new) else Settled(CONFLICT, answer.item)

    def _examine(self, new: Item, was: Item | None, stored: Item | None) -> Settled:
        """Return the outcome of a refused put."""
        if same(stored, new):
            return Settled(ALREADY)
        if stored is not None or was is None or not self._has_expired(was):
            return Settled(CONFLICT, stored)
        if self._has_expired(new):
            return Settled(EXPIRED)
        answer = self.table.put(new, absent(self.key))
        return Settled(APPLIED) if answer.written else self._examine(new, None, answer.item)

    def _replace(self, new: Item, was: Item) -> Settled:
        """Put an item that has more attributes than an update may name."""
        stored = self.table.get(self._key(new))
        if not same(stored, was):
            return self._examine(new, was, stored)
        first = [*differing(was, new), *only_in(was, new), *self.version]
        answer = self.table.put(new, unchanged(was, self.key, first, only_in(new, was)))
        if not answer.written:
            return self._examine(new, was, answer.item)
        if same(answer.item, was) or answer.item is None:
            return Settled(APPLIED)
        self.table.put_back(answer.item, unchanged(new, self.key))
        return Settled(CONFLICT, answer.item)

    def _delete(self, key: Item, was: Item) -> Settled:
        stored = self.table.get(key)
        if stored is None:
            return Settled(ALREADY)
        if not same(stored, was):
            return Settled(CONFLICT, stored)
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

        DynamoDB expires items whose attribute is a number of seconds since 1970 in the past, but not more than five
        years ago: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-before-you-start.html
        """
        moment = item.get(self.ttl, {}).get("N") if self.ttl else None
        return moment is not None and 0 <= self.now() - float(moment) < _FIVE_YEARS_SECONDS
