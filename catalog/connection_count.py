"""Number of connections that a proposal reads a table with, and how the jobs split the table for them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from catalog.source_types import database_entry

if TYPE_CHECKING:
    from catalog.source_schema import SourceTable

# By rows and by bytes, whichever is more; the jobs' splits have 5 million rows or 1 GB.
_STEPS = ((1_000_000_000, 100 << 30, 16), (100_000_000, 20 << 30, 8), (5_000_000, 1 << 30, 4))
_FEWEST = 2


def connections(table: SourceTable, engine: str) -> str:
    """Return the number of connections, followed by its reason as a YAML comment."""
    about = "rows not counted" if table.rows is None else f"about {table.rows:,} rows"
    how, is_cut = _cut(table, engine)
    return f"{_many(table) if is_cut else 1}   # {about}, {how}"


def _many(table: SourceTable) -> int:
    rows = table.rows or 0
    size = rows * table.bytes_per_row
    return next((many for most, space, many in _STEPS if rows >= most or size >= space), _FEWEST)


def _cut(table: SourceTable, engine: str) -> tuple[str, bool]:
    if table.kind == "view":
        return "not split: it is a view", False
    if engine == "aurora-postgresql":
        return "split by blocks of each partition" if table.kind == "partitioned table" else "split by blocks", True
    if not (table.key and table.has_primary_key):
        return "not split: it has no primary key", False
    first = table.column(table.key[0])
    kind = re.split(r"[ (]", first.type.lower())[0]
    entry = database_entry(engine, kind)
    if entry is not None and entry.cut == "ranges":
        return f"split by ranges of {first.name}", True
    if entry is not None and entry.cut == "sample":
        return f"split by a sample of {first.name}, which takes one more scan", True
    return f"not split: its primary key begins with {kind}", False
