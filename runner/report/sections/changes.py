"""A catch-up or repair in the report: the state that it began from, what it changed, and what came before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.formatting import iso
from runner.report.collect.evidence import CHANGING
from runner.report.collect.writes import OUTCOMES

if TYPE_CHECKING:
    from runner.report.collect.evidence import Evidence

WRITTEN = ("inserted", "updated", "deleted")
CLASSES = (*WRITTEN, "unchanged")
_COUNTS = ("base", "items", *CLASSES, *OUTCOMES)
Document = dict[str, Any]


def build(evidence: Evidence) -> Document | None:
    """Return what the run changed in tables that existed, or None for a bootstrap."""
    if evidence.kind not in CHANGING:
        return None
    summary = evidence.changes or {}
    written = _written(evidence)
    counted: Document = summary.get("tables") or {}
    names = dict.fromkeys([*evidence.table_names, *counted, *written])
    tables = [_table(name, counted.get(name) or {}, written.get(name)) for name in names]
    return {
        "base": _base(evidence),
        "attempt": summary.get("attempt"),
        "tables": tables,
        "totals": {name: _total(table[name] for table in tables) for name in (*_COUNTS, "changes")},
        "conflicts": f"s3://{evidence.bucket}/conflicts/{evidence.domain}/{evidence.run}/"
        if any(table["conflicts"] for table in tables)
        else None,
    }


def state(evidence: Evidence) -> Document:
    """Return what the domain's tables of the run's mode represent now, and whether they are live."""
    proven, live = evidence.proven, evidence.live
    instants = sorted((proven or {}).get("instants", {}).values())
    return {
        "proven": proven
        and {
            "run": proven["run"],
            "kind": proven["kind"],
            "provenAt": iso(proven["provenAt"]),
            "isThisRun": proven["run"] == evidence.run,
            "first": iso(instants[0]) if instants else None,
            "last": iso(instants[-1]) if instants else None,
            "changing": proven.get("changing") or None,
        },
        "live": live
        and {
            "instant": iso(live["instant"]),
            "run": live["run"],
            "by": live["by"],
            "confirmed": bool(live.get("confirmed", True)),
            "verdict": live.get("verdict") or "MATCH",
        },
    }


def earlier(evidence: Evidence) -> list[Document]:
    """Return the catch-ups and repairs of the domain's tables before this run, the newest first."""
    return [
        {
            "run": run.run,
            "kind": run.kind,
            "status": run.status,
            "error": run.error or None,
            "startedAt": iso(run.started),
            "endedAt": iso(run.stopped),
            **{name: _total((table or {}).get(name) for table in run.tables.values()) for name in CLASSES},
        }
        for run in evidence.earlier
    ]


def _base(evidence: Evidence) -> Document | None:
    """Return what the changes were counted from: a proven run's items, or the tables' export at that time."""
    base: Document | None = (evidence.changes_manifest or {}).get("base")
    if base is None:
        return None
    instants = sorted(((evidence.base_verdict or {}).get("clones") or {}).values())
    return {
        "run": base.get("run"),
        "kind": "items" if base.get("run") else "export",
        "first": iso(instants[0]) if instants else None,
        "last": iso(instants[-1]) if instants else None,
    }


def _written(evidence: Evidence) -> dict[str, dict[str, int]]:
    """Return what the newest attempt that wrote did with the changes; an earlier one's are `already` in it."""
    return next((attempt.writes for attempt in reversed(evidence.attempts) if attempt.writes), {})


def _table(name: str, counted: Document, written: Document | None) -> Document:
    changes = [counted.get(kind) for kind in WRITTEN]
    return {
        "table": name,
        **{count: counted.get(count) for count in ("base", "items", *CLASSES)},
        "changes": _total(changes),
        **{outcome: None if written is None else written[outcome] for outcome in OUTCOMES},
    }


def _total(counts: Any) -> int | None:  # noqa: ANN401 - any iterable of counts
    """Return the sum of the counts that are known, or None if none is."""
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
