"""Kinesis destinations and TTL, which cannot be enabled twice.

moto has no destinations and enables TTL again. The stream gets no records of later changes: nobody writes to a table
before its migration has succeeded.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_EnableKinesisStreamingDestination.html
"""

from __future__ import annotations

import threading
import time
from typing import Any

from moto.core.responses import ActionResult
from moto.dynamodb.exceptions import MockValidationException, ResourceInUseException
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.responses import DynamoHandler

from local.aws.active import active
from local.aws.seams import replace, serialise

_WRITES = ("put_item", "update_item", "delete_item", "transact_write_items")
_lock = threading.RLock()


def install() -> None:
    """Add the destination calls, the TTL check, and one lock for conditional writes."""
    DynamoHandler.enable_kinesis_streaming_destination = _enable
    DynamoHandler.describe_kinesis_streaming_destination = _describe
    original_ttl = DynamoDBBackend.update_time_to_live

    def update_ttl(self: Any, table_name: str, ttl_spec: dict[str, Any]) -> None:
        enabled = self.get_table(table_name).ttl["TimeToLiveStatus"] == "ENABLED"
        if enabled == ttl_spec.get("Enabled"):
            raise MockValidationException(f"TimeToLive is already {'enabled' if enabled else 'disabled'}")
        original_ttl(self, table_name, ttl_spec)

    replace(DynamoDBBackend, "update_time_to_live", update_ttl)
    serialise(DynamoHandler, _WRITES, _lock)


def _destinations(handler: Any) -> tuple[str, dict[str, float]]:
    """Return the table's name and the time when each stream was enabled."""
    table = handler.dynamodb_backend.get_table(handler.body["TableName"])
    return table.name, table.__dict__.setdefault("kinesis_destinations", {})


def _enable(self: Any) -> ActionResult:
    name, destinations = _destinations(self)
    stream = self.body["StreamArn"]
    if stream in destinations:
        raise ResourceInUseException(f"{name} already streams to {stream}")
    destinations[stream] = time.monotonic()
    return ActionResult({"TableName": name, "StreamArn": stream, "DestinationStatus": "ENABLING"})


def _describe(self: Any) -> ActionResult:
    name, destinations = _destinations(self)
    described = [
        {
            "StreamArn": stream,
            "DestinationStatus": "ACTIVE" if time.monotonic() - began > active().cluster_seconds else "ENABLING",
        }
        for stream, began in destinations.items()
    ]
    return ActionResult({"TableName": name, "KinesisDataStreamDestinations": described})
