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
    "writers-found": catch_ups.writers_found,
    "repair": catch_ups.repair,
    "parted": parted.parted,
}


def many(found: RawEvidence, tables: int = 40) -> RawEvidence:
    """Return the evidence with more tables of the same kind: each has its name, and counts of its own size."""
    names = tuple(f"{'Rate' if n % 3 else 'AvailabilityByRatePlan'}{n:02}" for n in range(1, tables + 1))

    def each(tables_of: dict[str, Any] | None) -> dict[str, Any]:
        one = (tables_of or {}).get("BaseRate")
        return {} if one is None else dict.fromkeys(names, one)

    def document(one: dict[str, Any] | None) -> dict[str, Any] | None:
        return None if one is None else {**one, "tables": each(one.get("tables"))}

    attempts = tuple(
        replace(
            attempt,
            migrated={
                name: table.model_copy(update={"name": name, "table_name": f"{name}-rehearsal"})
                for name, table in each(attempt.migrated).items()
            },
            writes=each(attempt.writes),
        )
        for attempt in found.attempts
    )
    return replace(
        found,
        table_names=names,
        limits=each(found.limits),
        attempts=attempts,
        manifest=document(found.manifest),
        verdict=document(found.verdict),
        comparison=document(found.comparison),
        changes=document(found.changes),
        tables=tuple(found.tables[0].model_copy(update={"name": f"{name}-rehearsal"}) for name in names)
        if found.tables
        else (),
    )
