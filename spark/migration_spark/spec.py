"""Spec document: the part of the catalog that a job needs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from migration_spark.errors import SpecError

VERSION = 3
# Bytes of a timestamp in audits, on both sides, whether its text has a fraction or not.
MOMENT_BYTES = 26


@dataclass(frozen=True)
class Column:
    """A source column and its catalog type; `source` is its name in the database if that is not `name`."""

    name: str
    type: str
    source: str = ""

    @property
    def database_name(self) -> str:
        """Return the column's name in the database."""
        return self.source or self.name


@dataclass(frozen=True)
class Cluster:
    """A source cluster, of which the jobs read the clone."""

    name: str
    group: str
    engine: str
    database: str
    user: str


@dataclass(frozen=True)
class Extract:
    """A named read of a source table from a group of clusters."""

    table: str
    name: str
    source: str
    clusters: tuple[Cluster, ...]
    columns: tuple[Column, ...]
    where: str | None
    connections: int
    broadcast: bool
    # Columns of the source that the catalog leaves out on purpose.
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class KeyAttribute:
    """A key attribute of a table or an index."""

    name: str
    type: str
    max_bytes: int
    prefix: str = ""  # the beginning of its value in every item of a part


@dataclass(frozen=True)
class Table:
    """A DynamoDB table with its sources, or a part of a table, whose name is `target.part`."""

    name: str
    extracts: tuple[Extract, ...]
    driving: str
    group_by: tuple[str, ...]
    select: str
    key: tuple[KeyAttribute, ...]
    index_keys: tuple[KeyAttribute, ...]
    attributes: dict[str, str]
    latest: str | None
    max_unmatched: int
    max_rejects: int
    allow_empty: bool
    ttl: str | None
    exclude: tuple[str, ...]
    tolerances: dict[str, str]
    max_delete_percent: float = 1
    max_change_percent: float = 25
    max_filtered: int = 0
    # The select that also returns each row's driving row and source key, or None if it cannot be traced.
    traced: str | None = None
    # Whether rows of different source keys may share an item key.
    accept_collisions: bool = False
    # Attributes that are an unchanged driving column, and that column.
    plain_attributes: dict[str, str] = field(default_factory=dict)
    # The part's name, if the DynamoDB table holds items of several selects.
    part: str = ""

    @property
    def target(self) -> str:
        """Return the DynamoDB table."""
        return self.name[: -len(self.part) - 1] if self.part else self.name

    @property
    def folder(self) -> str:
        """Return the folder of the table's objects below the folder of a run's tables."""
        return f"{self.target}/{self.part}" if self.part else self.name

    @property
    def driving_extract(self) -> Extract:
        """Return the extract whose rows become items."""
        return next(extract for extract in self.extracts if extract.name == self.driving)

    def key_facts(self) -> list[dict[str, str]]:
        """Return the key as in the manifest: names and types, the partition key first."""
        return [{"name": part.name, "type": part.type} for part in self.key]


@dataclass(frozen=True)
class Spec:
    """A domain's tables and clusters."""

    domain: str
    catalog_hash: str
    clusters: dict[str, Cluster]
    tables: tuple[Table, ...]


# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
_PARTITION_KEY_BYTES = 2048
_SORT_KEY_BYTES = 1024


def read_spec(document: dict[str, Any], uri: str) -> Spec:
    """Return the spec of a document; `uri` names it in errors.

    Raises:
        SpecError: The document has another version or lacks a field.
    """
    if document.get("version") != VERSION:
        raise SpecError(f"{uri} has version {document.get('version')}, this release reads {VERSION}: deploy both")
    try:
        clusters = {name: Cluster(name=name, **facts) for name, facts in document["clusters"].items()}
        tables = tuple(_table(table, clusters) for table in document["tables"])
        return Spec(document["domain"], document["catalogHash"], clusters, tables)
    except (KeyError, TypeError) as error:
        raise SpecError(f"{uri} is not a valid spec: {type(error).__name__} {error}; deploy the stack again") from error


def _table(table: dict[str, Any], clusters: dict[str, Cluster]) -> Table:
    duplicates = table["onDuplicateKey"]
    return Table(
        name=table["name"],
        extracts=tuple(_extract(table["name"], extract, clusters) for extract in table["extracts"]),
        driving=table["driving"]["extract"],
        group_by=tuple(table["driving"]["groupBy"]),
        select=table["select"],
        key=_key(table["key"], table.get("keyPrefix", {})),
        index_keys=tuple(attribute for index in table["indexes"] for attribute in _key(index, {})),
        attributes=table["attributes"],
        latest=None if duplicates == "fail" else duplicates["latest"],
        max_unmatched=table["maxUnmatched"],
        max_rejects=table["maxRejects"],
        allow_empty=table["allowEmpty"],
        ttl=table["ttl"],
        exclude=tuple(table["compare"]["exclude"]),
        tolerances=table["compare"]["tolerances"],
        max_delete_percent=table["catchUp"]["maxDeletePercent"],
        max_change_percent=table["catchUp"]["maxChangePercent"],
        max_filtered=table["maxFiltered"],
        traced=table["traced"],
        accept_collisions=table["acceptCollisions"],
        plain_attributes=table["plainAttributes"],
        part=table.get("part", ""),
    )


def _extract(table: str, extract: dict[str, Any], clusters: dict[str, Cluster]) -> Extract:
    return Extract(
        table=table,
        name=extract["name"],
        source=extract["source"],
        clusters=tuple(cluster for cluster in clusters.values() if cluster.group == extract["group"]),
        columns=tuple(Column(**column) for column in extract["columns"]),
        where=extract["where"],
        connections=extract["connections"],
        broadcast=extract["broadcast"],
        left_out=tuple(extract["leftOut"]),
    )


def _key(key: dict[str, Any], prefixes: dict[str, str]) -> tuple[KeyAttribute, ...]:
    limits = (("partition", _PARTITION_KEY_BYTES), ("sort", _SORT_KEY_BYTES))
    return tuple(
        KeyAttribute(key[role]["name"], key[role]["type"], limit, prefixes.get(key[role]["name"], ""))
        for role, limit in limits
        if key[role]
    )


def some_tables(spec: Spec, names: tuple[str, ...]) -> Spec:
    """Return the spec limited to these DynamoDB tables and the clusters that they read; no names keep all tables.

    Raises:
        SpecError: The domain has no table of a name.
    """
    unknown = sorted(set(names) - {table.target for table in spec.tables})
    if unknown:
        raise SpecError(f"--tables: {spec.domain} has no table {', '.join(unknown)}")
    if not names:
        return spec
    tables = tuple(table for table in spec.tables if table.target in names)
    read = {cluster.name for table in tables for extract in table.extracts for cluster in extract.clusters}
    clusters = {name: cluster for name, cluster in spec.clusters.items() if name in read}
    return replace(spec, tables=tables, clusters=clusters)
