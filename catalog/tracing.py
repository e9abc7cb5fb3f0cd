"""Tracing of result rows to driving rows: a select's text that also returns the driving row of each result row."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.scope import traverse_scope
from sqlglot.tokenizer_core import TokenType

from catalog.field_types import SOURCE_KEY, SOURCE_ROW
from catalog.lineage import Lineage, SourceColumn
from catalog.row_paths import RowPaths

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlglot.optimizer.scope import Scope

    from catalog.driving_rows import Relation
    from catalog.models import Extract
    from catalog.row_paths import Level

_MARK = "select "


class Tracer:
    """Traces one select, in which `catalog check` has no problems.

    Attributes:
        text: The select.
        driving: The extract whose rows become items.
    """

    def __init__(self, text: str, extracts: Mapping[str, Extract], driving: str) -> None:
        self._text = text
        self._lineage = Lineage(extracts)
        # The comments map each query of the tree to the offset of its first column in the text.
        marks = {end: f" /*{_MARK}{first_column}*/" for end, first_column in _select_offsets(text)}
        tree = sqlglot.parse_one(_inserted(text, marks), dialect="spark").unnest()
        self._root = traverse_scope(tree)[-1]
        self._paths = RowPaths(self._root, driving)

    def trace(self, key: Sequence[str]) -> str | None:
        """Return the select with `_source_row`, or None if a result row cannot be traced to one driving row.

        The select also returns `_source_key` if the columns that the key's expressions read are known.
        """
        levels = self._paths.levels(self._root)
        if levels is None:
            return None
        positions = self._positions(key)
        keys = [(level, self._key_columns(level, positions)) for level in levels]
        has_all = all(columns for _, columns in keys)
        insertions: dict[int, str] = {}
        for level, columns in keys:
            self._insert(level, columns if has_all else None, insertions)
        return _inserted(self._text, insertions)

    def plain_columns(self) -> dict[str, str]:
        """Return each result column that is an unchanged column of the driving row, with that column."""
        outputs = self._lineage.outputs(self._root)
        ends = {(id(relation.scope), relation.name) for relation in self._paths.ends(self._root)}
        plain = {}
        for name, value in outputs or ():
            followed = self._lineage.follow(value)
            if isinstance(followed, SourceColumn) and followed.is_of(ends):
                plain[name] = followed.column
        return plain

    def _positions(self, key: Sequence[str]) -> list[int]:
        """Return the positions of the key's attributes among the result columns; empty if one is missing."""
        names = [name for name, _ in self._lineage.outputs(self._root) or ()]
        positions = [names.index(name) for name in key if name in names]
        return positions if len(positions) == len(key) else []

    def _key_columns(self, level: Level, positions: list[int]) -> list[SourceColumn] | None:
        """Return the columns that the key's expressions read, if one query on the path can name them all."""
        outputs = self._lineage.outputs(level.scope) or []  # known wherever a position is
        columns: dict[SourceColumn, None] = {}
        for position in positions:
            value = self._lineage.follow(outputs[position][1])
            sources = self._lineage.sources(value) if value is not None else None
            if sources is None:
                return None
            columns.update(dict.fromkeys(sources))
        owners = {id(column.scope) for column in columns}
        if len(owners) != 1 or not owners <= {id(lower.scope) for lower in level.path()}:
            return None
        return list(columns)

    def _insert(self, level: Level, key: list[SourceColumn] | None, insertions: dict[int, str]) -> None:
        alias = _quoted(level.relation)
        columns = [] if level.stars else [f"{alias}.{SOURCE_ROW} AS {SOURCE_ROW}"]
        is_owner = key is not None and key[0].scope is level.scope
        if key is not None and is_owner:
            fields = ", ".join(
                f"{_quoted_name(level.scope, c.alias)}.{_quoted_name(level.scope, c.column)}" for c in key
            )
            columns.append(f"struct({fields}) AS {SOURCE_KEY}")
        elif key is not None and not level.stars and not is_owner:
            columns.append(f"{alias}.{SOURCE_KEY} AS {SOURCE_KEY}")
        if columns:
            insertions[_first_column(level.scope.expression)] = f" {', '.join(columns)},"
        for inner in level.inner:
            self._insert(inner, None if is_owner else key, insertions)


def _quoted(relation: Relation) -> str:
    return _quoted_name(relation.scope, relation.name)


def _quoted_name(scope: Scope, alias: str) -> str:
    return (
        f"`{alias}`" if any(i.quoted and i.name == alias for i in scope.expression.find_all(exp.Identifier)) else alias
    )


def _first_column(select: exp.Expr) -> int:
    """Return the offset of a query's first column in the text."""
    return next(int(comment.removeprefix(_MARK)) for comment in select.comments or () if comment.startswith(_MARK))


def _select_offsets(text: str) -> Iterator[tuple[int, int]]:
    """Yield the offset of each SELECT's end, and that of its first column, which follows any hint."""
    tokens = sqlglot.tokenize(text, dialect="spark")
    for token, after in itertools.pairwise(tokens):
        if token.token_type == TokenType.SELECT:
            last = after if after.token_type in (TokenType.HINT, TokenType.ALL) else token
            yield token.end + 1, last.end + 1


def _inserted(text: str, insertions: dict[int, str]) -> str:
    for offset in sorted(insertions, reverse=True):
        text = text[:offset] + insertions[offset] + text[offset:]
    return text
