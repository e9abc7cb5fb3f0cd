"""Proposal of a DynamoDB key from a table's primary key."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from catalog.case_style import attribute_name
from catalog.key_text import joined
from catalog.source_types import attribute_type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from catalog.case_style import Naming
    from catalog.source_schema import SourceTable

_KEY_TYPES = ("S", "N", "B")


@dataclass(frozen=True)
class Part:
    """A key attribute."""

    name: str
    type: str


@dataclass
class Key:
    """A proposed key.

    Attributes:
        columns: The source columns of the key.
        made: Attributes that the select must compute for it, with their SQL.
        warnings: One sentence each about what a person should check.
    """

    partition: Part
    sort: Part | None = None
    columns: tuple[str, ...] = ()
    made: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def propose_key(table: SourceTable, types: Mapping[str, str], naming: Naming) -> Key:
    """Return a key: the last of several columns is the sort key, the others are joined into the partition key.

    `types` are the catalog's types of the columns that are read.
    """
    warnings = []
    columns = tuple(name for name in table.key if name in types)
    if not table.key:
        columns = (_guess(table, types),)
        warnings.append(
            f"there is neither a primary nor a unique key; {columns[0]} is a guess: choose columns that "
            "differ in every row, or leave the table out"
        )
    elif len(columns) < len(table.key):
        lost = ", ".join(name for name in table.key if name not in types)
        warnings.append(f"{lost} of its key cannot be read, and the rest may not be unique")
        columns = columns or (next(iter(types)),)
    elif not table.has_primary_key:
        warnings.append("there is no primary key; this is a unique key")
    for name in columns:
        warnings += _warnings(table, name, types[name])
    *front, last = columns
    made: dict[str, str] = {}
    if not front:
        return Key(_part(naming, last, types, made), None, columns, made, warnings)
    if len(front) == 1:
        partition = _part(naming, front[0], types, made)
    else:
        partition = Part(naming.free(f"{attribute_name(naming.extract)}Key"), "S")
        made[partition.name] = joined([(naming.sql(name), types[name]) for name in front])
    return Key(partition, _part(naming, last, types, made), columns, made, warnings)


def _guess(table: SourceTable, types: Mapping[str, str]) -> str:
    """Return the first column that is unique by the statistics, else the first that is never null, else the first."""
    can_be = [column for column in table.columns if column.name in types]
    sure = [column for column in can_be if column.is_distinct] or [column for column in can_be if not column.nullable]
    return (sure or can_be)[0].name


def _part(naming: Naming, column: str, types: Mapping[str, str], made: dict[str, str]) -> Part:
    """Return the attribute of a column, or one of its text if the column's type cannot be a key."""
    kind = attribute_type(types[column])
    if kind in _KEY_TYPES:
        return Part(naming.attributes[column], kind)
    name = naming.free(f"{naming.attributes[column]}Text")
    sql = naming.sql(column)
    made[name] = f"to_json({sql})" if types[column] == "text[]" else f"CAST({sql} AS STRING)"
    return Part(name, "S")


def _warnings(table: SourceTable, name: str, kind: str) -> list[str]:
    column = table.column(name)
    warnings = []
    if column.nullable:
        warnings.append(f"{name} may be null, and a row with a null is rejected")
    if kind in ("real", "double"):
        warnings.append(f"{name} is a {kind}: two values that look equal can be two keys")
    if column.ignores_case:
        warnings.append(
            f"{name} ignores case in the database, but DynamoDB and joins in Spark do not: use lower() in both, "
            "and set accept_collisions: true in the key"
        )
    return warnings
