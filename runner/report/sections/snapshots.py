"""The instant of each clone, which is the state of its cluster that the run migrates, and the clone's age."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from runner.formatting import iso
from runner.report.model.snapshots import Creator, Snapshot, Snapshots

if TYPE_CHECKING:
    from runner.report.collect.evidence import Evidence


def build(evidence: Evidence) -> Snapshots:
    """Return the instant of each clone, oldest first, and its age when the run started."""
    identity = evidence.verdict or evidence.manifest
    seen = {cluster: at for attempt in evidence.attempts for cluster, at in attempt.snapshots.items()}
    times = (identity.clones if identity else None) or seen
    taken = {cluster: dt.datetime.fromisoformat(at) for cluster, at in times.items() if at}
    positions = evidence.manifest.positions if evidence.manifest else {}
    instants = sorted(taken.items(), key=lambda entry: entry[1])
    first, last = (instants[0][1], instants[-1][1]) if instants else (None, None)
    began = evidence.attempts[0].started if evidence.attempts else None
    return Snapshots(
        first=iso(first),
        last=iso(last),
        spread_seconds=round((last - first).total_seconds(), 3) if first and last else None,
        reused=None if began is None else sum(at < began for _, at in instants),
        clones=tuple(
            Snapshot(
                cluster=cluster,
                created_at=iso(at),
                after_first_seconds=round((at - first).total_seconds(), 3),
                age_seconds=_age(at, began),
                made_by=_creator(evidence, cluster, at),
                position=positions[cluster].position if cluster in positions else None,
            )
            for cluster, at in instants
            if first
        ),
    )


def _age(at: dt.datetime, began: dt.datetime | None) -> float | None:
    """Return the clone's age when the run began: 0 for a clone that the run itself created."""
    return None if began is None else max(0.0, round((began - at).total_seconds(), 3))


def _creator(evidence: Evidence, cluster: str, at: dt.datetime) -> Creator | None:
    """Return the run that created the clone, by its tags; None if the clone is gone or another one exists now."""
    for clone in evidence.clones:
        if clone.source == cluster and clone.created is not None and iso(clone.created) == iso(at):
            return Creator(run=clone.run or None, domain=clone.domain or None, mode=clone.mode or None)
    return None
