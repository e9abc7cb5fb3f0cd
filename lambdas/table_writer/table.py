"""A DynamoDB table: conditional writes at a pace, repeated while DynamoDB throttles them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnectionError

from table_writer.errors import TableReplacedError
from table_writer.settling import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from table_writer.conditions import Expression
    from table_writer.items import Item
    from table_writer.pace import Clock, Pace

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
_THROTTLED = (
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
)
_REFUSED = "ConditionalCheckFailedException"
_GONE = "ResourceNotFoundException"
_SERVER_FAULT = 500


class OutOfTime(Exception):  # noqa: N818 - not an error: the call ends with the settled changes
    """The call has no time left for another attempt."""


class DynamoTable:
    """The table of a call; threads share it."""

    def __init__(
        self,
        client: Any,  # noqa: ANN401 - boto3 generates its clients at run time
        name: str,
        pace: Pace,
        clock: Clock,
        has_time: Callable[[], bool],
    ) -> None:
        self._client = client
        self._name = name
        self._pace = pace
        self._clock = clock
        self._has_time = has_time

    def get(self, key: Item) -> Item | None:
        """Return the stored item, or None."""
        answer = self._persist(self._client.get_item, {"Key": key, "ConsistentRead": True}, self._has_time)
        item: Item | None = answer.get("Item")
        return item

    def put(self, item: Item, expression: Expression) -> Answer:
        """Put an item on a condition."""
        return self._write(self._client.put_item, {"Item": item, "ReturnValues": "ALL_OLD"}, expression)

    def put_back(self, item: Item, expression: Expression) -> Answer:
        """Put back an item that a write removed, even if no time is left."""
        return self._write(self._client.put_item, {"Item": item}, expression, lambda: True)

    def update(self, key: Item, expression: Expression) -> Answer:
        """Update an item on a condition."""
        asked = {"Key": key, "UpdateExpression": expression.update, "ReturnValues": "ALL_NEW"}
        return self._write(self._client.update_item, asked, expression)

    def delete(self, key: Item, expression: Expression) -> Answer:
        """Delete an item on a condition."""
        return self._write(self._client.delete_item, {"Key": key, "ReturnValues": "ALL_OLD"}, expression)

    def _write(
        self,
        operation: Callable[..., Any],
        asked: dict[str, Any],
        expression: Expression,
        has_time: Callable[[], bool] | None = None,
    ) -> Answer:
        conditioned = {
            **asked,
            "ConditionExpression": expression.condition,
            "ExpressionAttributeNames": expression.names,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            **({"ExpressionAttributeValues": expression.values} if expression.values else {}),
        }
        try:
            answer = self._persist(operation, conditioned, has_time or self._has_time)
        except ClientError as error:
            if _code(error) != _REFUSED:
                raise
            refused: dict[str, Any] = dict(error.response)
            return Answer(written=False, item=refused.get("Item"))
        return Answer(written=True, item=answer.get("Attributes"))

    def _persist(
        self, operation: Callable[..., Any], asked: dict[str, Any], has_time: Callable[[], bool]
    ) -> dict[str, Any]:
        """Return the answer of a call that is repeated until DynamoDB accepts it.

        A call whose answer was lost may have been executed: its condition then fails, and the stored item shows it.
        """
        attempt = 0
        while True:
            if not has_time():
                raise OutOfTime
            self._pace.wait()
            try:
                answer: dict[str, Any] = operation(TableName=self._name, **asked)
            except ClientError as error:
                if _code(error) == _GONE:
                    raise TableReplacedError(f"{self._name} is gone; nothing more was written") from error
                if not _is_temporary(error):
                    raise
            except (NoConnectionError, HTTPClientError):
                pass  # no answer: DynamoDB may have executed the call
            else:
                self._pace.accepted()
                return answer
            self._clock.sleep(self._pace.throttled(attempt))
            attempt += 1


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])


def _is_temporary(error: ClientError) -> bool:
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    return _code(error) in _THROTTLED or int(status) >= _SERVER_FAULT
