"""Names that the catalog derives from a database's: snake_case columns, camelCase attributes, PascalCase tables."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot.dialects.spark import Spark

from catalog.determinism import WITHOUT_BRACKETS
from catalog.field_types import is_column_name, is_sql_name, source_parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_SHORTEST_TABLE_NAME = 3  # DynamoDB's
_LONGEST_NAME = 63  # PostgreSQL's, which an extract and a column have in the select
# Spark's keywords that need quotes as the name of a relation or a column, besides those that sqlglot knows.
# https://spark.apache.org/docs/latest/sql-ref-ansi-compliance.html#sql-keywords-optional-disabled-by-default
_SPARK_WORDS = {"BOTH", "BY", "CHECK", "EXCLUDE", "GROUP", "LEADING", "ORDER", "SETMINUS", "SORT", "TO", "TRAILING"}
_WORDS = {*Spark.Tokenizer.KEYWORDS, *_SPARK_WORDS, *map(str.upper, WITHOUT_BRACKETS)}


@dataclass(frozen=True)
class Naming:
    """The catalog's names for a source table: its extract, and columns and attributes by the database's names."""

    extract: str
    columns: Mapping[str, str]
    attributes: Mapping[str, str]

    def sql(self, column: str) -> str:
        """Return a column's name in the select."""
        return f"{quoted(self.extract)}.{quoted(self.columns[column])}"

    def free(self, wanted: str) -> str:
        """Return a name that no attribute has yet."""
        return unused(wanted, self.attributes.values())


def name_all(source: str, columns: Iterable[str]) -> Naming:
    """Return the names for a source table and its columns, each unique regardless of case, as Spark requires."""
    by_column: dict[str, str] = {}
    attributes: dict[str, str] = {}
    for column in sorted(columns, key=lambda name: not is_column_name(name)):
        by_column[column] = unused(column if is_column_name(column) else _word(column, "column"), by_column.values())
    for column in columns:
        attributes[column] = unused(attribute_name(by_column[column]), attributes.values())
    return Naming(extract_name(source), {name: by_column[name] for name in columns}, attributes)


def extract_name(source: str) -> str:
    """Return the extract for a source table: `userAccount` becomes `user_account`."""
    table = source_parts(source)[1]
    return table if is_sql_name(table) else _word(table, "source")


def attribute_name(column: str) -> str:
    """Return the attribute for a column: `rate_plan_code` becomes `ratePlanCode`."""
    first, *others = _words(column.lower() if column.isupper() else column)
    return first[0].lower() + first[1:] + "".join(word[0].upper() + word[1:] for word in others)


def table_name(source: str) -> str:
    """Return the DynamoDB table for a source table: `base_rate` becomes `BaseRate`."""
    name = "".join(word[0].upper() + word[1:] for word in _words(source))
    return name if len(name) >= _SHORTEST_TABLE_NAME else f"{name}Table"


def unused(wanted: str, taken: Iterable[str]) -> str:
    """Return a name, with a number appended if it differs from a taken one only by case."""
    folded = {name.lower() for name in taken}
    name, number = wanted, 1
    while name.lower() in folded:
        number += 1
        name = f"{wanted[: _LONGEST_NAME - len(str(number)) - 1]}_{number}"
    return name


def quoted(name: str) -> str:
    """Return a name as the select writes it: quoted if it is a keyword of Spark."""
    return f"`{name}`" if name.upper() in _WORDS else name


def _word(name: str, otherwise: str) -> str:
    """Return a name reduced to lower-case letters, digits and _."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss")).encode("ascii", "ignore").decode()
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", plain)
    word = re.sub(r"[^a-z0-9]+", "_", parted.lower()).strip("_")[: _LONGEST_NAME - 1].rstrip("_") or otherwise
    return f"c{word}" if word[0].isdigit() else word


def _words(name: str) -> list[str]:
    words = [word for word in name.split("_") if word] or ["column"]
    # An attribute begins with a letter.
    return words if words[0][0].isalpha() else ["c" + words[0], *words[1:]]
