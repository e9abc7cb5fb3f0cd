"""What the table Map needs to know of each table, from the catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statemachine.limits import laps_for
from statemachine.names import SYSTEM

if TYPE_CHECKING:
    from catalog.models import Key, Table


def table_plan(table: Table, *, stack: str, domain: str) -> dict[str, Any]:
    """Return one table's Map item; `creation` has the shape of ImportTable's TableCreationParameters."""
    tags = {**table.tags, "migration:system": SYSTEM, "migration:stack": stack, "migration:domain": domain}
    return {
        "name": table.name,
        "ttl": table.ttl or "",
        "stream": table.stream,
        "tags": [{"Key": key, "Value": value} for key, value in sorted(tags.items())],
        "importLaps": laps_for(table.import_timeout_minutes),
        "exportLaps": laps_for(table.export_timeout_minutes),
        "creation": _creation(table),
    }


def _creation(table: Table) -> dict[str, Any]:
    types = {a.name: a.type for key in (table.key, *table.indexes) for a in key.attributes}
    creation: dict[str, Any] = {
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": kind} for name, kind in types.items()],
        "KeySchema": _key_schema(table.key),
        "BillingMode": table.billing_mode,
    }
    if table.indexes:
        creation["GlobalSecondaryIndexes"] = [
            {"IndexName": i.name, "KeySchema": _key_schema(i), "Projection": {"ProjectionType": "ALL"}}
            for i in table.indexes
        ]
    return creation


def _key_schema(key: Key) -> list[dict[str, str]]:
    return [
        {"AttributeName": attribute.name, "KeyType": role}
        for attribute, role in zip(key.attributes, ("HASH", "RANGE"), strict=False)
    ]
