"""A catch-up or repair: its base, its changes, and the runs before it."""

from __future__ import annotations

from typing import Literal

from runner.report.inputs.base import Kind
from runner.report.model.base import Moment, Section


class EarlierRun(Section):
    """A catch-up or repair of the same tables before this run."""

    run: str
    """The run id."""
    kind: Kind
    """The kind of the run."""
    status: str
    """The state of the newest execution."""
    error: str | None
    """The name of the failure."""
    started_at: Moment | None
    """The start of that execution."""
    ended_at: Moment | None
    """The end of that execution."""
    inserted: int | None
    """Items that were new."""
    updated: int | None
    """Items with other values."""
    deleted: int | None
    """Items that were gone."""
    unchanged: int | None
    """All other items."""


class _TableName(Section):
    table: str
    """The name of the table in the catalog."""


class _Items(Section):
    def of(self, name: str) -> int | None:
        """Return a count by its name."""
        count: int | None = getattr(self, name)
        return count

    base: int | None
    """Items that the table held when it was proven; for a repair, when it was exported."""
    items: int | None
    """Items that the table is to hold."""
    inserted: int | None
    """Items that are new."""
    updated: int | None
    """Items with other values."""
    deleted: int | None
    """Items that are gone."""
    unchanged: int | None
    """Items that need no write."""


class _Changes(Section):
    changes: int | None
    """inserted + updated + deleted."""


class _Writes(Section):
    applied: int | None
    """Changes that the table writer wrote in the newest attempt."""
    already: int | None
    """Changes that an earlier attempt had written, or a call whose answer was lost."""
    expired: int | None
    """Changes that needed no write, since the item's time to live had passed."""
    conflicts: int | None
    """Items that another writer had changed. No run overwrites them."""


# A base class that comes later in the list has its fields earlier in the document.
class TableChanges(_Writes, _Changes, _Items, _TableName):
    """The changes of one table; a count is null until it is known."""


class ChangeTotals(_Changes, _Writes, _Items):
    """The changes of all tables."""


class Base(Section):
    """The state from which the run counts its changes."""

    run: str | None
    """The run that proved the tables; null for a repair, which begins from an export of the tables."""
    kind: Literal["items", "export"]
    """Whether the base is a proven run's items or an export of the tables."""
    first: Moment | None
    """The time of that run's first clone."""
    last: Moment | None
    """The time of that run's last clone."""


class Changes(Section):
    """The changes of a catch-up or repair."""

    base: Base | None
    """The state from which the run counts its changes; null until Delta reports it."""
    attempt: str | None
    """The attempt whose Delta job counted the changes."""
    tables: tuple[TableChanges, ...]
    """By table; a count is null until it is known."""
    totals: ChangeTotals
    """Over all tables."""
    conflicts: str | None
    """The prefix of the conflicts, each with the expected and the actual item; null if there is none."""
