"""Items of the table Map: the options of each table, from the catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statemachine.errors import DefinitionError
from statemachine.limits import checks_for
from statemachine.names import SYSTEM

if TYPE_CHECKING:
    from catalog.models import Key, TableSettings
    from catalog.table_options import Capacity
    from statemachine.names import DeployedNames

MAX_TAGS = 50  # of a table
_TAGS_OF_THE_RUN = 2  # migration:run and migration:mode, which the state machine adds


def table_options(table: TableSettings, *, names: DeployedNames, domain: str) -> dict[str, Any]:
    """Return a table's Map item; `creation` has the format of ImportTable's TableCreationParameters.

    Raises:
        DefinitionError: The table would have more tags than DynamoDB allows.
    """
    ours = {"migration:system": SYSTEM, "migration:stack": names.stack, "migration:domain": domain}
    tags = {**names.tags, **table.tags, **ours}
    if len(tags) + _TAGS_OF_THE_RUN > MAX_TAGS:
        raise DefinitionError(
            f"table {table.name} would have {len(tags) + _TAGS_OF_THE_RUN} tags, of which DynamoDB allows {MAX_TAGS}; "
            "remove some from the stack file or the catalog"
        )
    return {
        "name": table.name,
        "ttl": table.ttl or "",
        "stream": names.stream_prefix + table.stream if table.stream else "",
        "protection": table.deletion_protection,
        "tableClass": table.table_class,
        "warm": _per_second(table.warm_throughput),
        "kmsKey": table.kms_key or "",
        "tags": [{"Key": key, "Value": value} for key, value in sorted(tags.items())],
        "importChecks": checks_for(table.import_timeout_minutes),
        "exportChecks": checks_for(table.export_timeout_minutes),
        "creation": _creation(table),
    }


def _creation(table: TableSettings) -> dict[str, Any]:
    types = {a.name: a.type for key in (table.key, *table.indexes) for a in key.attributes}
    creation: dict[str, Any] = {
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": kind} for name, kind in types.items()],
        "KeySchema": _key_schema(table.key),
        "BillingMode": table.billing_mode,
        **_provisioned(table.capacity),
    }
    if table.on_demand_maximum:
        most = table.on_demand_maximum
        creation["OnDemandThroughput"] = {"MaxReadRequestUnits": most.read, "MaxWriteRequestUnits": most.write}
    if table.kms_key:
        creation["SSESpecification"] = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": table.kms_key}
    if table.indexes:
        creation["GlobalSecondaryIndexes"] = [
            {
                "IndexName": index.name,
                "KeySchema": _key_schema(index),
                "Projection": {"ProjectionType": "ALL"},
                **_provisioned(index.capacity or table.capacity),
            }
            for index in table.indexes
        ]
    return creation


def _provisioned(capacity: Capacity | None) -> dict[str, Any]:
    if capacity is None:
        return {}
    return {"ProvisionedThroughput": {"ReadCapacityUnits": capacity.read, "WriteCapacityUnits": capacity.write}}


def _per_second(warm: Capacity | None) -> dict[str, int]:
    """Return UpdateTable's WarmThroughput; without a setting it is zero, less than any table has."""
    return {"ReadUnitsPerSecond": warm.read if warm else 0, "WriteUnitsPerSecond": warm.write if warm else 0}


def _key_schema(key: Key) -> list[dict[str, str]]:
    return [
        {"AttributeName": attribute.name, "KeyType": role}
        for attribute, role in zip(key.attributes, ("HASH", "RANGE"), strict=False)
    ]
