"""DynamoDB's item limits for PutItem and BatchWriteItem, the same as for imports.

moto checks keys and its own size limit, and accepts NaN, empty sets and any depth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.responses import DynamoHandler

from local.aws.dynamodb.limits import key_limits, refusal
from local.aws.seams import replace

if TYPE_CHECKING:
    from moto.core.responses import ActionResult
    from moto.dynamodb.models.table import Table


def install() -> None:
    """Check each item before moto stores it."""
    put, batch = DynamoHandler.put_item, DynamoHandler.batch_write_item

    def put_item(self: Any) -> ActionResult:
        _check(self.dynamodb_backend.get_table(self.body["TableName"]), self.body["Item"])
        return put(self)

    def batch_write_item(self: Any) -> ActionResult:
        for name, requests in self.body["RequestItems"].items():
            for request in requests:
                if "PutRequest" in request:
                    _check(self.dynamodb_backend.get_table(name), request["PutRequest"]["Item"])
        return batch(self)

    replace(DynamoHandler, "put_item", put_item)
    replace(DynamoHandler, "batch_write_item", batch_write_item)


def _check(table: Table, item: dict[str, Any]) -> None:
    types = {attribute["AttributeName"]: attribute["AttributeType"] for attribute in table.attr}
    indexes = [{"KeySchema": index.schema} for index in (*table.global_indexes, *table.indexes)]
    required = {part["AttributeName"] for part in table.schema}
    reason = refusal(item, key_limits(table.schema, indexes, types), required)
    if reason is not None:
        raise MockValidationException(reason)
