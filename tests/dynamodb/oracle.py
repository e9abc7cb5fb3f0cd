"""Verdicts of an independent DynamoDB implementation on items and conditions.

Any DynamoDB API on this machine works, such as DynamoDB Local if you accept its licence: set its port in
DYNAMODB_ORACLE_PORT. Otherwise dynoxide runs, an emulator under MIT and Apache licences that a public suite compares
with real tables; `make oracle` builds it.
https://github.com/paritysuite/dynamodb-conformance
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local.ports import free_port
from tests.dynamodb.conditions import MET, NOT_MET, REFUSED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.dynamodb.conditions import Condition
    from tests.dynamodb.items import Case

PROGRAM = Path("build/bin/dynoxide")
CRATE = "dynoxide-rs 3.2.0"
PORT = "DYNAMODB_ORACLE_PORT"
_HEADERS = {
    "Content-Type": "application/x-amz-json-1.0",
    "Authorization": "AWS4-HMAC-SHA256 Credential=local/20270101/eu-west-1/dynamodb/aws4_request, "
    "SignedHeaders=host, Signature=0",
    "X-Amz-Date": "20270101T000000Z",
}
_TABLES: dict[str, tuple[dict[str, str], str | None]] = {
    "plain": ({"id": "S"}, None),
    "binary": ({"id": "B"}, None),
    "number": ({"id": "N"}, None),
    "sorted": ({"id": "S", "sort": "S"}, None),
    "indexed": ({"id": "S"}, "other"),
}
_PATIENCE_SECONDS = 10


class Oracle:
    """A running DynamoDB with a table for each key."""

    def __init__(self, port: int) -> None:
        self._port = port
        for name, (key, index) in _TABLES.items():
            self._call("DeleteTable", {"TableName": name})
            status, answer = self._call("CreateTable", _description(name, key, index))
            if status != http.client.OK:
                raise RuntimeError(f"the oracle cannot create the table {name}: {answer}")

    def verdict(self, case: Case) -> str:
        """Return `accepted`, or the message of the refusal."""
        item = {name: value for name, value in case.item.items() if value is not None}
        status, answer = self._call("PutItem", {"TableName": case.table, "Item": item})
        if status == http.client.OK:
            return "accepted"
        return str(answer.get("message") or answer.get("Message") or answer)[:200]

    def met(self, case: Condition) -> str:
        """Return whether a condition is met, not met or refused, with the message of a refusal.

        Raises:
            RuntimeError: The answer to an unmet condition lacks the existing item.
        """
        self._call("DeleteItem", {"TableName": "plain", "Key": {"id": {"S": "k"}}})
        if case.stored is not None:
            self._call("PutItem", {"TableName": "plain", "Item": case.stored})
        status, answer = self._call("PutItem", {"TableName": "plain", **case.request})
        if status == http.client.OK:
            return MET
        if "ConditionalCheckFailed" in str(answer.get("__type")):
            if ("Item" in answer) != (case.stored is not None):
                raise RuntimeError(f"{case.name}: {answer}")
            return NOT_MET
        return f"{REFUSED}: {str(answer.get('message') or answer.get('Message') or answer)[:200]}"

    def _call(self, operation: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        try:
            headers = {**_HEADERS, "X-Amz-Target": f"DynamoDB_20120810.{operation}"}
            connection.request("POST", "/", json.dumps(body).encode(), headers)
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
            try:
                return answer.status, json.loads(text)
            except ValueError:
                return answer.status, {"message": text}
        finally:
            connection.close()


@contextmanager
def running() -> Iterator[Oracle | None]:
    """Run the oracle, or yield None if this machine has none."""
    if os.environ.get(PORT):
        yield Oracle(int(os.environ[PORT]))
    elif PROGRAM.exists():
        port = free_port()
        command = [str(PROGRAM), "--host", "127.0.0.1", "--port", str(port), "--log", "quiet"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                _wait(port)
                yield Oracle(port)
            finally:
                process.terminate()
    else:
        yield None


def _description(name: str, key: dict[str, str], index: str | None) -> dict[str, Any]:
    types = {**key, index: "S"} if index else key
    schema = [{"AttributeName": part, "KeyType": kind} for part, kind in zip(key, ("HASH", "RANGE"), strict=False)]
    index_schema = [{"AttributeName": index, "KeyType": "HASH"}]
    indexes = [{"IndexName": "by-other", "KeySchema": index_schema, "Projection": {"ProjectionType": "ALL"}}]
    return {
        "TableName": name,
        "AttributeDefinitions": [{"AttributeName": part, "AttributeType": kind} for part, kind in types.items()],
        "KeySchema": schema,
        "BillingMode": "PAY_PER_REQUEST",
        **({"GlobalSecondaryIndexes": indexes} if index else {}),
    }


def _wait(port: int) -> None:
    end = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"{PROGRAM} does not listen on port {port} after {_PATIENCE_SECONDS} seconds")
