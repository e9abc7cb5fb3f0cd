"""Analysis of a table's select as SQL: its result columns, unknown names, and functions that are not deterministic.

Spark itself does not run. What only Spark can detect (types of expressions, arguments of functions) fails Bootstrap.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError
from sqlglot.optimizer.scope import Scope, traverse_scope

from catalog import determinism
from catalog.field_types import CLUSTER_COLUMN, closest
from catalog.lineage import Expression, Lineage, SourceColumn
from catalog.located_yaml import Finding, Steps

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from catalog.lineage import Value
    from catalog.models import Extract


@dataclass
class Select:
    """A select's result columns and problems.

    Attributes:
        columns: The result's columns, each with its catalog type if it is an unchanged source column, else None.
        known: Whether `columns` holds all of them.
        findings: The problems.
        scope: The outermost query; None if the text cannot be parsed, or reads anything but extracts.
        lineage: Follows columns to the extracts.
    """

    columns: dict[str, str | None] = field(default_factory=dict)
    known: bool = False
    findings: list[Finding] = field(default_factory=list)
    scope: Scope | None = None
    lineage: Lineage = field(default_factory=lambda: Lineage({}))

    def value(self, attribute: str) -> Value | None:
        """Return the value of a result column, or None if it is not known."""
        outputs = self.lineage.outputs(self.scope) if self.scope is not None else None
        return next((value for name, value in outputs or () if name == attribute), None)


def read_select(text: str, extracts: Mapping[str, Extract], steps: Steps) -> Select:
    """Return a select's columns and problems; `steps` lead to it in its file."""
    try:
        trees = [tree for tree in sqlglot.parse(text, dialect="spark") if tree is not None]
    except ParseError as error:
        said = error.errors[0]
        message = f"is not SQL that Spark reads, near {said['highlight']!r}"
        column = max(1, said["col"] - len(said["highlight"]) + 1)
        return Select(findings=[Finding(steps, message, text_line=said["line"], text_column=column)])
    except SqlglotError as error:
        return Select(findings=[Finding(steps, f"is not SQL that Spark reads: {str(error).splitlines()[0]}")])
    if len(trees) != 1 or not isinstance(trees[0], exp.Query):
        return Select(findings=[Finding(steps, "must be one SELECT")])
    if text.rstrip().endswith(";"):
        return Select(findings=[Finding(steps, "must not end with ;: the jobs embed it in a query of their own")])
    tree = trees[0].unnest()
    if any(with_.recursive for with_ in tree.find_all(exp.With)):
        return Select(findings=[Finding(steps, "must not be recursive: the jobs' Spark has no WITH RECURSIVE")])
    select = Select(findings=list(determinism.in_select(tree, text, steps)), lineage=Lineage(extracts))
    try:
        scopes = traverse_scope(tree)
        for scope in scopes:
            _ = scope.selected_sources  # raises where two relations have one name
            select.findings += _unknown_tables(scope, extracts, steps)
            select.findings += _unknown_columns(scope, extracts, steps)
        if scopes:
            reads_others = any(True for scope in scopes for _ in _unknown_tables(scope, extracts, steps))
            select.scope = None if reads_others else scopes[-1]
            _read_result(select, scopes[-1], steps)
    except SqlglotError as error:
        name = str(error).splitlines()[0].removeprefix("Alias already used: ")
        message = f"two relations of a FROM have the name {name!r}: give each its own name"
        select.findings.append(Finding(steps, message))
        select.scope = None
    return select


def _read_result(select: Select, scope: Scope, steps: Steps) -> None:
    """Fill in the columns of the outermost select."""
    outermost = scope
    while outermost.set_operation_scopes:
        outermost = outermost.set_operation_scopes[0]
    select.known = True
    selects = outermost.expression.selects if isinstance(outermost.expression, exp.Query) else []
    for number, selected in enumerate(selects, start=1):
        name = selected.alias_or_name
        if selected.is_star:
            columns = select.lineage.starred(outermost, selected)
            select.known = select.known and columns is not None
            repeated = [] if _uses(outermost) else [name for name, _ in columns or () if _like(select, name)]
            select.findings += [at_node(selected, steps, f"returns {name} twice") for name in repeated]
            select.columns.update({name: _type(select.lineage.follow(value)) for name, value in columns or ()})
        elif not name:
            select.findings.append(
                Finding(steps, f"result column {number} ({selected.sql('spark')}) has no name: add AS and a name")
            )
        elif (like := _like(select, name)) is not None:
            message = (
                f"returns {name} twice"
                if like == name
                else f"returns {like} and {name}, which Spark cannot distinguish: rename one"
            )
            select.findings.append(at_node(selected, steps, message))
        else:
            select.columns[name] = _type(select.lineage.follow(Expression(selected.unalias(), outermost)))


def _type(value: Value | None) -> str | None:
    return value.type if isinstance(value, SourceColumn) else None


def _like(select: Select, name: str) -> str | None:
    """Return the earlier column whose name differs from this one at most by case."""
    return next((other for other in select.columns if other.lower() == name.lower()), None)


def _uses(scope: Scope) -> bool:
    """Return whether a join merges columns with USING."""
    return any(join.args.get("using") for join in scope.expression.args.get("joins") or ())


def _columns(source: exp.Expr | Scope, extracts: Mapping[str, Extract]) -> set[str] | None:
    """Return the names of the columns of a table or subquery of a FROM, or None if they are not known."""
    if isinstance(source, exp.Table):
        extract = extracts.get(source.name)
        return None if extract is None else {*extract.columns, CLUSTER_COLUMN}
    if isinstance(source, Scope) and isinstance(source.expression, exp.Query):
        selects = source.expression.selects
        return None if any(s.is_star for s in selects) else {s.alias_or_name for s in selects}
    return None


def _unknown_tables(scope: Scope, extracts: Mapping[str, Extract], steps: Steps) -> Iterator[Finding]:
    for source in scope.sources.values():
        if isinstance(source, exp.Table) and source.name and (source.db or source.name not in extracts):
            name = f"{source.db}.{source.name}" if source.db else source.name
            message = f"reads {name!r}, which is not an extract (there are {', '.join(extracts)})"
            yield at_node(source, steps, message, closest(source.name, extracts))


def _unknown_columns(scope: Scope, extracts: Mapping[str, Extract], steps: Steps) -> Iterator[Finding]:
    aliases = {s.alias for s in scope.expression.selects} if isinstance(scope.expression, exp.Query) else set()
    for column in scope.columns:
        # A subquery's own columns are checked with it, and only Spark knows the fields of a struct.
        if column.find_ancestor(exp.Select, exp.SetOperation) is not scope.expression or len(column.parts) > 2:  # noqa: PLR2004 - table and column
            continue
        if column.table:
            source = _source(scope, column.table)
            if source is None:
                # A misspelt table is reported where it is read, not again for each of its columns.
                if _is_struct(scope, column.table, aliases, extracts):
                    continue
                there = list(scope.sources)
                message = f"{column.sql('spark')}: {column.table!r} is not read here (there are {', '.join(there)})"
                yield at_node(column.args["table"], steps, message, closest(column.table, there))
                continue
            known = [_columns(source, extracts)]
        else:
            known = [_columns(source, extracts) for source in _all_sources(scope)]
        if None in known:
            continue
        names = {name for columns in known if columns is not None for name in columns}
        # Spark's names have no case, and a select may use its own columns further on.
        if column.name.lower() not in {name.lower() for name in (*names, *(() if column.table else aliases))}:
            where = f"{column.table} has no column" if column.table else "no extract here has a column"
            message = f"{where} {column.name!r} among those that the catalog reads"
            yield at_node(column, steps, message, closest(column.name, names))


def _is_struct(scope: Scope, name: str, aliases: set[str], extracts: Mapping[str, Extract]) -> bool:
    """Return whether a qualifier may be a struct column, whose fields only Spark knows, or that of an unknown table."""
    columns = [_columns(source, extracts) for source in _all_sources(scope)]
    return name in aliases or any(known is None or name in known for known in columns)


def _source(scope: Scope | None, name: str) -> exp.Expr | Scope | None:
    while scope is not None:
        for known, source in scope.sources.items():
            if known.lower() == name.lower():
                return source
        scope = scope.parent
    return None


def _all_sources(scope: Scope | None) -> Iterator[exp.Expr | Scope]:
    while scope is not None:
        yield from scope.sources.values()
        scope = scope.parent


def at_node(node: exp.Expr, steps: Steps, message: str, suggestion: str | None = None) -> Finding:
    """Return a finding at the position of the first name in a part of a select."""
    meta = next((i.meta for i in node.find_all(exp.Identifier) if "line" in i.meta), {})
    column = meta["col"] - (meta["end"] - meta["start"]) if "col" in meta else None
    return Finding(steps, message, suggestion, text_line=meta.get("line"), text_column=column)
