"""Preconditions of a write: the execution runs, and the table is the proven one and not live."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from table_writer.errors import (
    CallerRefusedError,
    DomainIsLiveError,
    ExecutionEndedError,
    ExecutionUnknownError,
    TableReplacedError,
)

if TYPE_CHECKING:
    from table_writer.orders import Order

LIVE_TAG, DOMAIN_TAG = "migration:live", "migration:domain"
_TTL_IS_ON = ("ENABLED", "ENABLING", "DISABLING")


@dataclass(frozen=True)
class Facts:
    """The facts about a table that settling needs: its key, and the attribute of its time to live, or an empty text."""

    key: tuple[str, ...]
    ttl: str


class Preconditions:
    """Checks of an order's execution and table in AWS, with boto3's clients."""

    def __init__(self, states: Any, dynamodb: Any) -> None:  # noqa: ANN401 - boto3 generates its clients at run time
        self._states = states
        self._dynamodb = dynamodb

    def require(self, order: Order) -> Facts:
        """Return the table's facts if the order may write to it.

        Raises:
            ExecutionEndedError: The caller's execution is not running.
            ExecutionUnknownError: Step Functions does not know it (yet).
            TableReplacedError: The table is gone, or not the proven one.
            DomainIsLiveError: The table has the tag of a cut-over.
            CallerRefusedError: The table has the tag of another domain.
        """
        self._require_life(order.execution)
        table = self._table(order)
        self._require_tags(order, table["TableArn"])
        # The partition key comes first: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_KeySchemaElement.html
        schema = sorted(table["KeySchema"], key=lambda part: part["KeyType"])
        return Facts(tuple(part["AttributeName"] for part in schema), self._ttl(order.table_name))

    def _require_life(self, execution: str) -> None:
        try:
            described = self._states.describe_execution(executionArn=execution, includedData="METADATA_ONLY")
        except self._states.exceptions.ExecutionDoesNotExist as error:  # eventually consistent
            raise ExecutionUnknownError(f"Step Functions does not know {execution} yet; call again") from error
        # A redriven execution continues without its lock, which another may hold by now.
        if described["status"] != "RUNNING" or described.get("redriveCount", 0):
            raise ExecutionEndedError(f"{execution} has ended or was redriven; nothing more is written for it")

    def _table(self, order: Order) -> dict[str, Any]:
        try:
            table: dict[str, Any] = self._dynamodb.describe_table(TableName=order.table_name)["Table"]
        except self._dynamodb.exceptions.ResourceNotFoundException as error:
            raise TableReplacedError(
                f"{order.table_name} is gone; start an official run. Nothing was written"
            ) from error
        if table["TableId"] != order.table_id:
            raise TableReplacedError(
                f"{order.table_name} has the TableId {table['TableId']}, the proven one had {order.table_id}: somebody "
                "created it again; start an official run. Nothing was written"
            )
        return table

    def _require_tags(self, order: Order, arn: str) -> None:
        pages = self._dynamodb.get_paginator("list_tags_of_resource").paginate(ResourceArn=arn)
        tags = {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}
        if LIVE_TAG in tags:
            raise DomainIsLiveError(
                f"{order.table_name} is live since {tags[LIVE_TAG]}: the application writes to it. Nothing was written"
            )
        if tags.get(DOMAIN_TAG, order.domain) != order.domain:
            raise CallerRefusedError(
                f"tableName: {order.table_name} has the tag {DOMAIN_TAG}={tags[DOMAIN_TAG]}, and {order.domain} asks. "
                "Nothing was written"
            )

    def _ttl(self, table: str) -> str:
        described = self._dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
        return str(described["AttributeName"]) if described["TimeToLiveStatus"] in _TTL_IS_ON else ""
