"""Split of a database's tables into domains of tables that refer to each other."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from catalog.source_schema import SourceTable

# Of a domain: the policy of its state machine names each table six times, and IAM allows 10,240 characters in all.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
MOST_TABLES = 12
_MOST_CHARACTERS = 5_400
_CHARACTERS_OF_AN_ARN, _ARNS = 66, 6


def related(tables: Sequence[SourceTable], most: int = MOST_TABLES) -> list[list[SourceTable]]:
    """Return the tables in groups of at most `most` tables that refer to each other; one group if all fit.

    A table that few others refer to stays with those that it refers to; a table that all refer to joins no groups.
    Unrelated tables share groups. Tables and groups keep the order of `tables`.
    """
    if _fits([table.name for table in tables], most):
        return [list(tables)]
    groups = {table.name: [table.name] for table in tables}
    for table, referenced in _references(tables):
        if groups[table] is not groups[referenced] and _fits([*groups[table], *groups[referenced]], most):
            groups[table] += groups[referenced]
            for name in groups[table]:
                groups[name] = groups[table]
    alone = [table.name for table in tables if len(groups[table.name]) == 1]
    together: list[str] = []
    for name in alone:
        together = together if _fits([*together, name], most) else []
        together.append(name)
        groups[name] = together
    by_name = {table.name: table for table in tables}
    order = {table.name: number for number, table in enumerate(tables)}
    members = {id(group): sorted(group, key=order.__getitem__) for group in groups.values()}
    return [[by_name[name] for name in names] for names in sorted(members.values(), key=lambda names: order[names[0]])]


def centre(tables: Sequence[SourceTable]) -> str | None:
    """Return the table that most of the others refer to, the first of several; None if no table refers to another."""
    names = {table.name for table in tables}
    counted = Counter(name for table in tables for name in (set(table.references) & names) - {table.name})
    return max((table.name for table in tables), key=lambda name: counted[name]) if counted else None


def _fits(names: Sequence[str], most: int) -> bool:
    characters = sum(_ARNS * (_CHARACTERS_OF_AN_ARN + len(name)) for name in names)
    return len(names) <= most and characters <= _MOST_CHARACTERS


def _references(tables: Sequence[SourceTable]) -> Iterator[tuple[str, str]]:
    """Yield pairs of a table and one that it refers to, beginning with those that the fewest tables refer to."""
    there = {table.name for table in tables}
    pairs = [(t.name, other) for t in tables for other in sorted(set(t.references)) if other in there - {t.name}]
    referred = Counter(other for _, other in pairs)
    yield from sorted(pairs, key=lambda pair: referred[pair[1]])
