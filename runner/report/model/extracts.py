"""The reads of the sources, and the witness sample of them."""

from __future__ import annotations

from typing import Literal

from runner.report.model.base import Count, Section, Value


class WitnessSample(Section):
    """A value that the witness disputes."""

    table: str | None
    """The table."""
    extract: str | None
    """The extract."""
    cluster: str | None
    """The cluster."""
    column: str | None
    """The column; null for the whole row."""
    key: str
    """The row's key in the source."""
    clone: Value
    """The value in the clone."""
    against: Literal["landed", "exported"]
    """The side that the clone's value was compared with."""
    value: Value
    """The value on that side."""


class Witness(Section):
    """The totals of the witness, and the values that it disputes."""

    sampled: Count | None
    """Rows that were sampled."""
    landed: Count | None
    """Sampled rows that were compared with what Bootstrap landed."""
    exported: Count | None
    """Sampled rows that were compared with what DynamoDB exported."""
    differences: Count | None
    """Rows that differ; more than 0 makes the verdict MISMATCH."""
    samples: tuple[WitnessSample, ...]
    """Values that differ."""


class ClusterWitness(Section):
    """The witness sample of an extract in one cluster."""

    rows: Count | None
    """Rows to sample from."""
    sampled: Count | None
    """Rows that were sampled at random."""
    landed: Count | None
    """Sampled rows that were compared with what Bootstrap landed."""
    exported: Count | None
    """Sampled rows that were compared with what DynamoDB exported."""
    differences: Count | None
    """Rows that differ."""


class ExtractCluster(Section):
    """An extract in one cluster."""

    cluster: str
    """The source cluster."""
    rows: Count | None
    """Rows read, as the clone's own database counts them."""
    kind: str | None
    """The kind of the source: table, partitioned table, view or materialized view; null if the run did not look."""
    estimate: Count | None
    """The database's own estimate of all its rows."""
    estimate_differs: bool | None
    """Whether estimate and count are more than twice apart, and by more than 100 rows; null if one is not known."""
    inside: Count | None
    """Rows that meet the condition."""
    outside: Count | None
    """Rows that do not meet the condition, and were not read."""
    witness: ClusterWitness | None
    """The witness sample of the cluster."""


class Extract(Section):
    """An extract: the rows that it read, and the columns that it left unread."""

    table: str
    """The table of the extract."""
    extract: str
    """The name in the catalog."""
    condition: str | None
    """The extract's `where`; null without one, or in reports of older runs."""
    left_out: tuple[str, ...] | None
    """Columns of the source that the catalog leaves out on purpose; null if the run did not look."""
    new_columns: tuple[str, ...] | None
    """Columns of the source that the catalog neither reads nor leaves out; an official run with one fails."""
    clusters: tuple[ExtractCluster, ...]
    """By cluster."""
