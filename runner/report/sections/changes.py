"""A catch-up or repair in the report: its base, its changes, the runs before it, and the state of the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.formatting import iso
from runner.report.collect.evidence import CHANGING
from runner.report.collect.writes import OUTCOMES
from runner.report.inputs.changes import TableCounts
from runner.report.model.changes import Base, Changes, ChangeTotals, EarlierRun, TableChanges
from runner.report.model.state import Live, Proven, State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runner.report.collect.evidence import Evidence
    from runner.report.inputs.marks import ProvenMark

CLASSES = ("inserted", "updated", "deleted", "unchanged")


def build(evidence: Evidence) -> Changes | None:
    """Return the changes of a catch-up or repair, or None for a bootstrap."""
    if evidence.kind not in CHANGING:
        return None
    writes = _writes(evidence)
    counted = evidence.changes.tables if evidence.changes else {}
    names = dict.fromkeys([*evidence.table_names, *counted, *writes])
    tables = tuple(_table(name, counted.get(name) or TableCounts(), writes.get(name)) for name in names)
    return Changes(
        base=_base(evidence),
        attempt=evidence.changes.attempt if evidence.changes else None,
        tables=tables,
        totals=ChangeTotals(**{name: _total(table.of(name) for table in tables) for name in ChangeTotals.model_fields}),
        conflicts=f"s3://{evidence.bucket}/conflicts/{evidence.domain}/{evidence.run}/"
        if any(table.conflicts for table in tables)
        else None,
    )


def state(evidence: Evidence) -> State:
    """Return what the domain's tables of the run's mode represent now, and whether they are live."""
    live = evidence.live
    return State(
        proven=None if evidence.proven is None else _proven(evidence.proven, evidence.run),
        live=None
        if live is None
        else Live(instant=iso(live.instant), run=live.run, by=live.by, confirmed=live.confirmed, verdict=live.verdict),
    )


def _proven(mark: ProvenMark, run: str) -> Proven:
    instants = sorted(mark.instants.values())
    return Proven(
        run=mark.run,
        kind=mark.kind,
        proven_at=iso(mark.proven_at),
        is_this_run=mark.run == run,
        first=iso(instants[0]) if instants else None,
        last=iso(instants[-1]) if instants else None,
        changing=mark.changing or None,
    )


def earlier(evidence: Evidence) -> tuple[EarlierRun, ...]:
    """Return the catch-ups and repairs of the domain's tables before this run, the newest first."""
    return tuple(
        EarlierRun(
            run=run.run,
            kind=run.kind,
            status=run.status,
            error=run.error or None,
            started_at=iso(run.started),
            ended_at=iso(run.stopped),
            inserted=_total(table.inserted for table in run.tables.values()),
            updated=_total(table.updated for table in run.tables.values()),
            deleted=_total(table.deleted for table in run.tables.values()),
            unchanged=_total(table.unchanged for table in run.tables.values()),
        )
        for run in evidence.earlier
    )


def _base(evidence: Evidence) -> Base | None:
    """Return the base of the changes: a proven run's items, or the tables' export at that time."""
    base = evidence.changes_manifest.base if evidence.changes_manifest else None
    if base is None:
        return None
    clones = evidence.base_verdict.clones if evidence.base_verdict else {}
    instants = sorted(at for at in clones.values() if at)
    return Base(
        run=base.run,
        kind="items" if base.run else "export",
        first=iso(instants[0]) if instants else None,
        last=iso(instants[-1]) if instants else None,
    )


def _writes(evidence: Evidence) -> dict[str, dict[str, int]]:
    """Return the writes of the newest attempt that wrote; those of an earlier one are `already` in it."""
    return next((attempt.writes for attempt in reversed(evidence.attempts) if attempt.writes), {})


def _table(name: str, counted: TableCounts, writes: dict[str, int] | None) -> TableChanges:
    outcomes: dict[str, int | None] = dict.fromkeys(OUTCOMES) if writes is None else {**writes}
    return TableChanges(
        table=name,
        base=counted.base,
        items=counted.items,
        inserted=counted.inserted,
        updated=counted.updated,
        deleted=counted.deleted,
        unchanged=counted.unchanged,
        changes=_total([counted.inserted, counted.updated, counted.deleted]),
        applied=outcomes["applied"],
        already=outcomes["already"],
        expired=outcomes["expired"],
        conflicts=outcomes["conflicts"],
    )


def _total(counts: Iterable[int | None]) -> int | None:
    """Return the sum of the counts that are known, or None if none is."""
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
