"""Lineage of a select's result columns, followed through subqueries and CTEs to the extracts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sqlglot import exp

from catalog.driving_rows import rows_of
from catalog.field_types import CLUSTER_COLUMN

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from sqlglot.optimizer.scope import Scope

    from catalog.models import Extract


@dataclass(frozen=True)
class SourceColumn:
    """A column of an extract as it is.

    Attributes:
        extract: The extract's name.
        column: The column's name.
        type: The column's catalog type.
        scope: The query that reads the extract.
        alias: The extract's name in that query.
        branches: The column in each branch, if it is a set operation's.
    """

    extract: str
    column: str
    type: str
    scope: Scope
    alias: str
    branches: tuple[SourceColumn, ...] = field(default=(), compare=False)

    def is_of(self, relations: Container[tuple[int, str]]) -> bool:
        """Return whether one of some relations, as pairs of a query's id() and a name, has it in every branch."""
        if self.branches:
            return all(column.is_of(relations) for column in self.branches)
        return (id(self.scope), self.alias) in relations


@dataclass(frozen=True)
class Expression:
    """An SQL expression, and the query whose names it uses."""

    sql: exp.Expr
    scope: Scope


Value = SourceColumn | Expression
Output = tuple[str, Value]


class Lineage:
    """Follows columns of a select through its queries."""

    def __init__(self, extracts: Mapping[str, Extract]) -> None:
        self._extracts = extracts
        # Cached by query and relation: a select of 1,000 columns resolves the same relation 1,000 times.
        self._by_name: dict[tuple[int, str], tuple[Scope, dict[str, list[Value]] | None]] = {}

    def outputs(self, scope: Scope) -> list[Output] | None:
        """Return a query's result columns in order, or None if they are not known."""
        if scope.set_operation_scopes:
            return self._union_outputs(scope)
        if not isinstance(scope.expression, exp.Select) or renames_columns(scope.expression):
            return None
        outputs: list[Output] = []
        for selected in scope.expression.selects:
            if not selected.is_star:
                outputs.append((selected.alias_or_name, Expression(selected.unalias(), scope)))
                continue
            starred = self.starred(scope, selected)
            if starred is None:
                return None
            outputs += starred
        return outputs

    def follow(self, value: Value) -> Value | None:
        """Return the extract's column or the expression behind a value, or None if that is not known."""
        while isinstance(value, Expression):
            sql = value.sql.unnest()
            if not isinstance(sql, exp.Column):
                return Expression(sql, value.scope)
            source = self._resolve(sql, value.scope)
            if source is None:
                return None
            value = source
        return value

    def sources(self, expression: Value) -> list[SourceColumn] | None:
        """Return the extracts' columns that a value reads, or None if one of them is not known."""
        if isinstance(expression, SourceColumn):
            return [expression]
        if expression.sql.find(exp.Query, exp.UDTF, exp.Star) is not None:
            return None
        columns: dict[SourceColumn, None] = {}
        for column in expression.sql.find_all(exp.Column, bfs=False):
            value = self.follow(Expression(column, expression.scope))
            read = self.sources(value) if value is not None else None
            if read is None:
                return None
            columns.update(dict.fromkeys(read))
        return list(columns)

    def _union_outputs(self, scope: Scope) -> list[Output] | None:
        """Return the columns of a set operation; follow only those that are the same source column in every branch."""
        branches = [self.outputs(branch) for branch in rows_of(scope)]
        if len(branches) == 1:
            return branches[0]
        if any(branch is None for branch in branches) or renames_columns(scope.expression):
            return None
        return [
            (columns[0][0], self._common([value for _, value in columns], scope))
            for columns in zip(*[branch or [] for branch in branches], strict=False)
        ]

    def _common(self, values: list[Value], scope: Scope) -> Value:
        followed = [self.follow(value) for value in values]
        columns = tuple(value for value in followed if isinstance(value, SourceColumn))
        if len(columns) < len(followed) or len({(column.extract, column.column) for column in columns}) > 1:
            return Expression(scope.expression, scope)
        return replace(columns[0], branches=columns)

    def starred(self, scope: Scope, star: exp.Expr) -> list[Output] | None:
        """Return the columns that a star of a query expands to, or None if they are not known."""
        if scope.expression.args.get("laterals") or _excepts(star):
            return None
        wanted = star.table.lower() if isinstance(star, exp.Column) else ""
        outputs: list[Output] = []
        for name, (_, source) in scope.selected_sources.items():
            if not wanted or name.lower() == wanted:
                columns = self._columns(source, scope, name)
                if columns is None:
                    return None
                outputs += columns
        return outputs

    def _columns(self, source: exp.Expr | Scope, scope: Scope, alias: str) -> list[Output] | None:
        if not isinstance(source, exp.Expr):
            expression = source.expression
            names = expression.alias_column_names if isinstance(expression, exp.UDTF) else []
            return [(name, Expression(expression, source)) for name in names] or self.outputs(source)
        extract = self._extracts.get(source.name) if isinstance(source, exp.Table) else None
        if extract is None or source.args.get("pivots") or source.alias_column_names:
            return None
        columns = {**extract.columns, CLUSTER_COLUMN: "text"}
        return [(name, SourceColumn(source.name, name, kind, scope, alias)) for name, kind in columns.items()]

    def _resolve(self, column: exp.Column, scope: Scope) -> Value | None:
        matches: list[Value] = []
        for name, (_, source) in scope.selected_sources.items():
            if column.table and name.lower() != column.table.lower():
                continue
            columns = self._named(source, scope, name)
            if columns is None:
                return None
            matches += columns.get(column.name.lower(), ())
        return matches[0] if len(matches) == 1 else None

    def _named(self, source: exp.Expr | Scope, scope: Scope, alias: str) -> dict[str, list[Value]] | None:
        """Return a relation's columns by their names in lower case, or None if they are not known."""
        relation = (id(scope), alias)
        kept = self._by_name.get(relation)
        if kept is not None:
            return kept[1]
        columns = self._columns(source, scope, alias)
        by_name: dict[str, list[Value]] = {}
        for name, value in columns or ():
            by_name.setdefault(name.lower(), []).append(value)
        # The entry keeps the query alive, so that no other query gets its id().
        self._by_name[relation] = (scope, None if columns is None else by_name)
        return self._by_name[relation][1]


def renames_columns(query: exp.Expr) -> bool:
    """Return whether a subquery or CTE renames its columns, as in `AS t(a, b)`."""
    parent = query.parent
    alias = parent.args.get("alias") if isinstance(parent, exp.CTE | exp.Subquery) else None
    return isinstance(alias, exp.TableAlias) and bool(alias.columns)


def _excepts(star: exp.Expr) -> bool:
    return any(part.args.get(key) for part in star.find_all(exp.Star) for key in ("except_", "replace", "rename"))
