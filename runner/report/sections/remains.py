"""The clones, locks and tables in the report that exist when it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.formatting import iso
from runner.report.model.remains import Lock, RemainingClone, Remains

if TYPE_CHECKING:
    import datetime as dt

    from runner.account.clones import Clone
    from runner.report.collect.evidence import Evidence


def build(evidence: Evidence) -> Remains:
    """Return the clones of the stack, the locks of its domains and the tables of the run's domain."""
    costs = [clone.usd_per_hour for clone in evidence.clones]
    return Remains(
        clones=tuple(_clone(clone, evidence.looked_at) for clone in evidence.clones),
        clones_usd_per_hour=None if None in costs else round(sum(cost or 0 for cost in costs), 4),
        held_by=tuple(
            Lock(domain=lock.domain, run=lock.run, state=lock.state, since=iso(lock.since)) for lock in evidence.locks
        ),
        tables=evidence.tables,
    )


def _clone(clone: Clone, now: dt.datetime) -> RemainingClone:
    return RemainingClone(
        name=clone.name,
        source=clone.source,
        run=clone.run or None,
        domain=clone.domain or None,
        mode=clone.mode or None,
        age_seconds=_age(clone, now),
        status=clone.status,
        created_at=iso(clone.created),
        instance_classes=clone.classes,
        usd_per_hour=clone.usd_per_hour,
    )


def _age(clone: Clone, now: dt.datetime) -> float | None:
    return None if clone.created is None else max(0.0, round((now - clone.created).total_seconds(), 1))
