"""The text of a select that also returns which driving row each result row comes from."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.scope import traverse_scope
from sqlglot.tokenizer_core import TokenType

from catalog.driving_rows import Relation, aggregates, carries, returned
from catalog.lineage import Lineage, SourceColumn
from catalog.names import SOURCE_KEY, SOURCE_ROW

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlglot.optimizer.scope import Scope

    from catalog.models import Extract

_MARK = "select "


@dataclass
class _Level:
    """A query on the way of the driving rows, with the relation that holds them."""

    scope: Scope
    relation: Relation
    stars: bool = False
    inner: list[_Level] = field(default_factory=list)


class Tracer:
    """Traces one select, which `catalog check` has nothing to say about.

    Attributes:
        text: The select.
        driving: The extract whose rows become items.
    """

    def __init__(self, text: str, extracts: Mapping[str, Extract], driving: str) -> None:
        self._text = text
        self._driving = driving
        self._lineage = Lineage(extracts)
        places = dict(_select_places(text))
        # The comments lead from each query of the tree to its place in the text.
        tree = sqlglot.parse_one(
            _inserted(text, {end: f" /*{_MARK}{place}*/" for end, place in places.items()}), dialect="spark"
        )
        self._root = traverse_scope(tree)[-1]
        self._uses: dict[int, int] = {}
        for scope in self._root.traverse():
            for _, source in scope.selected_sources.values():
                self._uses[id(source)] = self._uses.get(id(source), 0) + 1

    def trace(self, key: Sequence[str]) -> str | None:
        """Return the select with `_source_row`, or None if a result row cannot be led back to one driving row.

        It has `_source_key` as well if the columns that the key's expressions read are known.
        """
        levels = self._levels(self._root)
        if levels is None:
            return None
        keys = [self._key_columns(level, positions) for level, positions in self._branches(levels, key)]
        has_key = all(keys)
        insertions: dict[int, str] = {}
        for (level, _), columns in zip(self._branches(levels, key), keys, strict=True):
            self._insert(level, columns if has_key else None, insertions)
        return _inserted(self._text, insertions)

    def plain_columns(self) -> dict[str, str]:
        """Return each result column that is one column of the driving row as it is, with that column."""
        outputs = self._lineage.outputs(self._root)
        ends = {(id(relation.scope), relation.name) for relation in self._ends(self._root)}
        plain = {}
        for name, value in outputs or ():
            followed = self._lineage.follow(value)
            if isinstance(followed, SourceColumn) and (id(followed.scope), followed.alias) in ends:
                plain[name] = followed.column
        return plain

    def _branches(self, levels: list[_Level], key: Sequence[str]) -> Iterator[tuple[_Level, list[int]]]:
        """Yield the outermost queries with the places of the key's attributes; those of a UNION go by place."""
        names = [name for name, _ in self._lineage.outputs(self._root) or ()]
        places = [names.index(name) for name in key if name in names]
        for level in levels:
            yield level, places if len(places) == len(key) else []

    def _levels(self, scope: Scope) -> list[_Level] | None:
        """Return the queries that hold the driving rows, one a branch of a UNION ALL, or None if they lose the row."""
        if scope.set_operation_scopes:
            union = scope.expression
            if not isinstance(union, exp.Union) or union.args.get("distinct"):
                return None
            levels: list[_Level] = []
            for branch in scope.set_operation_scopes:
                found = self._levels(branch)
                if found is None or any(level.stars for level in found):
                    return None  # a star's columns are at another place than those that are inserted
                levels += found
            return levels
        level = self._level(scope)
        return None if level is None else [level]

    def _level(self, scope: Scope) -> _Level | None:
        select = scope.expression
        if not isinstance(select, exp.Select) or select.args.get("distinct") or aggregates(select):
            return None
        if any(join.method for join in select.args.get("joins") or ()) or _mark_of(select) is None:
            return None
        ends = [relation for relation in _flat(scope) if carries(relation, self._driving)]
        kept = ends if len(ends) == 1 else [relation for relation in ends if relation.node is _first(scope)]
        if len(kept) != 1 or kept[0].node.args.get("pivots"):
            return None
        level = _Level(scope, kept[0], stars=_covers(select, kept[0].name))
        if level.stars and len(ends) > 1:
            return None
        if kept[0].query is not None:
            inner = self._levels(kept[0].query) if self._uses.get(id(kept[0].query)) == 1 else None
            if inner is None:
                return None
            level.inner = inner
        return level

    def _ends(self, scope: Scope) -> Iterator[Relation]:
        """Yield the driving extract where its rows enter the select."""
        if scope.set_operation_scopes:
            for branch in scope.set_operation_scopes:
                yield from self._ends(branch)
            return
        ends = [relation for relation in _flat(scope) if carries(relation, self._driving)]
        for relation in ends if len(ends) == 1 else [r for r in ends if r.node is _first(scope)]:
            if relation.query is not None:
                yield from self._ends(relation.query)
            else:
                yield relation

    def _key_columns(self, level: _Level, places: list[int]) -> list[SourceColumn] | None:
        """Return the columns that the key's expressions read, if one query on the way can name them all."""
        outputs = self._lineage.outputs(level.scope)
        if outputs is None or not places:
            return None
        columns: dict[SourceColumn, None] = {}
        for place in places:
            value = outputs[place][1]
            followed = self._lineage.follow(value)
            if followed is None:
                return None
            found = [followed] if isinstance(followed, SourceColumn) else self._lineage.sources(followed)
            if found is None:
                return None
            columns.update(dict.fromkeys(found))
        owners = {id(column.scope) for column in columns}
        if len(owners) != 1 or not owners <= {id(lower.scope) for lower in _down(level)}:
            return None
        return list(columns)

    def _insert(self, level: _Level, key: list[SourceColumn] | None, insertions: dict[int, str]) -> None:
        mark = _mark_of(level.scope.expression)
        if mark is None:
            return
        alias = _quoted(level.relation)
        columns = [] if level.stars else [f"{alias}.{SOURCE_ROW} AS {SOURCE_ROW}"]
        is_owner = key is not None and key[0].scope is level.scope
        if key is not None and is_owner:
            fields = ", ".join(f"{_quoted_name(level.scope, c.alias)}.{c.column}" for c in key)
            columns.append(f"struct({fields}) AS {SOURCE_KEY}")
        elif key is not None and not level.stars and not is_owner:
            columns.append(f"{alias}.{SOURCE_KEY} AS {SOURCE_KEY}")
        if columns:
            insertions[mark] = f" {', '.join(columns)},"
        for inner in level.inner:
            self._insert(inner, None if is_owner else key, insertions)


def _down(level: _Level) -> Iterator[_Level]:
    """Yield a query and those that it reads the driving rows from, while there is one way only."""
    yield level
    if len(level.inner) == 1:
        yield from _down(level.inner[0])


def _flat(scope: Scope) -> Iterator[Relation]:
    """Yield the relations of a query, those in brackets by themselves."""
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
    """Say whether a star of a select takes in all columns of a relation."""
    return any(
        isinstance(selected, exp.Star) or (isinstance(selected, exp.Column) and selected.table.lower() == alias.lower())
        for selected in select.selects
        if selected.is_star
    )


def _quoted(relation: Relation) -> str:
    return _quoted_name(relation.scope, relation.name)


def _quoted_name(scope: Scope, alias: str) -> str:
    return (
        f"`{alias}`" if any(i.quoted and i.name == alias for i in scope.expression.find_all(exp.Identifier)) else alias
    )


def _mark_of(select: exp.Expr) -> int | None:
    marks = [comment for comment in select.comments or () if comment.startswith(_MARK)]
    return int(marks[0].removeprefix(_MARK)) if marks else None


def _select_places(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each SELECT ends, and where its first column begins: behind its hint."""
    tokens = sqlglot.tokenize(text, dialect="spark")
    for token, after in itertools.pairwise(tokens):
        if token.token_type == TokenType.SELECT:
            last = after if after.token_type in (TokenType.HINT, TokenType.ALL) else token
            yield token.end + 1, last.end + 1


def _inserted(text: str, insertions: dict[int, str]) -> str:
    for place in sorted(insertions, reverse=True):
        text = text[:place] + insertions[place] + text[place:]
    return text
