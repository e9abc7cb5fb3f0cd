"""Proof that a key's expression gives different source values different keys, and a null no key."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from catalog.key_text import BASE64, HEX, URL, Text, escaped, is_separable, text_of_type
from catalog.lineage import Expression, SourceColumn
from catalog.source_types import LISTS, TEXTS, WHOLE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from catalog.lineage import Lineage, Value

_LONGEST_SHOWN = 60
# Types that Spark names otherwise than the catalog.
_TARGETS = {"INT": "integer", "TIMESTAMP": "timestamp", "TEXT": "text", "BINARY": "bytes"}
# Casts that keep different values different, besides those to the same type or to text.
_WIDER = {
    ("smallint", "integer"), ("smallint", "bigint"), ("integer", "bigint"),
    ("smallint", "double"), ("integer", "double"), ("real", "double"),
    ("date", "timestamp"), ("timestamptz", "timestamp"), ("text", "bytes"),
}  # fmt: skip


class CollisionError(Exception):
    """Two source values can become one key, or this cannot be excluded."""


@dataclass(frozen=True)
class Proven:
    """A value that differs wherever its source values differ.

    Attributes:
        type: Its catalog type.
        text: The characters of its text; None if two values can have the same text.
    """

    type: str
    text: Text | None


class Prover:
    """Proves key expressions of one select.

    Attributes:
        lineage: Follows columns to the extracts.
        engines: The engine of each extract's clusters.
    """

    def __init__(self, lineage: Lineage, engines: Mapping[str, str]) -> None:
        self._lineage = lineage
        self._engines = engines

    def prove(self, value: Value, declared: str | None) -> None:
        """Prove a key attribute.

        Raises:
            CollisionError: Says what can make two source values one key.
        """
        proven = self._value(value)
        if declared == "epoch_seconds" and proven.type != "date":
            raise CollisionError("epoch_seconds drops the fraction of a second")
        if declared == "N" and proven.type in TEXTS:
            raise CollisionError("as N, the texts 1 and 1.0 are the same number; give the column the type numeric(p,s)")

    def _value(self, value: Value) -> Proven:
        if isinstance(value, SourceColumn):
            return self._column(value)
        sql = value.sql.unalias().unnest()
        if isinstance(sql, exp.Column):
            followed = self._lineage.follow(Expression(sql, value.scope))
            if followed is None:
                raise CollisionError(f"{sql.sql('spark')} cannot be followed to a column of an extract")
            return self._value(followed)
        for kinds, rule in self._rules():
            if isinstance(sql, kinds):
                return rule(sql, value)
        raise CollisionError(f"{_shown(sql)} can map two values to one")

    def _rules(
        self,
    ) -> list[tuple[type[exp.Expr] | tuple[type[exp.Expr], ...], Callable[[exp.Expr, Expression], Proven]]]:
        return [
            (exp.ConcatWs, self._concat_ws),
            (exp.Literal, lambda _, __: Proven("text", Text(frozenset()))),
            (exp.Cast, self._cast),
            ((exp.Concat, exp.DPipe), self._concat),
            (exp.Replace, self._replace),
            ((exp.Hex, exp.ToBase64, exp.JSONFormat, exp.Anonymous), self._code),
            ((exp.Query, exp.UDTF), self._query),
        ]

    def _column(self, column: SourceColumn) -> Proven:
        text = text_of_type(column.type)
        if column.type == "uuid" and self._engines.get(column.extract) != "aurora-postgresql":
            text = Text()  # a char of MySQL may be called uuid, and may hold anything
        return Proven(column.type, text)

    def _cast(self, sql: exp.Expr, value: Expression) -> Proven:
        inner = self._value(Expression(sql.this, value.scope))
        target = _target(sql.args["to"])
        if target == "text" and inner.text is not None:
            return Proven("text", inner.text)
        if target == inner.type or (inner.type, target) in _WIDER or _is_wider(inner.type, target):
            return Proven(target, inner.text if target != "bytes" else None)
        raise CollisionError(f"the cast of {inner.type} to {target} can map two values to one")

    def _concat(self, sql: exp.Expr, value: Expression) -> Proven:
        parts: list[Text | str] = []
        for part in _parts(sql):
            if isinstance(part, exp.Literal):
                parts.append(part.name)
                continue
            text = self._value(Expression(part, value.scope)).text
            if text is None:
                raise CollisionError(f"{_shown(part)} has no unique text; use hex() for bytes and to_json() for a list")
            parts.append(text)
        if not is_separable(parts):
            raise CollisionError("its parts are ambiguous: a part can contain the separator, or there is no separator")
        texts = [part for part in parts if isinstance(part, Text)]
        return Proven("text", texts[0] if len(parts) == 1 and texts else Text())

    def _replace(self, sql: exp.Expr, value: Expression) -> Proven:
        steps: list[tuple[str, str]] = []
        inner: exp.Expr = sql
        while isinstance(inner, exp.Replace):
            old, new = inner.args["expression"], inner.args.get("replacement")
            if not (isinstance(old, exp.Literal) and isinstance(new, exp.Literal)):
                raise CollisionError(f"{_shown(sql)} can map two values to one")
            steps.insert(0, (old.name, new.name))
            inner = inner.this.unnest()
        proven = self._value(Expression(inner, value.scope))
        text = escaped(proven.text, steps) if proven.text is not None else None
        if text is None:
            raise CollisionError(
                "replace() does not escape: first encode the escape character, then the separator, as in "
                "replace(replace(x, '%', '%25'), '#', '%23')"
            )
        return Proven("text", text)

    def _code(self, sql: exp.Expr, value: Expression) -> Proven:
        name = _name(sql)
        argument = sql.expressions[0] if isinstance(sql, exp.Anonymous) and sql.expressions else sql.this
        if not isinstance(argument, exp.Expr) or name not in ("hex", "base64", "to_json", "url_encode", "string"):
            raise CollisionError(f"{_shown(sql)} can map two values to one")
        inner = self._value(Expression(argument, value.scope))
        if name == "to_json" and inner.type in LISTS:
            return Proven("text", Text())
        if name == "hex" and inner.type in ("bytes", "text", "uuid", "json", *WHOLE):
            return Proven("text", Text(HEX))
        if name == "base64" and inner.type in ("bytes", "text", "uuid", "json"):
            return Proven("text", Text(BASE64))
        if name == "url_encode" and inner.type in ("text", "uuid", "json"):
            return Proven("text", Text(URL))
        raise CollisionError(f"{_shown(sql)} can map two values to one")

    def _concat_ws(self, sql: exp.Expr, value: Expression) -> Proven:  # noqa: ARG002 - as every rule
        raise CollisionError("concat_ws() skips nulls and does not escape the separator")

    def _query(self, sql: exp.Expr, value: Expression) -> Proven:  # noqa: ARG002 - as every rule
        raise CollisionError("its value comes from a subquery, a set operation or a table function")


def _parts(sql: exp.Expr) -> list[exp.Expr]:
    """Return the parts of concat() and ||, however they are nested."""
    sql = sql.unnest()
    if isinstance(sql, exp.Concat) and not isinstance(sql, exp.ConcatWs):
        return [part for argument in sql.expressions for part in _parts(argument)]
    if isinstance(sql, exp.DPipe):
        return [*_parts(sql.left), *_parts(sql.right)]
    return [sql]


def _target(target: exp.DataType) -> str:
    if target.this == exp.DataType.Type.DECIMAL:
        digits = [parameter.name for parameter in target.expressions]
        return f"numeric({','.join([*digits, '0'][:2])})" if digits else "numeric(10,0)"
    return _TARGETS.get(target.this.name, target.sql("spark").lower())


def _is_wider(source: str, target: str) -> bool:
    """Return whether a decimal keeps every digit of a number; a larger number becomes null and its row is rejected."""
    to = re.fullmatch(r"numeric\(\d+,(\d+)\)", target)
    of = re.fullmatch(r"numeric\(\d+,(\d+)\)", source)
    return to is not None and (source in WHOLE or (of is not None and int(of[1]) <= int(to[1])))


def _name(sql: exp.Expr) -> str | None:
    names: dict[type[exp.Expr], str] = {exp.ToBase64: "base64", exp.JSONFormat: "to_json", exp.Hex: "hex"}
    return str(sql.this).lower() if isinstance(sql, exp.Anonymous) else names.get(type(sql))


def _shown(sql: exp.Expr) -> str:
    text = sql.sql("spark")
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
