"""The tables of docs/types.md, from the list of types. The page's other lines are written by hand."""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.column_types import CATALOG_TYPES, DECLARED_TYPES, MYSQL_TYPES, POSTGRES_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from catalog.type_entries import DatabaseType

PAGE = Path(__file__).parents[1] / "docs" / "types.md"
_BLOCK = re.compile(r"<!-- types: (\w+) -->\n.*?<!-- /types -->", re.DOTALL)
_CUTS = {
    "ranges": "into ranges of numbers, by the optimizer's estimates",
    "sample": "at values of a sample, which takes one more scan of the table",
}


def types_page(text: str) -> str:
    """Return the page's text with new tables.

    Raises:
        KeyError: A block of the page names no table.
    """
    tables = {
        "attributes": _attributes(),
        "declared": _declared(),
        "postgres": _columns(POSTGRES_TYPES),
        "mysql": _columns(MYSQL_TYPES),
        "cuts": _cuts(),
    }
    return _BLOCK.sub(lambda block: f"<!-- types: {block[1]} -->\n\n{tables[block[1]]}\n<!-- /types -->", text)


def _attributes() -> str:
    groups = groupby(CATALOG_TYPES, lambda kind: (kind.attribute, kind.declarable, kind.rule))
    rows = [
        (_codes(kind.name for kind in kinds), attribute, _codes(declarable), rule)
        for (attribute, declarable, rule), kinds in groups
    ]
    return _table(("catalog", "attribute", "`attributes` may say", "rule"), rows)


def _declared() -> str:
    groups = groupby(DECLARED_TYPES, lambda kind: (kind.attribute, kind.rule))
    rows = [(_codes(kind.name for kind in kinds), attribute, rule) for (attribute, rule), kinds in groups]
    return _table(("`attributes` says", "attribute", "rule"), rows)


def _columns(types: Iterable[DatabaseType]) -> str:
    """Return a database's table: types that have the same catalog types share a row."""
    by_read_as: dict[tuple[str, ...], list[str]] = {}
    for kind in types:
        by_read_as.setdefault(kind.read_as, []).append(f"{kind.name} {kind.comment}".rstrip())
    rows = [(", ".join(names), _codes(_with_digits(read_as))) for read_as, names in by_read_as.items()]
    return _table(("column", "may be called"), rows)


def _with_digits(read_as: Iterable[str]) -> Iterator[str]:
    for name in read_as:
        yield from (name, "numeric(p,s)") if name == "numeric" else (name,)


def _cuts() -> str:
    rows = [(", ".join(kind.name for kind in MYSQL_TYPES if kind.cut == cut), how) for cut, how in _CUTS.items()]
    rows.append(("any other, or no primary key", "not at all: one connection reads it"))
    return _table(("primary key begins with", "the table is cut"), rows)


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _table(titles: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [titles, ("---",) * len(titles), *rows]
    return "".join(f"| {' | '.join(cells)} |\n".replace("|  |", "| |") for cells in lines).replace("| --- ", "|---")
