"""Every kind of run that a report can be of, by name, and the same with many tables."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.unit.runner.report import catch_ups, parted, samples

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.runner.report.raw import RawEvidence


ALL: dict[str, Callable[[], RawEvidence]] = {
    **samples.ALL,
    "catch-up": catch_ups.catch_up,
    "live": catch_ups.live,
    "applying": catch_ups.applying,
    "writers-found": catch_ups.with_writers,
    "repair": catch_ups.repair,
    "parted": parted.parted,
}


def many(evidence: RawEvidence, tables: int = 40) -> RawEvidence:
    """Return the evidence with more tables of the same kind: each has its name, and counts of its own size."""
    names = tuple(f"{'Rate' if n % 3 else 'AvailabilityByRatePlan'}{n:02}" for n in range(1, tables + 1))

    def each(tables_of: dict[str, Any] | None) -> dict[str, Any]:
        table = (tables_of or {}).get("BaseRate")
        return {} if table is None else dict.fromkeys(names, table)

    def document(content: dict[str, Any] | None) -> dict[str, Any] | None:
        return None if content is None else {**content, "tables": each(content.get("tables"))}

    attempts = tuple(
        replace(
            attempt,
            migrated={
                name: table.model_copy(update={"name": name, "table_name": f"{name}-rehearsal"})
                for name, table in each(attempt.migrated).items()
            },
            writes=each(attempt.writes),
        )
        for attempt in evidence.attempts
    )
    return replace(
        evidence,
        table_names=names,
        limits=each(evidence.limits),
        attempts=attempts,
        manifest=document(evidence.manifest),
        verdict=document(evidence.verdict),
        comparison=document(evidence.comparison),
        changes=document(evidence.changes),
        tables=tuple(evidence.tables[0].model_copy(update={"name": f"{name}-rehearsal"}) for name in names)
        if evidence.tables
        else (),
    )
