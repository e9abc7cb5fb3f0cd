"""Relations of a select's FROM that hold the driving extract's rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlglot.optimizer.scope import Scope


@dataclass(frozen=True)
class Relation:
    """A relation of a query's FROM.

    Attributes:
        node: A table, a subquery, or a bracket of joins.
        scope: The query that reads it.
        alone: The table without the joins of its bracket.
    """

    node: exp.Expr
    scope: Scope
    alone: bool = False

    @property
    def bracket(self) -> exp.Table | None:
        """Return the first table of a bracket of joins, which has no name of its own, or None for another relation."""
        table = self.node.this if isinstance(self.node, exp.Subquery) and not self.node.alias else self.node
        joined = isinstance(table, exp.Table) and not self.alone and (table is not self.node or table.args.get("joins"))
        return table if isinstance(table, exp.Table) and joined else None

    @property
    def name(self) -> str:
        """Return the relation's name in the query."""
        if self.bracket is not None:
            return self.bracket.alias_or_name
        return str(self.node.alias if isinstance(self.node, exp.Subquery) else self.node.alias_or_name)

    @property
    def names(self) -> frozenset[str]:
        """Return every qualifier that the query's columns may use for the relation, in lower case."""
        tables = self.bracket.find_all(exp.Table) if self.bracket is not None else ()
        return frozenset({self.name.lower(), *(table.alias_or_name.lower() for table in tables)})

    @property
    def source(self) -> exp.Table | Scope | None:
        """Return the extract or the query behind the relation; None for a bracket of joins."""
        return None if self.bracket is not None else self.scope.sources.get(self.name)

    @property
    def query(self) -> Scope | None:
        """Return the query behind a relation; None for an extract and a bracket of joins."""
        return None if self.source is None or isinstance(self.source, exp.Expr) else self.source


def relations(query: exp.Expr, scope: Scope) -> Iterator[tuple[Relation, exp.Join | None]]:
    """Yield the relations of a query or of a bracket of joins, each with its join; the first has none."""
    if isinstance(query, exp.Table):
        yield Relation(query, scope, alone=True), None
    elif query.args.get("from_"):
        yield Relation(query.args["from_"].this, scope), None
    for join in query.args.get("joins") or ():
        yield Relation(join.this, scope), join


def returned(query: exp.Expr, scope: Scope) -> list[Relation]:
    """Return the relations whose columns a query can return: a SEMI or ANTI join returns none of its relation's."""
    return [
        relation
        for relation, join in relations(query, scope)
        if join is None or join.kind.upper() not in ("SEMI", "ANTI")
    ]


def rows_of(operation: Scope) -> list[Scope]:
    """Return the branches whose rows a set operation can return: EXCEPT and INTERSECT have those of the first."""
    branches: list[Scope] = operation.set_operation_scopes
    return branches if isinstance(operation.expression, exp.Union) else branches[:1]


def carries(source: Relation | Scope, driving: str) -> bool:
    """Return whether a relation or query reads rows of the driving extract."""
    if not isinstance(source, Relation):
        if source.set_operation_scopes:
            return any(carries(branch, driving) for branch in rows_of(source))
        return any(carries(relation, driving) for relation in returned(source.expression, source))
    if source.bracket is not None:
        return any(carries(relation, driving) for relation in returned(source.bracket, source.scope))
    if source.query is not None:
        return carries(source.query, driving)
    return isinstance(source.source, exp.Table) and source.source.name == driving


def aggregates(select: exp.Select) -> bool:
    """Return whether a query merges several rows into one."""
    if select.args.get("group"):
        return True
    return any(
        call.parent_select is select and not isinstance(call.find_ancestor(exp.Window, exp.Select), exp.Window)
        for selected in select.selects
        for call in selected.find_all(exp.AggFunc)
    )
