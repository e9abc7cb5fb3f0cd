"""The differences of a table: classes, columns, and keys with both values."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from runner.labels import DifferenceClass
from runner.report.model.base import Count, Section, Value


class Sample(Section):
    """A difference with both values."""

    difference_class: DifferenceClass = Field(serialization_alias="class")
    """The class of the key."""
    key: str
    """The whole key, its parts joined by ` / `; it is never cut."""
    column: str | None
    """The attribute; null for the whole item."""
    clones: Value
    """The value in the clones."""
    dynamodb: Value
    """The value in DynamoDB's export."""


class ClassCount(Section):
    """The number of keys of a class."""

    difference_class: DifferenceClass = Field(serialization_alias="class")
    """The class."""
    count: Count
    """The number of keys."""
    keys_shown: Count
    """The number of keys that are in `samples`."""


class Differences(Section):
    """The differences of a table."""

    total: Count | None
    """The number of keys that differ; null if nothing was compared."""
    partial: bool
    """Whether fewer keys are shown than differ."""
    classes: tuple[ClassCount, ...]
    """By class."""
    samples: tuple[Sample, ...]
    """Differences with both values: at most 100 keys of each class, and a row per column."""
    prefix: str | None = Field(serialization_alias="place")
    """The prefix of the differences as Parquet."""


class Column(Section):
    """A column with changes, or one that the catalog lets differ."""

    column: str
    """The attribute."""
    changed: Count
    """Items in which the attribute differs."""
    rule: Literal["excluded", "tolerance"] | None
    """The catalog's rule for the attribute; null if it must be equal."""
    tolerance: str | None
    """The greatest difference of numbers that the catalog accepts."""
    passed_over: Count | None
    """Differences that the rule hid; null without a rule."""
