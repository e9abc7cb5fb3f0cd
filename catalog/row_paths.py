"""Paths of driving rows through the queries of a select."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlglot import exp

from catalog.driving_rows import Relation, aggregates, carries, returned
from catalog.lineage import renames_columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlglot.optimizer.scope import Scope


@dataclass
class Level:
    """A query on the path of driving rows.

    Attributes:
        scope: The query.
        relation: The relation of its FROM that holds the rows.
        stars: A star returns all columns of that relation.
        inner: The queries behind the relation: one for each branch of a UNION ALL, none for the extract.
    """

    scope: Scope
    relation: Relation
    stars: bool = False
    inner: list[Level] = field(default_factory=list)

    def path(self) -> Iterator[Level]:
        """Yield the query and those behind it, as long as the path does not branch."""
        yield self
        if len(self.inner) == 1:
            yield from self.inner[0].path()


class RowPaths:
    """Follows the rows of one extract through one select.

    Attributes:
        root: The outermost query.
        driving: The extract.
    """

    def __init__(self, root: Scope, driving: str) -> None:
        self._driving = driving
        self._uses: dict[int, int] = {}
        for scope in root.traverse():
            for _, source in scope.selected_sources.values():
                self._uses[id(source)] = self._uses.get(id(source), 0) + 1

    def levels(self, scope: Scope) -> list[Level] | None:
        """Return the queries with the driving rows, one per branch of a UNION ALL, or None if they lose a row."""
        if scope.set_operation_scopes:
            union = scope.expression
            if not isinstance(union, exp.Union) or union.args.get("distinct") or renames_columns(union):
                return None
            levels: list[Level] = []
            for branch in scope.set_operation_scopes:
                inner = self.levels(branch)
                if inner is None:
                    return None
                levels += inner
            # A star's columns come in another order than those that are inserted.
            return None if any(level.stars for level in levels) else levels
        level = self._level(scope)
        return None if level is None else [level]

    def _level(self, scope: Scope) -> Level | None:
        select = scope.expression
        carriers = [relation for relation in _flat(scope) if carries(relation, self._driving)]
        kept = carriers if len(carriers) == 1 else [relation for relation in carriers if relation.node is _first(scope)]
        if not isinstance(select, exp.Select) or _merges_or_renames(select) or len(kept) != 1:
            return None
        relation, query = kept[0], kept[0].query
        level = Level(scope, relation, stars=_covers(select, relation.name))
        is_ambiguous = level.stars and len(carriers) > 1
        if is_ambiguous or relation.node.args.get("pivots") or relation.node.alias_column_names:
            return None
        if query is not None:
            inner = self.levels(query) if self._uses.get(id(query)) == 1 else None
            if inner is None:
                return None
            level.inner = inner
        return level

    def ends(self, scope: Scope) -> Iterator[Relation]:
        """Yield the driving extract where its rows enter the select."""
        if scope.set_operation_scopes:
            for branch in scope.set_operation_scopes:
                yield from self.ends(branch)
            return
        ends = [relation for relation in _flat(scope) if carries(relation, self._driving)]
        for relation in ends if len(ends) == 1 else [r for r in ends if r.node is _first(scope)]:
            if relation.query is not None:
                yield from self.ends(relation.query)
            else:
                yield relation


def _merges_or_renames(select: exp.Select) -> bool:
    """Return whether a query merges rows, or renames its columns so that none can be added."""
    is_natural = any(join.method for join in select.args.get("joins") or ())
    return bool(select.args.get("distinct")) or aggregates(select) or is_natural or renames_columns(select)


def _flat(scope: Scope) -> Iterator[Relation]:
    """Yield the relations of a query, with brackets of joins flattened."""
    pending = returned(scope.expression, scope)
    while pending:
        relation = pending.pop(0)
        if relation.bracket is None:
            yield relation
        else:
            pending = returned(relation.bracket, scope) + pending


def _first(scope: Scope) -> exp.Expr | None:
    """Return the first relation of a FROM if LEFT JOINs alone keep its rows."""
    select = scope.expression
    joins = select.args.get("joins") or ()
    if not select.args.get("from_") or any(join.side != "LEFT" or join.kind in ("SEMI", "ANTI") for join in joins):
        return None
    first: exp.Expr = select.args["from_"].this
    return first


def _covers(select: exp.Select, alias: str) -> bool:
    """Return whether a star of a select returns all columns of a relation."""
    return any(
        isinstance(selected, exp.Star) or (isinstance(selected, exp.Column) and selected.table.lower() == alias.lower())
        for selected in select.selects
        if selected.is_star
    )
