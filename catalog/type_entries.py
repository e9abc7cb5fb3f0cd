"""Entries of the list of types: a type of the catalog, what `attributes` may declare, and a type of a database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# Characters that the text of a value may hold, for the proof of a key; catalog/key_text.py lists them.
# "any": every character; "none": two values can have one text.
KeyText = Literal["whole", "number", "date", "moment", "boolean", "uuid", "whole list", "any", "none"]
Cut = Literal["", "ranges", "sample"]


@dataclass(frozen=True, kw_only=True)
class CatalogType:
    """A type that the catalog may give a column.

    Attributes:
        name: The catalog's name; `numeric(p,s)` is every number of at most p digits with s decimals.
        attribute: The DynamoDB type of the attribute, unless `attributes` declares another.
        declarable: What `attributes` may declare.
        spark: Spark's name of the value's type. The jobs land a string and a bigint as the database sends them, and
            ValueReader.java makes every other value of a text.
        key_text: Characters of the value's text.
        postgres: SQL that makes the column `{}` leave PostgreSQL without a change of its value.
        mysql: The same for MySQL.
        rule: The sentences of docs/types.md.
        remark: The sentence that `catalog init` writes beside a column of the type.
    """

    name: str
    attribute: str
    spark: str
    key_text: KeyText
    rule: str
    declarable: tuple[str, ...] = ()
    postgres: str = "{}::text"
    mysql: str = "CAST({} AS CHAR)"
    remark: str = ""


@dataclass(frozen=True, kw_only=True)
class DeclaredType:
    """A type that `attributes` may declare, the DynamoDB type that it becomes, and its sentences in docs/types.md."""

    name: str
    attribute: str
    rule: str


@dataclass(frozen=True)
class DatabaseType:
    """A type of a database's column.

    Attributes:
        name: The database's name, without a length unless the length makes it another type.
        read_as: Catalog types that the column may have; `catalog init` proposes the first.
        cut: How MySQL's tables are cut if their primary key begins with the type.
        remark: The sentence that `catalog init` writes beside the column.
        comment: Words that follow the name in docs/types.md.
    """

    name: str
    read_as: tuple[str, ...]
    cut: Cut = ""
    remark: str = ""
    comment: str = ""
