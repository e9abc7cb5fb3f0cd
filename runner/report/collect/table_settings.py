"""A table's settings: DynamoDB's own, as DescribeTable shows them, and what the catalog accepts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from catalog.models import AnyTable

Document = dict[str, Any]
_STANDARD = "STANDARD"


def limits(tables: Iterable[AnyTable]) -> dict[str, dict[str, int]]:
    """Return how many rows of each kind the catalog accepts, of every table of one select and of every part."""
    return {
        select.name: {
            "rejected": select.max_rejects,
            "filtered": select.max_filtered,
            "unmatched": select.max_unmatched,
        }
        for table in tables
        for select in table.selects
    }


def settings(table: Document, stream: str | None) -> Document:
    """Return the settings of a table; `stream` is the Kinesis stream that the catalog wants for it."""
    kms = table.get("SSEDescription") or {}
    return {
        "billingMode": _billing_mode(table),
        "capacity": _capacity(table),
        "tableClass": (table.get("TableClassSummary") or {}).get("TableClass", _STANDARD),
        "kmsKey": kms.get("KMSMasterKeyArn"),
        "stream": stream,
        "deletionProtection": bool(table.get("DeletionProtectionEnabled", False)),
    }


def _billing_mode(table: Document) -> str:
    """Return the billing mode; DescribeTable leaves it out of a table that was always provisioned.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BillingModeSummary.html
    """
    return str((table.get("BillingModeSummary") or {}).get("BillingMode", "PROVISIONED"))


def _capacity(table: Document) -> str:
    """Return the capacity in words, with the maxima and the warm throughput where they are set."""
    if _billing_mode(table) == "PROVISIONED":
        units = table.get("ProvisionedThroughput") or {}
        words = (
            f"provisioned, {units.get('ReadCapacityUnits', 0):,} read and {units.get('WriteCapacityUnits', 0):,} write"
        )
    else:
        maximum = table.get("OnDemandThroughput") or {}
        limits = {"read": maximum.get("MaxReadRequestUnits", -1), "write": maximum.get("MaxWriteRequestUnits", -1)}
        capped = [f"at most {limit:,} {kind}" for kind, limit in limits.items() if limit > 0]  # -1 is no maximum
        words = ", ".join(["on demand", *capped])
    warm = table.get("WarmThroughput") or {}
    if warm.get("ReadUnitsPerSecond") and warm.get("WriteUnitsPerSecond"):
        words += f"; warm for {warm['ReadUnitsPerSecond']:,} reads and {warm['WriteUnitsPerSecond']:,} writes a second"
    return words
