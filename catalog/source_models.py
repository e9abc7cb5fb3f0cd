"""Models of the catalog's sources: clusters, and the extracts of their tables."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from catalog.field_types import AnyColumn, ClusterName, ColumnName, ColumnType, Entry, SourceName, SqlName

Engine = Literal["aurora-postgresql", "aurora-mysql"]
MAX_CONNECTIONS = 32  # per clone and extract: a clone's instance is small and serves two domains


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
    """The database's engine."""
    database: str = Field(min_length=1)
    """The database in each cluster."""
    user: str = Field(min_length=1)
    """The reader's name in each cluster."""
    password_secret: str = Field(min_length=1)
    """A plaintext Secrets Manager secret with the reader's password; {cluster} is the identifier."""
    clusters: tuple[ClusterName, ...] = Field(min_length=1)
    """The identifiers of the Aurora clusters."""


class ClustersFile(Entry):
    """The Aurora clusters that hold the data, in groups that share a schema."""

    groups: dict[SqlName, ClusterGroup] = Field(min_length=1)
    """The groups by name; an extract reads one of them."""


class Extract(Entry):
    """A named read of one source table from one cluster group."""

    source: SourceName
    """The table in the database, with its schema where it is not on the search path."""
    group: SqlName
    """The group of clusters.yaml that holds it."""
    columns: dict[ColumnName, ColumnType] = Field(min_length=1)
    """The columns to read, each with its type; docs/types.md lists the types of each engine."""
    database_names: dict[ColumnName, AnyColumn] = Field(default_factory=dict)
    """The database's names of columns that have another name here."""
    left_out: tuple[AnyColumn, ...] = ()
    """Columns that are deliberately not read; a column that is neither here nor read stops an official run."""
    where: str | None = None
    """A condition in the database's SQL; rows that do not meet it are not read."""
    connections: int = Field(default=2, ge=1, le=MAX_CONNECTIONS)
    """How many connections may read one clone at once."""
    broadcast: bool = False
    """Whether to send the whole extract to every executor; useful for a small reference table."""

    def database_name(self, column: str) -> str:
        """Return the database's name of a column."""
        return self.database_names.get(column, column)
