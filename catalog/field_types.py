"""Types of the catalog's fields: names, texts and column types."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, WithJsonSchema

from catalog.column_types import CATALOG_TYPES, MAX_NUMERIC_DIGITS

if TYPE_CHECKING:
    from collections.abc import Iterable

_SQL = r"^[a-z_][a-z0-9_]{0,62}$"
# The select uses a column's name in Spark; PostgreSQL's names have at most 63 bytes.
_COLUMN = r"^[A-Za-z_][A-Za-z0-9_]{0,62}$"
# A part of a source's name is any text; one with a dot or a double quote is written in double quotes.
_PART = r"""("([^"\x00-\x1f\x7f]|""){1,64}"|[^\s."\x00-\x1f\x7f]([^."\x00-\x1f\x7f]{0,62}[^\s."\x00-\x1f\x7f])?)"""
_SOURCE = rf"^({_PART}\.)?{_PART}$"
# An RDS identifier has at most 63 characters; the clone appends "-clone-1".
_CLUSTER = r"^[a-z](-?[a-z0-9]){0,54}$"
_DOMAIN = r"^[a-z][a-z0-9-]{0,30}$"
# DynamoDB allows 3-255 characters; "-rehearsal" takes ten of them.
_TABLE = r"^[A-Za-z0-9_.-]{3,245}$"
_INDEX = r"^[A-Za-z0-9_.-]{3,255}$"
_ATTRIBUTE = r"^[A-Za-z][A-Za-z0-9_.-]{0,254}$"
_STREAM = r"^[A-Za-z0-9_.-]{1,128}$"
# A left-out column is only compared with the database's list, where its name may need quotes.
_ANY_COLUMN = r"^[^\x00-\x1f\x7f]{1,64}$"
_KEY_PREFIX = r"^[^\x00-\x1f\x7f]{1,255}$"
# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_SSESpecification.html takes a key ID too, which
# says neither account nor region.
KMS_KEY = r"^(arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]{1,256}|alias/[A-Za-z0-9/_-]{1,250})$"
# The description of each pattern, for the message about a text that does not match.
MEANINGS = {
    _SQL: "an SQL name: lower-case letters, digits and _, not beginning with a digit",
    _COLUMN: "letters, digits and _, not beginning with a digit, at most 63; database_names has the database's name",
    _SOURCE: 'a table\'s name, or schema.table, each at most 64 characters, one with a dot in double quotes: "a.b"',
    _CLUSTER: "a cluster identifier: lower-case letters, digits, single hyphens, beginning with a letter, at most 55",
    _DOMAIN: "a domain's name: lower-case letters, digits and hyphens, beginning with a letter, at most 31",
    _TABLE: "a DynamoDB table's name: 3 to 245 letters, digits, _, . and -",
    _INDEX: "an index's name: 3 to 255 letters, digits, _, . and -",
    _ATTRIBUTE: "an attribute's name: letters, digits, _, . and -, beginning with a letter",
    _STREAM: "a Kinesis stream's name: 1 to 128 letters, digits, _, . and -",
    _ANY_COLUMN: "a column's name: 1 to 64 characters",
    _KEY_PREFIX: "how a key begins: 1 to 255 characters",
    KMS_KEY: "a KMS key: the key's ARN, or alias/ and the alias",
}

SqlName = Annotated[str, StringConstraints(pattern=_SQL)]
ColumnName = Annotated[str, StringConstraints(pattern=_COLUMN)]
SourceName = Annotated[str, StringConstraints(pattern=_SOURCE)]
ClusterName = Annotated[str, StringConstraints(pattern=_CLUSTER)]
TableName = Annotated[str, StringConstraints(pattern=_TABLE)]
IndexName = Annotated[str, StringConstraints(pattern=_INDEX)]
AttributeName = Annotated[str, StringConstraints(pattern=_ATTRIBUTE)]
StreamName = Annotated[str, StringConstraints(pattern=_STREAM)]
KeyPrefix = Annotated[str, StringConstraints(pattern=_KEY_PREFIX)]
AnyColumn = Annotated[str, StringConstraints(pattern=_ANY_COLUMN)]
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Tagging.html
TagValue = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9 +=.:/@_-]*$", max_length=256)]

_COLUMN_TYPES = sorted(kind.name for kind in CATALOG_TYPES if "(" not in kind.name)
_PARTS = re.compile(r'"(?:[^"]|"")+"|[^."]+')
_NUMERIC = re.compile(r"^numeric\((\d+),(\d+)\)$")

CLUSTER_COLUMN, SOURCE_ROW, SOURCE_KEY = "_cluster", "_source_row", "_source_key"
UNMATCHED = "_unmatched_"


def is_reserved(column: str) -> bool:
    """Return whether the jobs reserve a column's name for a column of their own."""
    return column in (CLUSTER_COLUMN, SOURCE_ROW, SOURCE_KEY) or column.startswith(UNMATCHED)


def is_sql_name(text: str) -> bool:
    """Return whether the catalog can use a name as it is."""
    return re.fullmatch(_SQL, text) is not None


def is_source_name(text: str) -> bool:
    """Return whether the catalog can use a table's name as it is, with or without its schema."""
    return re.fullmatch(_SOURCE, text) is not None


def is_column_name(text: str) -> bool:
    """Return whether the catalog can use a column's name as it is."""
    return re.fullmatch(_COLUMN, text) is not None and not is_reserved(text.lower())


def source_name(schema: str, table: str) -> str:
    """Return the catalog's name of a table; `schema` is empty for the default schema."""
    return ".".join(_part(name) for name in (schema, table) if name)


def source_parts(source: str) -> tuple[str, str]:
    """Return a source's schema (empty if it has none) and its table, as the database names them."""
    parts = [part[1:-1].replace('""', '"') if part[:1] == '"' else part for part in _PARTS.findall(source)]
    return ".".join(parts[:-1]), parts[-1]


def _part(name: str) -> str:
    doubled = name.replace('"', '""')
    return name if re.fullmatch(rf"^{_PART}$", name) and name[:1] != '"' else f'"{doubled}"'


def is_domain_name(text: str) -> bool:
    """Return whether a text can be a domain's name."""
    return re.match(_DOMAIN, text) is not None


def closest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that is closest to a misspelt one, or None."""
    by_small = {name.lower(): name for name in known}
    matches = difflib.get_close_matches(word.lower(), by_small, n=1, cutoff=0.6)
    return by_small[matches[0]] if matches else None


def _known_column_type(value: str) -> str:
    """Return the column type in its normal form; raise ValueError if no mapping exists for it."""
    if value in _COLUMN_TYPES:
        return value
    numeric = _NUMERIC.match(value.replace(" ", ""))
    if numeric is None:
        known = [*_COLUMN_TYPES, "numeric(p,s)"]
        like = closest(value, known)
        meant = f"did you mean {like!r}?" if like else f"known are {', '.join(known)}"
        raise ValueError(f"unknown column type {value!r}; {meant}")
    precision, scale = int(numeric[1]), int(numeric[2])
    if not 1 <= precision <= MAX_NUMERIC_DIGITS or scale > precision:
        raise ValueError(f"{value}: precision must be 1 to {MAX_NUMERIC_DIGITS} and scale at most the precision")
    return f"numeric({precision},{scale})"


def _free_tag_key(value: str) -> str:
    """Return the tag's key; raise ValueError if AWS or this system reserves it."""
    if value.startswith(("aws:", "migration:")):
        raise ValueError(f"the tag {value!r} begins with aws: or migration:, which are reserved")
    return value


def _own_domain(value: str) -> str:
    """Return the domain's name; raise ValueError if its state machine would get another one's name."""
    if value.startswith("verify-") or value.endswith("-catch-up"):
        raise ValueError(f"the domain {value!r} begins with verify- or ends with -catch-up, which are reserved")
    return value


DomainName = Annotated[str, StringConstraints(pattern=_DOMAIN), AfterValidator(_own_domain)]
TagKey = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9 +=.:/@_-]+$", max_length=128), AfterValidator(_free_tag_key)
]
ColumnType = Annotated[
    str,
    AfterValidator(_known_column_type),
    WithJsonSchema({"anyOf": [{"enum": _COLUMN_TYPES}, {"type": "string", "pattern": r"^numeric\(\d+, ?\d+\)$"}]}),
]


class Entry(BaseModel):
    """Base of every catalog model: frozen, and a misspelt key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
