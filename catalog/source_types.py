"""Lookups in the list of types: by a catalog type's name, by its values, and by a database's type."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catalog.column_types import CATALOG_TYPES, DECLARED_TYPES, ENGINE_TYPES, MAX_NUMERIC_DIGITS

if TYPE_CHECKING:
    from catalog.type_entries import CatalogType, DatabaseType

WHOLE = tuple(kind.name for kind in CATALOG_TYPES if kind.spark == "bigint")
TEXTS = tuple(kind.name for kind in CATALOG_TYPES if kind.spark == "string")
MOMENTS = tuple(kind.name for kind in CATALOG_TYPES if kind.spark in ("date", "timestamp"))
LISTS = tuple(kind.name for kind in CATALOG_TYPES if kind.spark.startswith("array"))
ATTRIBUTE_OF_DECLARED = {kind.name: kind.attribute for kind in DECLARED_TYPES}
_BY_NAME = {kind.name: kind for kind in CATALOG_TYPES}
_BY_ENGINE = {engine: {kind.name: kind for kind in types} for engine, types in ENGINE_TYPES.items()}
_DIGITS = re.compile(r"^(?:numeric|decimal)\((\d+)(?:,(\d+))?\)")


def by_name(column_type: str) -> CatalogType:
    """Return the entry of a catalog type; that of `numeric(p,s)` for every precision and scale."""
    return _BY_NAME[re.sub(r"\(.*", "(p,s)", column_type)]


def attribute_type(column_type: str) -> str:
    """Return the attribute that a column of a catalog type becomes by itself."""
    return by_name(column_type).attribute


def declarable(declared: str) -> tuple[str, ...]:
    """Return the catalog types whose attribute `attributes` may declare to be of a type."""
    return tuple(kind.name for kind in CATALOG_TYPES if declared in kind.declarable)


def catalog_type(engine: str, database_type: str) -> str | None:
    """Return the type that the catalog proposes for a column of a database's type, or None if none is listed."""
    lowered = database_type.lower()
    entry = database_entry(engine, lowered)
    if entry is None:
        return None
    proposed = entry.read_as[0]
    digits = _DIGITS.match(lowered)
    if proposed == "numeric" and digits is not None:
        precision, scale = int(digits[1]), int(digits[2] or 0)
        # A number of more digits than DynamoDB's N keeps its text.
        return f"numeric({precision},{scale})" if precision <= MAX_NUMERIC_DIGITS and scale <= precision else proposed
    return proposed


def database_entry(engine: str, database_type: str) -> DatabaseType | None:
    """Return the entry of a database's type, with or without lengths, or None if it is not listed."""
    return _BY_ENGINE[engine].get(plain(database_type.lower()))


def plain(database_type: str) -> str:
    """Return a type's name without its lengths, but for MySQL's two whose length makes them another type."""
    if database_type in ("tinyint(1)", "bit(1)"):
        return database_type
    return " ".join(re.sub(r"\([^)]*\)| zerofill", "", database_type).split())
