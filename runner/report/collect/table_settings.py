"""Read a table as it exists in DynamoDB, and what the catalog accepts of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.report.inputs.aws import DescribedTable
from runner.report.model.counts import Limits
from runner.report.model.remains import ExistingTable, TableSettings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from catalog.models import AnyTable

_STANDARD = "STANDARD"


def limits(tables: Iterable[AnyTable]) -> dict[str, Limits]:
    """Return how many rows of each kind the catalog accepts, of every table of one select and of every part."""
    return {
        select.name: Limits(rejected=select.max_rejects, filtered=select.max_filtered, unmatched=select.max_unmatched)
        for table in tables
        for select in table.selects
    }


def existing_table(dynamodb: Any, name: str, stream: str | None) -> ExistingTable | None:  # noqa: ANN401 - a boto3 client
    """Return a table with its settings, or None if it does not exist.

    Args:
        dynamodb: A client of DynamoDB.
        name: The table's name.
        stream: The Kinesis stream that the catalog wants for it.
    """
    try:
        described = DescribedTable.parse(dynamodb.describe_table(TableName=name)["Table"])
    except dynamodb.exceptions.ResourceNotFoundException:
        return None
    tags = dynamodb.list_tags_of_resource(ResourceArn=described.table_arn).get("Tags", [])
    return ExistingTable(
        name=name,
        arn=described.table_arn,
        status=described.table_status,
        run=next((tag["Value"] for tag in tags if tag["Key"] == "migration:run"), None),
        settings=settings(described, stream),
    )


def settings(table: DescribedTable, stream: str | None) -> TableSettings:
    """Return the settings of a table; `stream` is the Kinesis stream that the catalog wants for it."""
    table_class = table.table_class_summary
    return TableSettings(
        billing_mode=_billing_mode(table),
        capacity=_capacity(table),
        table_class=(table_class.table_class if table_class else None) or _STANDARD,
        kms_key=table.sse_description.kms_key if table.sse_description else None,
        stream=stream,
        deletion_protection=table.deletion_protection_enabled,
    )


def _billing_mode(table: DescribedTable) -> str:
    """Return the billing mode; DescribeTable leaves it out of a table that was always provisioned.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BillingModeSummary.html
    """
    return (table.billing_mode_summary.billing_mode if table.billing_mode_summary else None) or "PROVISIONED"


def _capacity(table: DescribedTable) -> str:
    """Return the capacity in words, with the maxima and the warm throughput where they are set."""
    if _billing_mode(table) == "PROVISIONED":
        units = table.provisioned_throughput
        words = f"provisioned, {units.read_capacity_units:,} read and {units.write_capacity_units:,} write"
    else:
        maximum = table.on_demand_throughput
        maxima = {"read": maximum.max_read_request_units, "write": maximum.max_write_request_units}
        capped = [f"at most {units:,} {kind}" for kind, units in maxima.items() if units > 0]  # -1 is no maximum
        words = ", ".join(["on demand", *capped])
    warm = table.warm_throughput
    if warm.read_units_per_second and warm.write_units_per_second:
        words += f"; warm for {warm.read_units_per_second:,} reads and {warm.write_units_per_second:,} writes a second"
    return words
