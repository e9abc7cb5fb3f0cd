"""Catalog types of a live schema's columns; docs/types.md explains them.

The jobs have lists of their own of what may be called what, and a test holds these against them.
"""

from __future__ import annotations

import re

from catalog.field_types import MAX_NUMERIC_DIGITS

_WHOLE = ("smallint", "integer", "bigint")
_POSTGRES = {
    **{name: name for name in (*_WHOLE, "real", "boolean", "date", "uuid", "json", "text", "numeric")},
    "double precision": "double",
    "timestamp without time zone": "timestamp",
    "timestamp with time zone": "timestamptz",
    "bytea": "bytes",
    "jsonb": "json",
    **dict.fromkeys(
        ("character varying", "character", "citext", "name", "enum", "time without time zone", "time with time zone"),
        "text",
    ),
    **dict.fromkeys(
        ("interval", "bit", "bit varying", "inet", "cidr", "macaddr", "macaddr8", "xml"),
        "text",
    ),
    **{f"{name}[]": "bigint[]" for name in _WHOLE},
    **{
        f"{name}[]": "text[]"
        for name in ("text", "character varying", "character", "citext", "name", "uuid", "numeric", "enum")
    },
}
_MYSQL = {
    "tinyint(1)": "boolean",
    "bit(1)": "boolean",
    **dict.fromkeys(("tinyint", "tinyint unsigned", "smallint", "year"), "smallint"),
    **dict.fromkeys(("smallint unsigned", "mediumint", "mediumint unsigned", "int"), "integer"),
    **dict.fromkeys(("int unsigned", "bigint"), "bigint"),
    "bigint unsigned": "numeric(20,0)",
    **dict.fromkeys(("decimal", "decimal unsigned"), "numeric"),
    **dict.fromkeys(("float", "float unsigned"), "real"),
    **dict.fromkeys(("double", "double unsigned"), "double"),
    "date": "date",
    "datetime": "timestamp",
    "timestamp": "timestamptz",
    **dict.fromkeys(("time", "char", "varchar", "enum", "set"), "text"),
    **dict.fromkeys(("tinytext", "text", "mediumtext", "longtext"), "text"),
    "json": "json",
    **dict.fromkeys(("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"), "bytes"),
    "uuid": "uuid",
}
_BY_ENGINE = {"aurora-postgresql": _POSTGRES, "aurora-mysql": _MYSQL}
_DIGITS = re.compile(r"^(?:numeric|decimal)\((\d+)(?:,(\d+))?\)")


def catalog_type(engine: str, database_type: str) -> str | None:
    """Return what the catalog calls a column of a database's type, or None if no mapping exists for it."""
    type_name = database_type.lower()
    kind = _BY_ENGINE[engine].get(plain(type_name))
    digits = _DIGITS.match(type_name)
    if kind == "numeric" and digits is not None and "[]" not in type_name:
        precision, scale = int(digits[1]), int(digits[2] or 0)
        # What has more digits than a number of DynamoDB keeps its text.
        return f"numeric({precision},{scale})" if precision <= MAX_NUMERIC_DIGITS and scale <= precision else "numeric"
    return kind


def plain(database_type: str) -> str:
    """Return a type's name without its lengths, but for the two whose length makes them another type."""
    if database_type in ("tinyint(1)", "bit(1)"):
        return database_type
    return " ".join(re.sub(r"\([^)]*\)| zerofill", "", database_type).split())
