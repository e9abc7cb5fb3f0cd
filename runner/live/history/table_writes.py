"""Writes of a catch-up or repair to each table: differences by class, and the changes written so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.account.json_texts import json_object
from runner.live.history.changes import WRITES, Change

if TYPE_CHECKING:
    import datetime as dt

# The classes of items between the base and the clones, in column order.
CLASSES = ("inserted", "updated", "deleted", "unchanged")
_KINDS = {"WritePuts": "puts", "WriteDeletes": "deletes"}
_OUTCOMES = ("applied", "already", "expired", "conflicts")


@dataclass(frozen=True)
class Writes:
    """The items of one table by class, and the changes that the table writer has completed.

    `written` counts changes in DynamoDB, from this attempt or an earlier one.
    """

    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    unchanged: int = 0
    written: int = 0
    expired: int = 0
    conflicts: int = 0

    @property
    def changed(self) -> int:
        """Return the number of differing items."""
        return self.inserted + self.updated + self.deleted

    def words(self) -> str:
        """Return the changes in words: 12 of 40 changes written, 2 expired, 1 conflict."""
        parts = [f"{self.written:,} of {self.changed:,} changes written"]
        parts += [f"{self.expired:,} expired"] if self.expired else []
        conflicts = "1 conflict" if self.conflicts == 1 else f"{self.conflicts:,} conflicts"
        return ", ".join([*parts, *([conflicts] if self.conflicts else [])])

    def facts(self) -> dict[str, int]:
        """Return the counts by name."""
        names = (*CLASSES, "written", "expired", "conflicts")
        return {name: getattr(self, name) for name in names}


@dataclass
class TableWrites:
    """The writes of all tables of an execution."""

    _classes: dict[str, dict[str, int]] = field(default_factory=dict)
    _lanes: dict[int | str, tuple[str, dict[str, int]]] = field(default_factory=dict)  # by the Map item of the lane

    def by_table(self) -> dict[str, Writes]:
        """Return the known writes by table; empty until Delta has ended."""
        return {table: self._of(table) for table in self._classes}

    def apply(self, left: dict[str, Any], moment: dt.datetime) -> list[Change]:
        """Process Delta's counts when the execution reads them."""
        text = (left.get("assignedVariables") or {}).get("changes")
        changes = []
        for table, counts in json_object(text).get("tables", {}).items():
            self._classes[table] = {name: int(counts.get(name, 0)) for name in CLASSES}
            listed = ", ".join(f"{counts.get(name, 0):,} {name}" for name in CLASSES)
            changes.append(self._change(table, f"{table}: {listed}", moment))
        return changes

    def apply_item(self, item: int | str, table: str | None, left: dict[str, Any], moment: dt.datetime) -> list[Change]:
        """Process the changes that a lane of the table writer has completed."""
        text = (left.get("assignedVariables") or {}).get("written")
        if table is None or left["name"] not in _KINDS or text is None:
            return []
        settled = json_object(text)
        self._lanes[item] = (table, {name: int(settled.get(name, 0)) for name in _OUTCOMES})
        return [self._change(table, f"{table}: {self._of(table).words()}", moment)]

    def _of(self, table: str) -> Writes:
        settled = [counts for of, counts in self._lanes.values() if of == table]
        sums = {name: sum(counts[name] for counts in settled) for name in _OUTCOMES}
        return Writes(
            **self._classes.get(table, {}),
            written=sums["applied"] + sums["already"],
            expired=sums["expired"],
            conflicts=sums["conflicts"],
        )

    def _change(self, table: str, text: str, moment: dt.datetime) -> Change:
        return Change(moment, WRITES, text, {"table": table, **self._of(table).facts()})
