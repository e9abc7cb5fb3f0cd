"""Description of a live schema and its tables, from which a proposal is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from catalog.models import Engine

Kind = Literal[
    "table",
    "partitioned table",
    "child table",
    "view",
    "materialized view",
    "foreign table",
    "unlogged table",
    "table of another engine",
]


@dataclass(frozen=True)
class SourceColumn:
    """A column, with the database's name of its type."""

    name: str
    type: str
    nullable: bool = True
    ignores_case: bool = False
    is_distinct: bool = False  # no two rows of the statistics' sample share a value, and none is null


@dataclass(frozen=True)
class SourceTable:
    """A table or view; `name` includes the schema unless it is the default one.

    Attributes:
        key: The primary key's columns, or those of a unique index without nulls; empty if there is neither.
        rows: The statistics' estimate; None if there is none yet.
        bytes_per_row: Likewise.
        references: The tables that its foreign keys refer to.
    """

    name: str
    columns: tuple[SourceColumn, ...]
    key: tuple[str, ...] = ()
    has_primary_key: bool = True
    rows: int | None = None
    bytes_per_row: int = 0
    kind: Kind = "table"
    references: tuple[str, ...] = ()

    def column(self, name: str) -> SourceColumn:
        """Return the column with a name."""
        return next(column for column in self.columns if column.name == name)


@dataclass(frozen=True)
class Source:
    """A database; `location` is its URL without a password, `chosen` says whether its tables were selected by name."""

    engine: Engine
    location: str
    database: str
    tables: tuple[SourceTable, ...]
    allows_zero_dates: bool = False
    chosen: bool = False
