"""Bootstrap's manifest: what it read and wrote. Every field that an older release lacks has a default."""

from __future__ import annotations

from runner.report.inputs.base import Input, Mode


class Identity(Input):
    """The origin of a job's document: its attempt, its release, its catalog and its clones."""

    attempt: str | None = None
    mode: Mode | None = None
    release: str | None = None
    commit: str | None = None
    jar: str | None = None
    spec_hash: str | None = None
    clones: dict[str, str | None] = {}  # cluster -> ISO time of its clone


class ClusterFigures(Input):
    """The rows of a table in one cluster; a grouped table knows the rows read and filtered over all clusters only."""

    item: int
    duplicate: int
    rejected: int
    superseded: int
    unmatched: int
    rows_read: int | None = None
    filtered: int | None = None


class WrittenTable(Input):
    """The rows and items of a table or of a part."""

    rows_read: int | None = None
    items: int | None = None
    rejected: int | None = None
    superseded: int | None = None
    filtered: int | None = None
    unmatched: int | None = None
    duplicate_keys: int | None = None
    expirable: int | None = None
    superseded_keys: int | None = None
    keys_without_item: int | None = None
    traced: bool | None = None
    clusters: dict[str, ClusterFigures] = {}
    reject_samples: tuple[str, ...] = ()
    duplicate_samples: tuple[str, ...] = ()
    parts: dict[str, WrittenTable] = {}


class Unread(Input):
    """The columns of an extract's source that it does not read."""

    left_out: tuple[str, ...] = ()
    new: tuple[str, ...] = ()


class Condition(Input):
    """The condition of an extract, with the rows on both sides of it by cluster."""

    condition: str | None = None
    clusters: dict[str, Sides] = {}


class Sides(Input):
    """Rows that meet a condition, and rows that do not."""

    inside: int | None = None
    outside: int | None = None


class Source(Input):
    """The kind of a source, and the database's own estimate of its rows."""

    kind: str | None = None
    estimate: int | None = None


class Position(Input):
    """A position in a cluster's log."""

    position: str | None = None


class Manifest(Identity):
    """processed/<domain>/<run>/manifest.json."""

    phases: dict[str, int | float] = {}
    tables: dict[str, WrittenTable] = {}
    positions: dict[str, Position] = {}
    # By extract, which is <table>-<name>, and then by cluster; the first figure is the number of rows.
    audit: dict[str, dict[str, tuple[int, ...]]] = {}
    sources: dict[str, dict[str, Source]] = {}
    where: dict[str, Condition | None] = {}
    unread: dict[str, Unread | None] = {}
