"""The instants at which the clusters were cloned."""

from __future__ import annotations

from runner.report.model.base import Amount, Count, Moment, Section


class Creator(Section):
    """The run that created a clone, by the clone's tags."""

    run: str | None
    """The run."""
    domain: str | None
    """The domain of the run."""
    mode: str | None
    """The mode of the run."""


class Snapshot(Section):
    """The instant of one clone."""

    cluster: str
    """The source cluster."""
    created_at: Moment
    """When its clone was created."""
    after_first_seconds: Amount
    """Seconds after the earliest clone."""
    age_seconds: Amount | None
    """
    The age when the run's first attempt started; 0 for a clone that the run created itself, null if no execution is
    known.
    """
    made_by: Creator | None
    """The run that created the clone, by its tags; null if the clone is gone."""
    position: str | None
    """The position in the cluster's log where the changes after the clone begin (docs/change-capture.md), if known."""


class Snapshots(Section):
    """The instants of all clones."""

    first: Moment | None
    """The earliest instant."""
    last: Moment | None
    """The latest instant."""
    spread_seconds: Amount | None
    """Seconds between the two."""
    reused: Count | None
    """The number of clones that were created before the run's first attempt started; null if no execution is known."""
    clones: tuple[Snapshot, ...]
    """By cluster, oldest first."""
