"""The counts of a table or a part at every step, and what must hold between them."""

from __future__ import annotations

from pydantic import Field, JsonValue
from pydantic.alias_generators import to_camel, to_snake

from runner.report.model.base import Count, Section


class Counts(Section):
    """Every count; null if it is not known."""

    rows_read: Count | None
    """Rows of the driving extract, as the clones' own databases count them; for a grouped table, its groups."""
    items: Count | None
    """Items that Bootstrap wrote for the import."""
    rejected: Count | None
    """Rows that cannot become an item; each is below `places.rejects` with its reason."""
    superseded: Count | None
    """Rows of a key of which the catalog's rule keeps another row."""
    filtered: Count | None
    """Rows that the catalog's select leaves out."""
    unmatched: Count | None
    """Rows without their reference row; they are items without its values, and counted among those."""
    duplicate_keys: Count | None
    """Rows that share a key where the catalog forbids it; above 0 the run fails."""
    expirable: Count | None
    """Items with a time to live; DynamoDB may delete those past it before the export."""
    superseded_keys: Count | None
    """Distinct source keys, other than the kept row's, whose rows were superseded."""
    keys_without_item: Count | None
    """Keys without an item, since their newest row was rejected."""
    imported: Count | None
    """Items that DynamoDB reports as imported."""
    exported: Count | None
    """Items that DynamoDB reports as exported."""
    compared: Count | None
    """Keys that were compared: matched + changed + missing + extra + duplicate + expired."""
    matched: Count | None
    """Keys in both, and equal."""
    changed: Count | None
    """Keys in both, with different values."""
    missing: Count | None
    """Keys in the clones, but not in the export."""
    extra: Count | None
    """Keys in the export, but not in the clones."""
    duplicate: Count | None
    """Keys that appear more than once on one side."""
    undecodable: Count | None
    """Lines in the export that are not readable as an item."""
    expired: Count | None
    """Keys that are not in the export, since their time to live had passed."""

    def of(self, name: str) -> int | None:
        """Return a count by its name in the document, as runner.labels names it: rowsRead, items, ….

        Raises:
            AttributeError: There is no such count.
        """
        count: int | None = getattr(self, to_snake(name))
        return count


NAMES = tuple(to_camel(name) for name in Counts.model_fields)
ONLY_COUNTS: dict[str, JsonValue] = {"propertyNames": {"enum": list(NAMES)}}


class Limits(Section):
    """The number of rows that the catalog accepts; null if the catalog has no such table."""

    rejected: Count | None
    """max_rejects"""
    filtered: Count | None
    """max_filtered"""
    unmatched: Count | None
    """max_unmatched"""


class Check(Section):
    """An equation between counts."""

    name: str
    """The equation in words."""
    left: dict[str, int] = Field(json_schema_extra=ONLY_COUNTS)
    """The counts whose sum is the left side."""
    right: dict[str, int] = Field(json_schema_extra=ONLY_COUNTS)
    """The counts whose sum is the right side."""
    holds: bool
    """Whether both sums are equal."""
