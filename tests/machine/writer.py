"""A substitute for the table writer in tests of the state machine: the same answers, two changes per call."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

from moto.awslambda.models import LambdaBackend

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FUNCTION = "table-writer"
_CHANGES_PER_CALL = 2
_COUNTS = ("applied", "already", "expired", "conflicts")


class Writer:
    """Applies the changes of a lane, each only where the item is what it was."""

    def __init__(self, client: Callable[[str], Any], bucket: str) -> None:
        self._client = client
        self._bucket = bucket
        self.events: list[dict[str, Any]] = []  # as they were asked

    def __call__(self, event: dict[str, Any]) -> dict[str, Any]:
        """Answer one event."""
        self.events.append(event)
        table = self._client("dynamodb").describe_table(TableName=event["tableName"])["Table"]
        if table["TableId"] != event["tableId"]:
            raise LookupError("TableReplacedError", f"{event['tableName']} is another table than the base's")
        counts = dict.fromkeys(_COUNTS, 0)
        for part, offset, change in self._rest(event):
            if sum(counts.values()) == _CHANGES_PER_CALL:
                return {"done": False, "part": part, "offset": offset, **counts}
            counts[self._apply(event["tableName"], table["KeySchema"], change)] += 1
        return {"done": True, "part": event["part"], "offset": event["offset"], **counts}

    def _rest(self, event: dict[str, Any]) -> Iterator[tuple[int, int, dict[str, Any]]]:
        """Yield the lane's remaining changes, with their positions."""
        folder = f"changes/{event['domain']}/{event['run']}/{event['attempt']}/{event['table']}"
        for number, part in enumerate(json.loads(self._read(f"{folder}/parts.json"))[event["kind"]]):
            if number % event["lanes"] != event["lane"] or number < event["part"]:
                continue
            lines = gzip.decompress(self._read(f"{folder}/{part['name']}")).splitlines()
            first = event["offset"] if number == event["part"] else 0
            yield from ((number, index, json.loads(line)) for index, line in enumerate(lines) if index >= first)

    def _read(self, key: str) -> bytes:
        return bytes(self._client("s3").get_object(Bucket=self._bucket, Key=key)["Body"].read())

    def _apply(self, table: str, schema: list[dict[str, str]], change: dict[str, Any]) -> str:
        dynamodb = self._client("dynamodb")
        item = change.get("put") or change["delete"]
        key = {part["AttributeName"]: item[part["AttributeName"]] for part in schema}
        present = dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")
        if present == change.get("put"):
            return "already"
        if present != change["was"]:
            return "conflicts"
        if "put" in change:
            dynamodb.put_item(TableName=table, Item=item)
        else:
            dynamodb.delete_item(TableName=table, Key=key)
        return "applied"


Answer = dict[str, Any]


def installed(name: str, function: Callable[[dict[str, Any], Callable[[], Answer]], Answer]) -> Callable[[], None]:
    """Replace a Lambda by `function`, which gets the event and the Lambda; return a function that restores it."""
    original = LambdaBackend.invoke

    def invoke(self: Any, function_name: str, qualifier: Any, body: Any, headers: Any, answered: Any) -> Any:
        if not function_name.rsplit(":", maxsplit=1)[-1].endswith(name):
            return original(self, function_name, qualifier, body, headers, answered)

        def deployed() -> Answer:
            answer = original(self, function_name, qualifier, body, headers, answered)
            return dict(json.loads(answer))

        try:
            said = function(json.loads(body), deployed)
        except LookupError as error:
            answered["x-amz-function-error"] = "Unhandled"
            said = {"errorType": error.args[0], "errorMessage": error.args[1]}
        payload = json.dumps(said).encode()
        answered["Content-Length"] = str(len(payload))
        return payload

    LambdaBackend.invoke = invoke

    def undo() -> None:
        LambdaBackend.invoke = original

    return undo
