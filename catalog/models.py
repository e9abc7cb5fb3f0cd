"""Models of the catalog: clusters, and the DynamoDB table that each source table becomes."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from catalog.field_types import (
    AttributeName,
    DomainName,
    Entry,
    IndexName,
    KeyPrefix,
    SqlName,
    StreamName,
    TableName,
    TagKey,
    TagValue,
)
from catalog.item_models import Driving, ItemRules, Latest
from catalog.source_models import Cluster, ClusterGroup, ClustersFile, Engine, Extract
from catalog.table_options import BillingMode, Capacity, CatchUp, KmsKey, TableClass

# Names that other modules import from here, wherever they are defined.
__all__ = [
    "Cluster",
    "ClusterGroup",
    "ClustersFile",
    "Driving",
    "Engine",
    "Extract",
    "Latest",
]

MAX_PARTS = 16
MAX_INDEXES = 20  # DynamoDB's quota of global secondary indexes per table


class KeyAttribute(Entry):
    """A key attribute: DynamoDB needs its type when the table is created."""

    name: AttributeName
    """The attribute, as the select names it."""
    type: Literal["S", "N", "B"]
    """Text, number or bytes."""
    accept_collisions: bool = False
    """Whether different source rows may mean one key; a table's key only."""


class Key(Entry):
    """A table's or an index's key."""

    partition: KeyAttribute
    """The partition key."""
    sort: KeyAttribute | None = None
    """The sort key, if there is one."""

    @property
    def attributes(self) -> tuple[KeyAttribute, ...]:
        """Return the key's attributes, partition first."""
        return (self.partition,) if self.sort is None else (self.partition, self.sort)


class Index(Key):
    """A global secondary index; it projects all attributes."""

    name: IndexName
    """The index's name."""
    capacity: Capacity | None = None
    """The index's capacity, by default the table's; only where the table's billing_mode is PROVISIONED."""


class TableSettings(Entry):
    """The settings of a DynamoDB table, however its items are made."""

    name: TableName
    """The table's name in DynamoDB; a rehearsal appends -rehearsal."""
    key: Key
    """The table's key."""
    indexes: tuple[Index, ...] = Field(default=(), max_length=MAX_INDEXES)
    """Global secondary indexes."""
    ttl: AttributeName | None = None
    """The attribute that DynamoDB's time to live reads; one of type epoch_seconds."""
    stream: StreamName | None = None
    """The Kinesis stream that an official run's table writes its changes to; without it there is none."""
    billing_mode: BillingMode = "PAY_PER_REQUEST"
    """PAY_PER_REQUEST for on-demand capacity, PROVISIONED for a fixed capacity."""
    capacity: Capacity | None = None
    """The provisioned capacity; only where billing_mode is PROVISIONED, which needs it."""
    on_demand_maximum: Capacity | None = None
    """The most units per second that an on-demand table serves."""
    warm_throughput: Capacity | None = None
    """The units per second that the table can serve at once."""
    kms_key: KmsKey | None = None
    """The KMS key that encrypts the table: its ARN, or alias/ and its alias; by default DynamoDB's own key."""
    table_class: TableClass = "STANDARD"
    """STANDARD, or STANDARD_INFREQUENT_ACCESS for a table that is mostly stored."""
    deletion_protection: bool = True
    """Whether an official run protects its table from being deleted."""
    tags: dict[TagKey, TagValue] = Field(default_factory=dict)
    """Tags of the table, besides the system's own."""
    catch_up: CatchUp = CatchUp()
    """How much of the table a catch-up or a repair may change, and how fast."""
    import_timeout_minutes: int = Field(default=240, ge=5, le=2880)
    """How long the import may take."""
    export_timeout_minutes: int = Field(default=240, ge=5, le=2880)
    """How long the export may take."""


class Table(TableSettings, ItemRules):
    """A DynamoDB table of one select."""

    @property
    def selects(self) -> tuple[Table, ...]:
        """Return the table itself, its only select."""
        return (self,)


class Part(ItemRules):
    """One kind of item of a table that holds several."""

    name: SqlName
    """The part's name in reports and messages."""
    key_prefix: dict[AttributeName, KeyPrefix] = Field(min_length=1)
    """How the part's keys begin, by key attribute of type S; no key of another part may begin the same way."""


class PartTable(Table):
    """A part as a table of its own; its name is `table.part`."""

    target: TableName
    part: SqlName
    key_prefix: dict[AttributeName, KeyPrefix]


class PartedTable(TableSettings):
    """A DynamoDB table of several selects over one key, as in single-table design."""

    parts: tuple[Part, ...] = Field(min_length=1, max_length=MAX_PARTS)
    """The kinds of item that the table holds; each has its own reads and select."""

    @cached_property
    def selects(self) -> tuple[PartTable, ...]:
        """Return each part as a table with the parent's settings; only parts with an index's key must return it."""
        own = {name: getattr(self, name) for name in TableSettings.model_fields if name != "name"}
        return tuple(
            PartTable.model_construct(
                name=f"{self.name}.{part.name}",
                target=self.name,
                part=part.name,
                **own,
                **{name: getattr(part, name) for name in Part.model_fields if name != "name"},
            )
            for part in self.parts
        )


def _kind_of_table(value: Any) -> str:  # noqa: ANN401 - a file's content, or a model
    has_parts = "parts" in value if isinstance(value, dict) else isinstance(value, PartedTable)
    return PARTED if has_parts else PLAIN


# pydantic adds the model's name to the steps that lead to a mistake in a table.
PLAIN, PARTED = "(a table of one select)", "(a table of parts)"
AnyTable = Annotated[
    Annotated[Table, Tag(PLAIN)] | Annotated[PartedTable, Tag(PARTED)],
    Discriminator(_kind_of_table),
]


class Domain(Entry):
    """Tables that are migrated together."""

    name: DomainName = Field(alias="domain")
    """The domain's name, which is also the file's name."""
    tables: tuple[AnyTable, ...] = Field(min_length=1)
    """The tables, migrated in one run."""
    job_timeout_minutes: int = Field(default=720, ge=10, le=2880)
    """How long each of the two Spark jobs may run."""

    @property
    def selects(self) -> tuple[Table, ...]:
        """Return a table, or a part as a table, for every select of the domain."""
        return tuple(select for table in self.tables for select in table.selects)


class Catalog(Entry):
    """Every cluster and domain of the catalog."""

    clusters: dict[str, Cluster]
    domains: dict[str, Domain]

    def clusters_of(self, domain: str) -> tuple[Cluster, ...]:
        """Return the clusters that a domain reads, in catalog order."""
        groups = {extract.group for select in self.domains[domain].selects for extract in select.extracts.values()}
        return tuple(cluster for cluster in self.clusters.values() if cluster.group in groups)
