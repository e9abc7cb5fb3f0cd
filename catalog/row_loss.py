"""Detection of joins and filters in a select that drop or multiply driving rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from catalog.driving_rows import Relation, aggregates, carries, relations, rows_of
from catalog.generators import DROP_EMPTY_LISTS, generator_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlglot.optimizer.scope import Scope

_FILTERS = {"where": "WHERE", "having": "HAVING", "qualify": "QUALIFY"}


@dataclass(frozen=True)
class Loss:
    """A part of a select that changes the number of driving rows.

    Attributes:
        node: The part, for its position.
        message: What it does, and what to write.
    """

    node: exp.Expr
    message: str


@dataclass(frozen=True)
class RowLoss:
    """Finds the parts of a select that drop or multiply rows.

    Attributes:
        driving: The extract whose rows become items.
        extracts: All extracts by name.
        may_filter: The catalog allows the select to drop some rows.
        groups: The catalog groups several rows into one item.
    """

    driving: str
    extracts: frozenset[str]
    may_filter: bool
    groups: bool

    def losses(self, scope: Scope, *, narrowed: bool = False) -> Iterator[Loss]:
        """Yield the parts that drop or multiply rows; `narrowed`: an outer query may undo a multiplication."""
        if scope.set_operation_scopes:
            yield from self._set_operation(scope, narrowed=narrowed)
            return
        select = scope.expression
        if isinstance(select, exp.Select):
            narrowed = narrowed or self._narrows(select)
            yield from self._filters(select)
            if not self.groups:
                yield from self._merges(select)
            yield from self._generators(select, narrowed=narrowed)
        yield from self._relations(select, scope, narrowed=narrowed)

    def _relations(self, query: exp.Expr, scope: Scope, *, narrowed: bool) -> Iterator[Loss]:
        kept: list[Relation] = []
        joined = list(relations(query, scope))
        for relation, join in joined:
            if join is not None:
                yield from self._join(join, relation, joined[0][0].name, kept, narrowed=narrowed)
            elif carries(relation, self.driving):
                kept.append(relation)
        for relation in kept:
            yield from self._inside(relation, narrowed=narrowed)

    def _inside(self, relation: Relation, *, narrowed: bool) -> Iterator[Loss]:
        for pivot in relation.node.args.get("pivots") or ():
            yield from self._dropped(relation.node, "UNPIVOT" if pivot.args.get("unpivot") else "PIVOT", _KEEP)
        if relation.bracket is not None:
            yield from self._relations(relation.bracket, relation.scope, narrowed=narrowed)
        elif relation.query is not None:
            yield from self.losses(relation.query, narrowed=narrowed)

    def _set_operation(self, scope: Scope, *, narrowed: bool) -> Iterator[Loss]:
        operation = scope.expression
        name = type(operation).__name__.upper()
        branches = rows_of(scope)
        carrying = [branch for branch in branches if carries(branch, self.driving)]
        if isinstance(operation, exp.Union):
            for branch in branches:
                if branch not in carrying:
                    yield Loss(
                        branch.expression, f"{name} adds rows that are not rows of {self.driving}'s: remove the branch"
                    )
            if len(carrying) > 1 and not narrowed and not self._all_narrow(carrying):
                yield Loss(carrying[-1].expression, f"{name} multiplies rows of {self.driving}: read it in one branch")
        if not isinstance(operation, exp.Union) or (operation.args.get("distinct") and not self.groups):
            yield from self._dropped(operation.expression, name, "write UNION ALL" if name == "UNION" else _KEEP)
        for branch in carrying:
            yield from self.losses(branch, narrowed=narrowed)

    def _all_narrow(self, branches: list[Scope]) -> bool:
        return all(isinstance(b.expression, exp.Select) and self._narrows(b.expression) for b in branches)

    def _narrows(self, select: exp.Select) -> bool:
        """Return whether a query can undo a multiplication in a way that the catalog allows."""
        filters = any(select.args.get(key) for key in (*_FILTERS, "distinct"))
        return (self.may_filter and filters) or (
            self.groups and (aggregates(select) or bool(select.args.get("distinct")))
        )

    def _filters(self, select: exp.Select) -> Iterator[Loss]:
        for key, name in _FILTERS.items():
            if select.args.get(key):
                yield from self._dropped(select.args[key], name, "put the condition into the extract's `where`")

    def _merges(self, select: exp.Select) -> Iterator[Loss]:
        advice = "declare which rows make one item with `cardinality: {group by: […]}`"
        if select.args.get("distinct"):
            yield from self._dropped(select, "DISTINCT", advice)
        if select.args.get("group"):
            yield from self._dropped(select.args["group"], "GROUP BY", advice)
        elif aggregates(select) and all(s.find(exp.AggFunc) or not s.find(exp.Column) for s in select.selects):
            yield from self._dropped(select, "an aggregate without GROUP BY", advice)

    def _generators(self, select: exp.Select, *, narrowed: bool) -> Iterator[Loss]:
        for lateral in select.args.get("laterals") or ():
            if not narrowed:
                yield self._multiplied(lateral, f"LATERAL VIEW {lateral.this.sql_name().lower()}", _LIST)
            if not lateral.args.get("outer"):
                yield from self._dropped(lateral, "LATERAL VIEW", "write LATERAL VIEW OUTER")
        for selected in select.selects:
            name = generator_name(selected)
            if name and not narrowed:
                yield self._multiplied(selected, f"{name}()", _LIST)
            if name in DROP_EMPTY_LISTS:
                yield from self._dropped(selected, f"{name}()", f"write {name}_outer()")

    def _join(
        self, join: exp.Join, right: Relation, first: str, kept: list[Relation], *, narrowed: bool
    ) -> Iterator[Loss]:
        """Yield how a join drops or multiplies rows, and leave in `kept` the relations whose rows it keeps."""
        has_left, has_right = bool(kept), carries(right, self.driving)
        if not (has_left or has_right):
            return
        side, kind, name = join.side.upper(), join.kind.upper(), _join_name(join)
        other = right.name if has_left else first
        if join.method.upper() == "NATURAL":
            yield Loss(join.this, f"{name} also joins on _cluster: write LEFT JOIN {other} ON …")
        if kind in ("SEMI", "ANTI"):
            yield from self._dropped(join.this, name, "put the condition into the extract's `where`")
            return
        keeps = (side == "LEFT" and has_left) or (side == "RIGHT" and has_right)
        lone = has_left and _is_single_row(right.query) and not (join.args.get("on") or join.args.get("using"))
        if not (lone or narrowed or _has_equality(join, right)):
            yield self._multiplied(join.this, name, f"join {other} on an equality with its columns")
        elif side and not keeps:
            yield Loss(join.this, f"{name} adds rows that are not rows of {self.driving}'s: {self._left_join(other)}")
        elif not (keeps or lone):
            yield from self._dropped(join.this, name, self._left_join(other))
        if not has_left or (side == "RIGHT" and has_right):
            kept[:] = [right]
        elif has_right and not (keeps or lone):
            kept.append(right)

    def _left_join(self, other: str) -> str:
        if other not in self.extracts:
            return f"write LEFT JOIN {other}"
        return f"write LEFT JOIN {other} and return `{other}._cluster IS NULL AS _unmatched_{other}`"

    def _dropped(self, node: exp.Expr, what: str, advice: str) -> Iterator[Loss]:
        if not self.may_filter:
            message = (
                f"{what} can drop rows of {self.driving}: {advice}, or allow a number of dropped rows with max_filtered"
            )
            yield Loss(node, message)

    def _multiplied(self, node: exp.Expr, what: str, advice: str) -> Loss:
        return Loss(node, f"{what} multiplies rows of {self.driving}: {advice}")


_KEEP = "return every row"
_LIST = "return the list as one attribute"
_NOT_OF_ONE_ROW = ("group", "having", "qualify", "laterals")


def _join_name(join: exp.Join) -> str:
    words = [word.upper() for word in (join.method, join.side, join.kind) if word and word.upper() != "OUTER"]
    return " ".join([*(words or ["INNER"]), "JOIN", join.this.alias_or_name]).rstrip()


def _is_single_row(query: Scope | None) -> bool:
    """Return whether a subquery always returns exactly one row: an aggregate without GROUP BY, or no FROM."""
    select = query.expression if query is not None else None
    if not isinstance(select, exp.Select) or any(select.args.get(key) for key in _NOT_OF_ONE_ROW):
        return False
    if any(generator_name(selected) for selected in select.selects):
        return False
    return aggregates(select) or not (select.args.get("from_") or select.args.get("where"))


def _has_equality(join: exp.Join, right: Relation) -> bool:
    """Return whether a join's condition, or the WHERE of an old join, fixes a column of the joined relation."""
    if join.args.get("using") or join.method:
        return True
    where = right.scope.expression.args.get("where")
    conditions = [join.args.get("on"), where.this if where is not None else None]
    return any(_fixes(condition, right.names) for condition in conditions if condition is not None)


def _fixes(condition: exp.Expr, names: frozenset[str]) -> bool:
    condition = condition.unnest()
    if isinstance(condition, exp.And):
        return _fixes(condition.left, names) or _fixes(condition.right, names)
    if isinstance(condition, exp.Or):
        return _fixes(condition.left, names) and _fixes(condition.right, names)
    if not isinstance(condition, exp.EQ | exp.NullSafeEQ | exp.In):
        return False
    # An unqualified column may be of either relation.
    return any(not column.table or column.table.lower() in names for column in condition.find_all(exp.Column))
