"""The jobs' part of the list of types: spark/migration_spark/column_types.py, which is deployed without the catalog."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.column_types import CATALOG_TYPES, MYSQL_TYPES, POSTGRES_TYPES
from catalog.type_entries import CatalogType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from catalog.type_entries import DatabaseType

JOBS_MODULE = Path(__file__).parents[1] / "spark" / "migration_spark" / "column_types.py"
_HEAD = '''\
"""The jobs' part of the list of types in catalog/column_types.py; `make schema` writes this module from it."""

from __future__ import annotations

'''
_NAMES = "dict[str, tuple[str, ...]]"
_TEXTS = "dict[str, str]"


def jobs_module() -> str:
    """Return the module's text."""
    sparks = {kind.name: kind.spark for kind in CATALOG_TYPES}
    postgres = {kind.name: kind.postgres for kind in CATALOG_TYPES if kind.postgres != CatalogType.postgres}
    mysql = {kind.name: kind.mysql for kind in CATALOG_TYPES if kind.mysql != CatalogType.mysql}
    cuts = {cut: [kind.name for kind in MYSQL_TYPES if kind.cut == cut] for cut in ("ranges", "sample")}
    parts = [
        _assignment("Spark's type of a value of each catalog type.", "SPARK_TYPES", _TEXTS, sparks),
        _assignment("Catalog types of each PostgreSQL type.", "POSTGRES_TYPES", _NAMES, _read_as(POSTGRES_TYPES)),
        _assignment("Catalog types of each MySQL type.", "MYSQL_TYPES", _NAMES, _read_as(MYSQL_TYPES)),
        _assignment("SQL of a value that leaves PostgreSQL.", "POSTGRES_VALUES", _TEXTS, postgres),
        f"POSTGRES_TEXT = {_literal(CatalogType.postgres)}  # of every other value\n",
        _assignment("SQL of a value that leaves MySQL.", "MYSQL_VALUES", _TEXTS, mysql),
        f"MYSQL_TEXT = {_literal(CatalogType.mysql)}  # of every other value\n",
        _assignment("Types of a first key column that cuts a MySQL table.", "MYSQL_CUTS", _NAMES, cuts),
    ]
    return _HEAD + "".join(parts)


def _read_as(types: Iterable[DatabaseType]) -> dict[str, tuple[str, ...]]:
    return {kind.name: kind.read_as for kind in types}


def _assignment(comment: str, name: str, annotation: str, values: Mapping[str, str | Iterable[str]]) -> str:
    """Return the assignment of a mapping as the formatter leaves it."""
    lines = [f"    {_literal(key)}: {_literal(value)},\n" for key, value in values.items()]
    return f"# {comment}\n{name}: {annotation} = {{\n{''.join(lines)}}}\n"


def _literal(value: str | Iterable[str]) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    names = [json.dumps(name) for name in value]
    return f"({', '.join(names)}{',' if len(names) == 1 else ''})"
