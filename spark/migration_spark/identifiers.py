"""Names of sources in SQL: every part quoted, so that `order` and `user` are names like any other."""

from __future__ import annotations


def quoted(name: str, mark: str) -> str:
    """Return a name as a quoted identifier."""
    return mark + name.replace(mark, mark * 2) + mark


def literal(name: str) -> str:
    """Return a name as a string literal."""
    return "'" + name.replace("'", "''") + "'"


def parts(source: str) -> tuple[str, str]:
    """Return a source's schema, empty if it has none, and its relation."""
    schema, _, relation = source.rpartition(".")
    return schema, relation
