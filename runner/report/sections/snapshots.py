"""When each clone was made: the moment of its cluster that the run migrated, and how old it was by then."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from runner.formatting import iso

if TYPE_CHECKING:
    from runner.report.collect.evidence import Evidence

Document = dict[str, Any]


def build(evidence: Evidence) -> Document:
    """Return each clone's moment, oldest first, and how long before the run it lies."""
    documents: Document = (evidence.verdict or evidence.manifest or {}).get("clones", {})
    seen = {cluster: at for attempt in evidence.attempts for cluster, at in attempt.snapshots.items()}
    taken = {cluster: dt.datetime.fromisoformat(at) for cluster, at in (documents or seen).items() if at}
    moments = sorted(taken.items(), key=lambda entry: entry[1])
    first, last = (moments[0][1], moments[-1][1]) if moments else (None, None)
    began = evidence.attempts[0].started if evidence.attempts else None
    return {
        "first": iso(first),
        "last": iso(last),
        "spreadSeconds": round((last - first).total_seconds(), 3) if first and last else None,
        "reused": None if began is None else sum(at < began for _, at in moments),
        "clones": [
            {
                "cluster": cluster,
                "createdAt": iso(at),
                "afterFirstSeconds": round((at - first).total_seconds(), 3),
                "ageSeconds": _age(at, began),
                "madeBy": _maker(evidence, cluster, at),
                "position": (evidence.manifest or {}).get("positions", {}).get(cluster, {}).get("position"),
            }
            for cluster, at in moments
            if first
        ],
    }


def _age(at: dt.datetime, began: dt.datetime | None) -> float | None:
    """Return the clone's age when the run began: 0 for a clone that the run itself made."""
    return None if began is None else max(0.0, round((began - at).total_seconds(), 3))


def _maker(evidence: Evidence, cluster: str, at: dt.datetime) -> Document | None:
    """Return the run that made the clone, by its tags; None where the clone is gone or another one now."""
    for clone in evidence.clones:
        if clone.source == cluster and clone.created is not None and iso(clone.created) == iso(at):
            names = {"run": clone.run, "domain": clone.domain, "mode": clone.mode}
            return {name: value or None for name, value in names.items()}
    return None
