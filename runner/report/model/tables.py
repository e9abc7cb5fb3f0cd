"""A table: its counts, differences, import and export."""

from __future__ import annotations

from pydantic import Field

from runner.report.model.base import Count, Moment, Section, Verdict
from runner.report.model.counts import Check, Counts, Limits
from runner.report.model.differences import Column, Differences


class Import(Section):
    """An import into a new table."""

    arn: str
    """The ARN."""
    link: str
    """The page in the console."""
    status: str | None
    """The state."""
    started_at: Moment | None
    """The start."""
    ended_at: Moment | None
    """The end."""
    processed_bytes: Count | None
    """Uncompressed bytes that were read, which AWS bills."""
    errors: Count | None
    """Lines that were not imported."""


class Export(Section):
    """An export of a table."""

    arn: str
    """The ARN."""
    link: str
    """The page in the console."""
    status: str | None
    """The state."""
    started_at: Moment | None
    """The start."""
    ended_at: Moment | None
    """The end."""
    export_time: Moment | None
    """The instant of the table that the export holds."""
    billed_bytes: Count | None
    """Bytes that AWS bills."""
    manifest: str
    """The manifest in S3."""


class Part(Section):
    """A part of a table of several selects."""

    name: str
    """The name in the catalog."""
    verdict: Verdict
    """The result of the comparison of this part."""
    limits: Limits
    """The number of rows that the catalog accepts."""
    counts: Counts
    """Every count."""
    checks: tuple[Check, ...]
    """The equations between the counts that are known."""
    differing: Count | None
    """The number of keys that differ; null if nothing was compared."""


class ClusterCounts(Section):
    """The counts of a table in one cluster."""

    cluster: str
    """The cluster."""
    rows_read: Count | None
    """Rows read; null for a grouped table."""
    items: Count
    """Items."""
    rejected: Count
    """Rejected rows."""
    superseded: Count
    """Superseded rows."""
    filtered: int | None
    """Rows that the select leaves out; null for a grouped table."""
    unmatched: Count
    """Rows without their reference row."""


class Table(Section):
    """One table of the domain."""

    name: str
    """The name in the catalog."""
    table_name: str | None
    """The name in DynamoDB."""
    table_arn: str | None
    """The ARN."""
    link: str | None
    """The page in the console."""
    stage: str | None
    """The last stage that it reached, in the words of the live view."""
    verdict: Verdict
    """The result of the comparison of this table."""
    traced: bool | None
    """
    Whether each driving row was followed through the select, so that filtered rows are counted and not derived; null
    in reports of older runs.
    """
    limits: Limits
    """The number of rows that the catalog accepts."""
    counts: Counts
    """Every count."""
    checks: tuple[Check, ...]
    """The equations between the counts that are known."""
    columns: tuple[Column, ...]
    """The columns with changes, and those that the catalog lets differ."""
    differences: Differences
    """The differences."""
    dynamodb_import: Import | None = Field(serialization_alias="import")
    """The import that created the table; null for a table that was created empty, or not at all."""
    dynamodb_export: Export | None = Field(serialization_alias="export")
    """The export that was compared."""
    clusters: tuple[ClusterCounts, ...]
    """The counts by cluster."""
    reject_samples: tuple[str, ...]
    """A few reasons for rejected rows, with their number and cluster."""
    duplicate_samples: tuple[str, ...]
    """A few keys that several rows share, with their clusters."""
    parts: tuple[Part, ...]
    """The parts of the table, each with its own counts; empty for a table of one select."""
