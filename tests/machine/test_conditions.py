"""The embedded DynamoDB evaluates each condition of a write as DynamoDB does, by the table of verdicts."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlparse

import pytest

from tests.deployed import REGION
from tests.dynamodb.conditions import MET, NOT_MET, REFUSED, Condition, conditions
from tests.dynamodb.verdicts import met, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.machine.rig import Rig

TABLE, KEY = "Conditions", {"id": {"S": "k"}}


@pytest.fixture(scope="module")
def call(shared_rig: Rig) -> Iterator[Callable[..., tuple[int, dict[str, Any]]]]:
    """Return a function that calls DynamoDB with its wire format: bytes are base64, as in the cases."""
    dynamodb = shared_rig.client("dynamodb")
    dynamodb.create_table(
        TableName=TABLE,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    where = urlparse(shared_rig.aws.endpoint_url)
    connection = http.client.HTTPConnection(str(where.hostname), int(where.port or 80), timeout=600)
    headers = {
        "Content-Type": "application/x-amz-json-1.0",
        "Authorization": f"AWS4-HMAC-SHA256 Credential=embedded/20270101/{REGION}/dynamodb/aws4_request, "
        "SignedHeaders=host, Signature=0",
    }

    def ask(operation: str, **body: Any) -> tuple[int, dict[str, Any]]:
        target = {"X-Amz-Target": f"DynamoDB_20120810.{operation}"}
        connection.request("POST", "/", json.dumps({"TableName": TABLE, **body}).encode(), {**headers, **target})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read() or b"{}")

    yield ask
    connection.close()
    dynamodb.delete_table(TableName=TABLE)


def judged(call: Callable[..., tuple[int, dict[str, Any]]], case: Condition) -> str:
    """Return the embedded DynamoDB's verdict; a failed condition comes with the stored item."""
    call("DeleteItem", Key=KEY)
    if case.stored is not None:
        assert call("PutItem", Item=case.stored)[0] == http.client.OK
    status, answer = call("PutItem", **case.request)
    if status == http.client.OK:
        return MET
    if "ConditionalCheckFailed" in answer["__type"]:
        assert ("Item" in answer) == (case.stored is not None), case.name
        return NOT_MET
    assert "ValidationException" in answer["__type"], answer
    return REFUSED


def test_a_condition_is_judged_as_dynamodb_judges_it(call: Callable[..., tuple[int, dict[str, Any]]]) -> None:
    cases = conditions()

    verdicts = {case.name: judged(call, case) for case in cases}

    assert len(verdicts) == len(cases) == len(table()["conditions"])
    assert verdicts == {case.name: met(case.name) for case in cases}
    assert set(verdicts.values()) == {MET, NOT_MET, REFUSED}
