"""Models of the catalog that describe how rows become items."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from catalog.field_types import AttributeName, ColumnName, Entry, SqlName
from catalog.source_models import Extract  # noqa: TC001 - pydantic reads the annotations

AttributeType = Literal["M", "L", "N", "SS", "NS", "epoch_seconds"]
Tolerance = Annotated[str, BeforeValidator(str), WithJsonSchema({"type": ["number", "string"]})]


class GroupBy(Entry):
    """Several driving rows make one item."""

    columns: tuple[ColumnName, ...] = Field(alias="group by", min_length=1)
    """The driving extract's columns; rows that are alike in them make one item."""


class Driving(Entry):
    """The extract whose rows become items, and how many rows make an item."""

    extract: SqlName
    """One of the table's extracts."""
    cardinality: Literal["one item per row"] | GroupBy = "one item per row"
    """'one item per row', or {group by: [columns]}."""

    @property
    def group_by(self) -> tuple[str, ...]:
        """Return the columns that are equal in all rows of an item; empty if each row makes an item."""
        return self.cardinality.columns if isinstance(self.cardinality, GroupBy) else ()


class Latest(Entry):
    """Keep the row with the highest value of an attribute."""

    latest: AttributeName
    """The attribute that says which of several rows is the newest."""


class Compare(Entry):
    """Differences that the comparison ignores; the report always lists them."""

    exclude: tuple[AttributeName, ...] = ()
    """Attributes that are not compared."""
    tolerances: dict[AttributeName, Tolerance] = Field(default_factory=dict)
    """How far the numbers of an attribute may differ."""


class ItemRules(Entry):
    """The extracts that rows come from, and how a row becomes an item."""

    extracts: dict[SqlName, Extract] = Field(min_length=1)
    """The reads by name; the select uses each as a view."""
    driving: Driving
    """The extract whose rows become items."""
    max_unmatched: int = Field(default=0, ge=0)
    """How many driving rows may lack a reference; more end the run."""
    max_filtered: int = Field(default=0, ge=0)
    """How many driving rows the select may drop; more end the run."""
    select: str = Field(min_length=1)
    """One Spark SQL SELECT over the extracts; its columns are the attributes."""
    attributes: dict[AttributeName, AttributeType] = Field(default_factory=dict)
    """Types of attributes where the SQL type does not settle them."""
    on_duplicate_key: Literal["fail"] | Latest = "fail"
    """'fail', or {latest: attribute}: which of several rows of a key stays."""
    max_rejects: int = Field(default=0, ge=0)
    """How many rows may be rejected; more end the run."""
    allow_empty: bool = False
    """Whether a select without items is no failure."""
    compare: Compare = Compare()
    """Differences that the comparison ignores."""
