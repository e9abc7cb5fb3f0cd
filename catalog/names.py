"""The kinds of name and text a catalog may hold."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

SqlName = Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_]{0,62}$")]
SourceName = Annotated[str, StringConstraints(pattern=r"^([a-z_][a-z0-9_]{0,62}\.)?[a-z_][a-z0-9_]{0,62}$")]
# An RDS identifier has at most 63 characters; the clone appends "-clone-1".
ClusterName = Annotated[str, StringConstraints(pattern=r"^[a-z](-?[a-z0-9]){0,54}$")]
DomainName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
# DynamoDB allows 3-255 characters; "-rehearsal" takes ten of them.
TableName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{3,245}$")]
AttributeName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,254}$")]
StreamName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,128}$")]

MAX_NUMERIC_DIGITS = 38  # DynamoDB's N and Spark's decimal both end there
_SIMPLE_TYPES = frozenset(
    {"text", "uuid", "integer", "bigint", "smallint", "numeric", "double", "real", "boolean"}
    | {"date", "timestamp", "timestamptz", "json", "bytes", "text[]", "bigint[]"}
)
_NUMERIC = re.compile(r"^numeric\((\d+),(\d+)\)$")


def _known_column_type(value: str) -> str:
    """Return the column type, or refuse one that no mapping exists for."""
    if value in _SIMPLE_TYPES:
        return value
    numeric = _NUMERIC.match(value.replace(" ", ""))
    if numeric is None:
        known = ", ".join(sorted(_SIMPLE_TYPES | {"numeric(p,s)"}))
        raise ValueError(f"unknown column type {value!r}; known are {known}")
    precision, scale = int(numeric[1]), int(numeric[2])
    if not 1 <= precision <= MAX_NUMERIC_DIGITS or scale > precision:
        raise ValueError(f"{value}: precision must be 1 to {MAX_NUMERIC_DIGITS} and scale at most the precision")
    return f"numeric({precision},{scale})"


ColumnType = Annotated[str, AfterValidator(_known_column_type)]


class Entry(BaseModel):
    """Base of every catalog model: frozen, and a misspelt key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")
