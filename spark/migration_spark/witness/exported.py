"""Comparison of the sample with the export: the select's result over the sampled rows, and their keys' lines."""

from __future__ import annotations

import base64
import datetime as dt
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, DateType, IntegralType, TimestampType

from migration_spark import jvm_functions
from migration_spark.attribute_kinds import excluded, expires, kinds_of
from migration_spark.witness.values import document, number, same_document, same_real, shown

if TYPE_CHECKING:
    from pyspark.sql import Column as Expression
    from pyspark.sql import DataFrame
    from pyspark.sql.types import DataType

    from migration_spark.spec import Table

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
_ABSENT = "(absent)"
_DAY_SECONDS = 86_400
# DynamoDB never deletes an item whose time is more than five years ago; AWS does not mention leap days.
_DELETED_WITHIN_SECONDS = 5 * 365 * _DAY_SECONDS
# An attribute as its type and value, or None if it is absent.
Attribute = "tuple[str, Any] | None"


@dataclass(frozen=True)
class ExpectedItem:
    """Item that a sampled row should become."""

    cluster: str
    hash: int
    expires: int | None
    attributes: dict[str, Any]


def encoded(table: Table, result: DataFrame) -> DataFrame:
    """Return for every row whether it can become an item, its cluster, and its key's hash, expiry and attributes."""
    values = [
        _encoded(name, kind, result.schema[name].dataType).alias(f"v{n}")
        for n, (name, kind) in enumerate(kinds_of(table, result).items())
    ]
    # A single step, since Spark analyses each step again.
    accepted = jvm_functions.rejection(table, result).isNull()
    hashed = F.when(accepted, jvm_functions.source_marks(table, result)["k1"])
    return result.select(accepted.alias("_accepted"), "_cluster", hashed.alias("_hash"), expires(table), *values)


def expected(kinds: dict[str, str], rows: DataFrame) -> list[ExpectedItem]:
    """Return the items that encoded rows should become, without rows that cannot become items."""
    items = []
    for accepted, cluster, key, expiry, *cells in rows.collect():
        if accepted:
            attributes = {name: _attribute(kind, cell) for (name, kind), cell in zip(kinds.items(), cells)}
            items.append(ExpectedItem(cluster, key, expiry, attributes))
    return items


def may_be_deleted(expires_at_seconds: int | None, exported_at_seconds: int) -> bool:
    """Return whether DynamoDB may have deleted an item before the export, by its time to live."""
    if expires_at_seconds is None:
        return False
    return 0 <= exported_at_seconds - expires_at_seconds < _DELETED_WITHIN_SECONDS


def _encoded(name: str, kind: str, data_type: DataType) -> Expression:
    value = F.col(f"`{name}`")
    if kind == "epoch_seconds":
        is_day = isinstance(data_type, DateType)
        return (
            F.unix_date(value) * F.lit(_DAY_SECONDS)
            if is_day
            else F.expr(f"unix_micros(`{name}`) div 1000000 - CAST(unix_micros(`{name}`) % 1000000 < 0 AS INT)")
        )
    if isinstance(data_type, DateType):
        return F.unix_date(value)
    if isinstance(data_type, TimestampType):
        return F.unix_micros(value)
    if isinstance(data_type, ArrayType) and not isinstance(data_type.elementType, IntegralType):
        return value.cast("array<string>")
    return value


def _attribute(kind: str, value: Any) -> Any:
    """Return the attribute in DynamoDB that a value of the select should become."""
    if value is None or (kind in ("SS", "NS") and not value):
        return None
    if kind in ("SS", "NS"):
        return (kind, frozenset(number(str(entry)) if kind == "NS" else entry for entry in value))
    if kind in ("L", "number_list"):
        tag = "S" if kind == "L" else "N"
        return (
            "L",
            [("NULL", True) if entry is None else (tag, Decimal(entry) if tag == "N" else entry) for entry in value],
        )
    if kind in ("document", "list_document"):
        return document(value)
    if kind == "N":
        return ("N", value if isinstance(value, float) else number(str(value)))
    if kind == "B":
        return ("B", bytes(value))
    return _moment(kind, value) if kind in ("date", "timestamp", "epoch_seconds") else (kind, value)


def _moment(kind: str, value: int) -> tuple[str, Any]:
    """Return the attribute of a day, a microsecond or, for `epoch_seconds`, a second since 1970."""
    if kind == "date":
        return ("S", dt.date.fromordinal(value + _EPOCH.toordinal()).isoformat())
    if kind == "timestamp":
        moment = _EPOCH + dt.timedelta(microseconds=value)
        return ("S", f"{moment.year:04}-{moment:%m-%dT%H:%M:%S.%f}Z")
    return ("N", value)


def decoded(line: str) -> dict[str, Any]:
    """Return a line's attributes, each as its type and value.

    Raises:
        ValueError: The line is not an item.
    """
    item = json.loads(line, object_pairs_hook=_once)["Item"]
    return {name: _stored(value) for name, value in item.items()}


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name occurs twice")
    return members


def _stored(value: dict[str, Any]) -> tuple[str, Any]:
    ((tag, content),) = value.items()
    if tag == "N":
        return (tag, Decimal(content))
    if tag == "B":
        return (tag, base64.b64decode(content, validate=True))
    if tag == "M":
        return (tag, {name: _stored(member) for name, member in content.items()})
    if tag == "L":
        return (tag, [_stored(member) for member in content])
    if tag in ("SS", "NS"):
        return (tag, frozenset(Decimal(entry) if tag == "NS" else entry for entry in content))
    return (tag, content)


class ItemComparison:
    """Comparison of exported items with the items that rows should become."""

    def __init__(self, table: Table, kinds: list[str]) -> None:
        self._table = table
        self._counted = [name for name in kinds if name not in excluded(table, kinds)]
        self._known = set(kinds)
        types = {column.type for extract in table.extracts for column in extract.columns}
        self._has_documents, self._has_reals = "json" in types, "real" in types

    def differing(self, wanted: dict[str, Any], item: dict[str, Any]) -> list[str]:
        """Return the attributes that differ, and those that no row has."""
        names = [name for name in self._counted if not self._same(name, wanted[name], item.get(name))]
        return [*names, *sorted(set(item) - self._known)]

    def _same(self, name: str, wanted: Any, exported: Any) -> bool:
        if wanted is None or exported is None or wanted[0] != exported[0]:
            return wanted is None and exported is None
        if wanted[0] == "S":
            # A document's notation is the database's, so only its meaning is compared.
            return bool(wanted[1] == exported[1]) or (self._has_documents and same_document(wanted[1], exported[1]))
        return self._same_number(name, wanted[1], exported[1]) if wanted[0] == "N" else bool(wanted == exported)

    def _same_number(self, name: str, wanted: Any, exported: Decimal) -> bool:
        if wanted == (float(exported) if isinstance(wanted, float) else exported):
            return True
        if isinstance(wanted, float) and self._has_reals and same_real(wanted, exported):
            return True
        tolerance = self._table.tolerances.get(name)
        return tolerance is not None and abs(Decimal(wanted) - exported) <= Decimal(tolerance)


def key_of(table: Table, attributes: dict[str, Any]) -> tuple[Any, ...]:
    """Return an item's key for lookups, in which equal numbers are equal in any notation."""
    return tuple(
        (attributes[part.name][0], Decimal(repr(value)) if isinstance(value, float) else value)
        for part in table.key
        for value in [(attributes.get(part.name) or ("", None))[1]]
        if attributes.get(part.name)
    )


def described(table: Table, attributes: dict[str, Any]) -> str:
    """Return the key as a report shows it."""
    return " / ".join(shown((attributes.get(part.name) or ("", None))[1]) for part in table.key)


def attribute_text(attribute: Any) -> str:
    """Return an attribute as a report shows it."""
    return _ABSENT if attribute is None else f"{attribute[0]}:{shown(attribute[1])}"
