"""The plan of a catch-up, as data."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - a dataclass's field
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runner.plan.model import Finding

VERSION = 1


@dataclass(frozen=True)
class BaseTable:
    """A table of the base, and its expected changes."""

    table: str
    name: str
    items: int
    changes: int
    source: str  # of the changes


@dataclass(frozen=True)
class Base:
    """The last proven state of the tables."""

    run: str
    kind: str
    proven_at: dt.datetime
    instants: dict[str, dt.datetime]  # cluster -> creation time of its clone
    tables: tuple[BaseTable, ...]


@dataclass(frozen=True)
class StopPhase:
    """A phase of the write stop; with --verify-after the cut-over does not wait for a phase that `proves`."""

    name: str
    seconds: float | None
    source: str
    proves: bool = False


@dataclass(frozen=True)
class CatchUpPlan:
    """The plan of a catch-up."""

    environment: str
    account: str
    region: str
    domain: str
    mode: str
    run: str | None
    moment: dt.datetime
    base: Base | None = None
    all_findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    phases: tuple[StopPhase, ...] = ()
    settle_seconds: float = 0.0  # around the instant of the exports, if the cut-over does not wait for them

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return the findings that would make the catch-up fail."""
        return tuple(finding for finding in self.all_findings if finding.level == "fails")

    @property
    def would_go(self) -> bool:
        """Return whether no finding would make the catch-up fail."""
        return not self.findings

    @property
    def stop_seconds(self) -> float | None:
        """Return the write stop if the cut-over waits for the verdict, or None if a phase is unknown."""
        return _sum(self.phases)

    @property
    def stop_seconds_verify_after(self) -> float | None:
        """Return the write stop if export and comparison follow the cut-over, or None if a phase is unknown."""
        seconds = _sum(phase for phase in self.phases if not phase.proves)
        return None if seconds is None else seconds + self.settle_seconds

    def document(self) -> dict[str, Any]:
        """Return the plan's JSON document; docs/plan.md describes it."""
        return {
            "version": VERSION,
            "kind": "catch-up",
            "wouldGo": self.would_go,
            "environment": self.environment,
            "account": self.account,
            "region": self.region,
            "domain": self.domain,
            "mode": self.mode,
            "run": self.run,
            "moment": self.moment.isoformat(timespec="seconds"),
            "base": _base(self.base) if self.base else None,
            "phases": [
                {"name": phase.name, "seconds": phase.seconds, "source": phase.source, "proves": phase.proves}
                for phase in self.phases
            ],
            "settleSeconds": self.settle_seconds,
            "stopSeconds": self.stop_seconds,
            "stopSecondsVerifyAfter": self.stop_seconds_verify_after,
            "findings": [
                {"level": finding.level, "about": finding.about, "what": finding.what, "todo": finding.todo}
                for finding in self.all_findings
            ],
            "notes": list(self.notes),
        }


def _base(base: Base) -> dict[str, Any]:
    return {
        "run": base.run,
        "kind": base.kind,
        "provenAt": base.proven_at.isoformat(timespec="seconds"),
        "instants": {cluster: instant.isoformat() for cluster, instant in base.instants.items()},
        "tables": [
            {
                "table": table.table,
                "name": table.name,
                "items": table.items,
                "changes": table.changes,
                "source": table.source,
            }
            for table in base.tables
        ],
    }


def _sum(phases: Iterable[StopPhase]) -> float | None:
    seconds = [phase.seconds for phase in phases]
    known = [value for value in seconds if value is not None]
    return sum(known) if known and len(known) == len(seconds) else None
