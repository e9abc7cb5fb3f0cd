"""What a call asks before it writes: does its execution run, and is the table the proven one and not live."""

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
    """What settling needs to know of a table: its key, and the attribute of its time to live."""

    key: tuple[str, ...]
    ttl: str = ""


class Surroundings:
    """The execution and the table of an order, as AWS knows them; the clients are boto3's."""

    def __init__(self, states: Any, dynamodb: Any) -> None:  # noqa: ANN401 - boto3 clients are made at run time
        self._states = states
        self._dynamodb = dynamodb

    def require(self, order: Order) -> Facts:
        """Return what the table is if it may be written to.

        Raises:
            ExecutionEndedError: The caller's execution does not run.
            ExecutionUnknownError: Step Functions does not know it, or not yet.
            TableReplacedError: The table is gone, or not the proven one.
            DomainIsLiveError: It has the tag of a cut-over.
            CallerRefusedError: It has the tag of another domain.
        """
        self._require_life(order.execution)
        table = self._table(order)
        self._require_tags(order, table["TableArn"])
        # The partition key comes first: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_KeySchemaElement.html
        schema = sorted(table["KeySchema"], key=lambda part: part["KeyType"])
        return Facts(tuple(part["AttributeName"] for part in schema), self._ttl(order.table_name))

    def _require_life(self, execution: str) -> None:
        try:
            found = self._states.describe_execution(executionArn=execution, includedData="METADATA_ONLY")
        except self._states.exceptions.ExecutionDoesNotExist as error:  # eventually consistent
            raise ExecutionUnknownError(f"Step Functions does not know {execution} yet; call again") from error
        # A redriven execution goes on past its lock, which another may hold by now.
        if found["status"] != "RUNNING" or found.get("redriveCount", 0):
            raise ExecutionEndedError(f"{execution} has ended or was redriven; nothing more is written for it")

    def _table(self, order: Order) -> dict[str, Any]:
        try:
            found: dict[str, Any] = self._dynamodb.describe_table(TableName=order.table_name)["Table"]
        except self._dynamodb.exceptions.ResourceNotFoundException as error:
            raise TableReplacedError(
                f"{order.table_name} is gone; start an official run. Nothing was written"
            ) from error
        if found["TableId"] != order.table_id:
            raise TableReplacedError(
                f"{order.table_name} has the TableId {found['TableId']}, the proven one had {order.table_id}: somebody "
                "made it anew; start an official run. Nothing was written"
            )
        return found

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
        found = self._dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
        return str(found["AttributeName"]) if found["TimeToLiveStatus"] in _TTL_IS_ON else ""
