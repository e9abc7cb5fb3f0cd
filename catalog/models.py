"""The catalog's models: clusters, and what one table becomes."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, field_validator, model_validator

from catalog.names import (
    AttributeName,
    ClusterName,
    ColumnType,
    DomainName,
    Entry,
    SourceName,
    SqlName,
    StreamName,
    TableName,
)

Engine = Literal["aurora-postgresql", "aurora-mysql"]
MAX_CONNECTIONS = 32  # per clone and extract: a clone's instance is small and serves two domains
MAX_INDEXES = 20  # DynamoDB's quota of global secondary indexes per table


class Cluster(Entry):
    """One Aurora cluster and how its clone is read."""

    identifier: ClusterName
    group: SqlName
    engine: Engine
    database: str
    user: str
    password_secret: str


class ClusterGroup(Entry):
    """Clusters that share engine, schema and reader."""

    engine: Engine
    database: str = Field(min_length=1)
    user: str = Field(min_length=1)
    password_secret: str = Field(min_length=1)
    clusters: tuple[ClusterName, ...] = Field(min_length=1)


class KeyAttribute(Entry):
    """A key attribute: DynamoDB needs its type when the table is created."""

    name: AttributeName
    type: Literal["S", "N", "B"]


class Key(Entry):
    """A table's or an index's key."""

    partition: KeyAttribute
    sort: KeyAttribute | None = None

    @property
    def attributes(self) -> tuple[KeyAttribute, ...]:
        """Return the key's attributes, partition first."""
        return (self.partition,) if self.sort is None else (self.partition, self.sort)


class Index(Key):
    """A global secondary index; it projects all attributes."""

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{3,255}$")]


class Extract(Entry):
    """A named read of one source table from one cluster group."""

    source: SourceName
    group: SqlName
    columns: dict[SqlName, ColumnType] = Field(min_length=1)
    where: str | None = None
    connections: int = Field(default=2, ge=1, le=MAX_CONNECTIONS)
    broadcast: bool = False


class Driving(Entry):
    """The extract whose rows become items, and how many rows make one."""

    extract: SqlName
    group_by: tuple[SqlName, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _read_cardinality(cls, value: object) -> object:
        """Accept `cardinality: one item per row` or `cardinality: {group by: [...]}`."""
        if not isinstance(value, dict) or "cardinality" not in value:
            return value
        rest = {key: item for key, item in value.items() if key != "cardinality"}
        match value["cardinality"]:
            case "one item per row":
                return rest
            case {"group by": columns, **others} if not others:
                return {**rest, "group_by": columns}
        raise ValueError("cardinality is 'one item per row' or {group by: [columns]}")


class Latest(Entry):
    """Keep the row with the highest value of an attribute."""

    latest: AttributeName


class Compare(Entry):
    """What the comparison may pass over; always printed in the report."""

    exclude: tuple[AttributeName, ...] = ()
    tolerances: dict[AttributeName, Annotated[str, BeforeValidator(str)]] = Field(default_factory=dict)


class Table(Entry):
    """One DynamoDB table and the reads it is made of."""

    name: TableName
    extracts: dict[SqlName, Extract] = Field(min_length=1)
    driving: Driving
    max_unmatched: int = Field(default=0, ge=0)
    select: str = Field(min_length=1)
    key: Key
    indexes: tuple[Index, ...] = Field(default=(), max_length=MAX_INDEXES)
    attributes: dict[AttributeName, Literal["M", "L", "N", "SS", "NS", "epoch_seconds"]] = Field(default_factory=dict)
    on_duplicate_key: Literal["fail"] | Latest = "fail"
    max_rejects: int = Field(default=0, ge=0)
    allow_empty: bool = False
    ttl: AttributeName | None = None
    stream: StreamName
    billing_mode: Literal["PAY_PER_REQUEST"] = "PAY_PER_REQUEST"
    tags: dict[str, str] = Field(default_factory=dict)
    compare: Compare = Compare()
    import_timeout_minutes: int = Field(default=240, ge=5, le=2880)
    export_timeout_minutes: int = Field(default=240, ge=5, le=2880)

    @field_validator("driving")
    @classmethod
    def _driving_is_an_extract(cls, driving: Driving, info: object) -> Driving:
        extracts = getattr(info, "data", {}).get("extracts", {})
        if extracts and driving.extract not in extracts:
            raise ValueError(f"extract {driving.extract!r} is not among {', '.join(extracts)}")
        return driving

    @model_validator(mode="after")
    def _ttl_is_epoch_seconds(self) -> Self:
        if self.ttl is not None and self.attributes.get(self.ttl) != "epoch_seconds":
            raise ValueError(f"ttl {self.ttl!r} needs `attributes: {{{self.ttl}: epoch_seconds}}`")
        return self

    @model_validator(mode="after")
    def _select_names_its_cluster_and_references(self) -> Self:
        if "_cluster" not in self.select:
            raise ValueError("select must return the driving row's _cluster")
        for name in self.extracts:
            if name != self.driving.extract and f"_unmatched_{name}" not in self.select:
                raise ValueError(
                    f"select must return `{name}._cluster IS NULL AS _unmatched_{name}` (orphans are counted)"
                )
        return self


class Domain(Entry):
    """Tables that are migrated together."""

    name: DomainName = Field(alias="domain")
    tables: tuple[Table, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _table_names_differ(self) -> Self:
        names = [table.name for table in self.tables]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"tables are named twice: {', '.join(twice)}")
        return self


class Catalog(Entry):
    """Everything that moves."""

    clusters: dict[str, Cluster]
    domains: dict[str, Domain]

    def clusters_of(self, domain: str) -> tuple[Cluster, ...]:
        """Return the clusters that a domain reads, in catalog order."""
        groups = {extract.group for table in self.domains[domain].tables for extract in table.extracts.values()}
        return tuple(cluster for cluster in self.clusters.values() if cluster.group in groups)
