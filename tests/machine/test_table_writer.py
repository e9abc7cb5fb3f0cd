"""The deployed table writer on the embedded DynamoDB: with its role, the SDK, and imported items."""

from __future__ import annotations

import gzip
import hashlib
import json
import time
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from local.aws import authorization
from tests import privileges
from tests.deployed import REGION
from tests.machine.test_privileges import as_role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.machine.rig import Rig

FUNCTION, MACHINE = "migration-test-table-writer", "migration-test-rates-catch-up"
FOLDER = "rates/r2/a1/BaseRate"
TAGS = {"migration:domain": "rates", "migration:stack": "test"}
WAITING = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 600_000, "End": True}}}
UNTIL = 4_000_000_000


def item(key: str, **attributes: Any) -> dict[str, Any]:
    return {"id": {"S": key}, **attributes}


BASE = {
    "a": item("a", price={"N": "1.50"}, tags={"SS": ["x", "y"]}, none={"NULL": True}, bytes={"B": "AAE="}),
    "b": item(
        "b", price={"N": "2"}, gone={"S": "soon"}, doc={"M": {"l": {"L": [{"NS": ["1", "2.0"]}, {"BOOL": True}]}}}
    ),
    "c": item("c", price={"N": "3"}, until={"N": str(UNTIL)}),
    "d": item("d", price={"N": "4"}),
    "z": item("z", price={"N": "9"}, set={"BS": ["AA==", "AQ=="]}),
}
NEW = {
    "a": item("a", price={"N": "1.5"}, tags={"SS": ["y", "x"]}, none={"NULL": True}, bytes={"B": "AAI="}),
    "b": item("b", price={"N": "2.0"}, doc={"M": {"l": {"L": [{"NS": ["2", "1"]}, {"BOOL": False}]}}}),
    "c": item("c", price={"N": "3"}, until={"N": str(UNTIL + 1)}, added={"L": []}),
    "e": item("e", price={"N": "5"}, bytes={"B": ""}, doc={"M": {}}),
}
PUTS = [
    [{"put": NEW[key], "was": BASE.get(key)} for key in "ab"],
    [{"put": NEW[key], "was": BASE.get(key)} for key in "ce"],
]
DELETES = [[{"delete": {"id": {"S": "z"}}, "was": BASE["z"]}]]


@pytest.fixture(autouse=True)
def _deployed_writer(rig: Rig) -> Iterator[None]:
    rig.writer_stands_in = False
    yield
    rig.writer_stands_in = True


@pytest.fixture
def execution(rig: Rig) -> Iterator[str]:
    """Start an execution of the domain's catch-up machine, and end it after the test."""
    states = rig.client("stepfunctions")
    machines = [m for m in states.list_state_machines()["stateMachines"] if m["name"] == MACHINE]
    deployed = states.describe_state_machine(stateMachineArn=machines[0]["stateMachineArn"]) if machines else None
    if deployed is None:
        role = f"arn:aws:iam::{rig.aws.active.account}:role/migration-test-rates-machine"
        machine = states.create_state_machine(name=MACHINE, definition=json.dumps(WAITING), roleArn=role)
    else:
        machine = deployed
        states.update_state_machine(stateMachineArn=machine["stateMachineArn"], definition=json.dumps(WAITING))
    arn = states.start_execution(stateMachineArn=machine["stateMachineArn"])["executionArn"]
    yield str(arn)
    states.stop_execution(executionArn=arn)
    if deployed is None:
        states.delete_state_machine(stateMachineArn=machine["stateMachineArn"])
    else:
        states.update_state_machine(stateMachineArn=machine["stateMachineArn"], definition=deployed["definition"])


@pytest.fixture
def table_id(rig: Rig) -> str:
    """Import the base's items, as a bootstrap does, and write the changes; return the TableId."""
    s3, dynamodb = rig.client("s3"), rig.client("dynamodb")
    lines = "".join(json.dumps({"Item": held}) + "\n" for held in BASE.values())
    s3.put_object(Bucket=rig.bucket, Key="processed/x/items.json.gz", Body=gzip.compress(lines.encode()))
    started = dynamodb.import_table(
        S3BucketSource={"S3Bucket": rig.bucket, "S3KeyPrefix": "processed/x/"},
        InputFormat="DYNAMODB_JSON",
        InputCompressionType="GZIP",
        TableCreationParameters={
            "TableName": "BaseRate",
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "BillingMode": "PAY_PER_REQUEST",
        },
    )["ImportTableDescription"]
    while (
        dynamodb.describe_import(ImportArn=started["ImportArn"])["ImportTableDescription"]["ImportStatus"]
        != "COMPLETED"
    ):
        time.sleep(0.02)
    dynamodb.update_time_to_live(
        TableName="BaseRate", TimeToLiveSpecification={"Enabled": True, "AttributeName": "until"}
    )
    tag(rig, **TAGS)
    change(rig, puts=PUTS, deletes=DELETES)
    return str(dynamodb.describe_table(TableName="BaseRate")["Table"]["TableId"])


def tag(rig: Rig, **tags: str) -> None:
    arn = f"arn:aws:dynamodb:{REGION}:{rig.aws.active.account}:table/BaseRate"
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    rig.client("dynamodb").tag_resource(ResourceArn=arn, Tags=listed)


def change(rig: Rig, **parts: list[list[dict[str, Any]]]) -> None:
    """Write changes as the Delta job does."""
    s3, listed = rig.client("s3"), {}
    for kind, contents in parts.items():
        listed[kind] = []
        for number, lines in enumerate(contents):
            content = gzip.compress("".join(json.dumps(line) + "\n" for line in lines).encode())
            md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
            name = f"{kind}-{number}.jsonl.gz"
            s3.put_object(Bucket=rig.bucket, Key=f"changes/{FOLDER}/{name}", Body=content)
            listed[kind].append({"name": name, "changes": len(lines), "bytes": len(content), "md5": md5})
    s3.put_object(Bucket=rig.bucket, Key=f"changes/{FOLDER}/parts.json", Body=json.dumps(listed))


def call(rig: Rig, execution: str, table_id: str, **fields: Any) -> dict[str, Any]:
    """Invoke the function; return its answer, or the name of its error and the words."""
    event = {
        "operation": "apply",
        "domain": "rates",
        "run": "r2",
        "attempt": "a1",
        "execution": execution,
        "table": "BaseRate",
        "tableName": "BaseRate",
        "tableId": table_id,
        "kind": "puts",
        "lane": 0,
        "lanes": 1,
        "part": 0,
        "offset": 0,
        "writesPerSecond": 500,
        **fields,
    }
    answer = rig.client("lambda").invoke(FunctionName=FUNCTION, Payload=json.dumps(event))
    answered: dict[str, Any] = json.loads(answer["Payload"].read())
    return answered


def items(rig: Rig) -> dict[str, Any]:
    """Return the table's items by key, with sets in order and numbers without their notation."""
    scanned = rig.client("dynamodb").scan(TableName="BaseRate", ConsistentRead=True)["Items"]
    return {held["id"]["S"]: plain({"M": held}) for held in scanned}


def plain(attribute: dict[str, Any]) -> Any:
    ((kind, value),) = attribute.items()
    match kind:
        case "N":
            return float(value)
        case "NS":
            return {float(entry) for entry in value}
        case "SS" | "BS":
            return set(value)
        case "L":
            return [plain(entry) for entry in value]
        case "M":
            return {name: plain(inner) for name, inner in value.items()}
        case _:
            return value


def expected() -> dict[str, Any]:
    return {
        "a": {"id": "a", "price": 1.5, "tags": {"x", "y"}, "none": True, "bytes": b"\0\2"},
        "b": {"id": "b", "price": 2.0, "doc": {"l": [{1.0, 2.0}, False]}},
        "c": {"id": "c", "price": 3.0, "until": UNTIL + 1, "added": []},
        "d": {"id": "d", "price": 4.0},
        "e": {"id": "e", "price": 5.0, "bytes": b"", "doc": {}},
    }


def counts(**changed: int) -> dict[str, int]:
    return {**dict.fromkeys(("applied", "already", "expired", "conflicts"), 0), **changed}


def test_changes_are_written_once_and_a_second_call_finds_them_there(rig: Rig, execution: str, table_id: str) -> None:
    first = [call(rig, execution, table_id), call(rig, execution, table_id, kind="deletes")]
    second = [call(rig, execution, table_id), call(rig, execution, table_id, kind="deletes")]

    assert items(rig) == expected()
    assert first == [
        {"done": True, "part": 2, "offset": 0, **counts(applied=4)},
        {"done": True, "part": 1, "offset": 0, **counts(applied=1)},
    ]
    assert second == [
        {"done": True, "part": 2, "offset": 0, **counts(already=4)},
        {"done": True, "part": 1, "offset": 0, **counts(already=1)},
    ]
    assert rig.keys("conflicts/") == []


def test_lanes_and_offsets_write_the_rest(rig: Rig, execution: str, table_id: str) -> None:
    answers = [
        call(rig, execution, table_id, lanes=2, lane=1, part=1),
        call(rig, execution, table_id, lanes=2, lane=0, offset=1),
    ]

    assert [answer["applied"] for answer in answers] == [2, 1]
    assert items(rig) == {**expected(), "a": plain({"M": {**BASE["a"], "bytes": {"B": b"\0\1"}}}), "z": items(rig)["z"]}


def test_what_somebody_else_wrote_stays_and_is_kept_as_a_conflict(rig: Rig, execution: str, table_id: str) -> None:
    dynamodb = rig.client("dynamodb")
    for key, text in (("a", "SET price = :v"), ("c", "SET #o = :v"), ("z", "SET #o = :v")):
        names = {"ExpressionAttributeNames": {"#o": "owner"}} if "#o" in text else {}
        dynamodb.update_item(
            TableName="BaseRate",
            Key={"id": {"S": key}},
            UpdateExpression=text,
            ExpressionAttributeValues={":v": {"N": "100"}},
            **names,
        )
    dynamodb.put_item(TableName="BaseRate", Item={"id": {"S": "e"}, "by": {"S": "somebody"}})
    theirs = items(rig)

    answers = [call(rig, execution, table_id), call(rig, execution, table_id, kind="deletes")]

    assert answers == [
        {"done": True, "part": 2, "offset": 0, **counts(applied=1, conflicts=3)},
        {"done": True, "part": 1, "offset": 0, **counts(conflicts=1)},
    ]
    left = {**theirs, "b": expected()["b"], "c": {**expected()["c"], "owner": 100.0}}
    assert items(rig) == left
    kept = {key: [json.loads(line) for line in body(rig, key).splitlines()] for key in sorted(rig.keys("conflicts/"))}
    assert list(kept) == [f"conflicts/{FOLDER}/{name}.json" for name in ("deletes-0-0", "puts-0-0", "puts-1-0")]
    (conflict,) = kept[f"conflicts/{FOLDER}/puts-0-0.json"]
    assert conflict == {"key": {"id": {"S": "a"}}, "expected": BASE["a"], "found": conflict["found"]}
    assert (conflict["found"]["price"], conflict["found"]["bytes"]) == ({"N": "100"}, {"B": "AAE="})


def body(rig: Rig, key: str) -> str:
    return str(rig.client("s3").get_object(Bucket=rig.bucket, Key=key)["Body"].read().decode())


def test_a_live_table_is_written_to_neither_by_the_code_nor_by_the_role(
    rig: Rig, execution: str, table_id: str
) -> None:
    before = items(rig)
    tag(rig, **{"migration:live": "2026-11-30T07:00:00Z"})

    answer = call(rig, execution, table_id)

    assert answer["errorType"] == "DomainIsLiveError"
    assert "is live since 2026-11-30T07:00:00Z" in answer["errorMessage"]
    dynamodb = as_role(rig, "table-writer", "dynamodb")
    key = {"TableName": "BaseRate", "Key": {"id": {"S": "a"}}}
    for write in (
        lambda: dynamodb.put_item(TableName="BaseRate", Item={"id": {"S": "a"}}),
        lambda: dynamodb.update_item(**key, UpdateExpression="REMOVE price"),
        lambda: dynamodb.delete_item(**key),
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            write()
    for role in ("rates-machine",):
        with pytest.raises(ClientError, match=r"not authorized to perform: dynamodb:DeleteTable"):
            as_role(rig, role, "dynamodb").delete_table(TableName="BaseRate")
    assert items(rig) == before


def test_the_role_writes_to_the_tables_of_the_domains_alone(rig: Rig, execution: str, table_id: str) -> None:
    assert execution
    assert table_id
    rig.client("dynamodb").create_table(
        TableName="Orders",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb, s3 = as_role(rig, "table-writer", "dynamodb"), as_role(rig, "table-writer", "s3")

    dynamodb.put_item(TableName="BaseRate", Item={"id": {"S": "new"}})
    for refused in (
        lambda: dynamodb.put_item(TableName="Orders", Item={"id": {"S": "new"}}),
        lambda: dynamodb.get_item(TableName="Orders", Key={"id": {"S": "new"}}),
        lambda: dynamodb.delete_table(TableName="BaseRate"),
        lambda: s3.put_object(Bucket=rig.bucket, Key=f"changes/{FOLDER}/parts.json", Body=b""),
        lambda: s3.get_object(Bucket=rig.bucket, Key="status/in-progress/rates.json"),
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            refused()


def test_the_role_is_allowed_what_its_calls_need_and_nothing_that_no_call_uses(
    rig: Rig, execution: str, table_id: str
) -> None:
    rig.client("dynamodb").delete_item(TableName="BaseRate", Key={"id": {"S": "a"}})
    assert call(rig, execution, table_id)["conflicts"] == 1
    assert call(rig, execution, table_id, kind="deletes")["applied"] == 1
    (alias,) = [a for a in rig.client("kms").list_aliases()["Aliases"] if a["AliasName"] == "alias/migration-test"]
    key = rig.client("kms").describe_key(KeyId=alias["TargetKeyId"])["KeyMetadata"]["Arn"]
    application = f"arn:aws:emr-serverless:{REGION}:{rig.aws.active.account}:/applications/none"
    names = privileges.stack_names(rig.aws.active.account, key, application)

    assert authorization.recorded(FUNCTION)
    assert privileges.complaints("table-writer", FUNCTION, names) == []


def test_a_table_that_was_made_anew_is_not_written_to(rig: Rig, execution: str, table_id: str) -> None:
    assert table_id
    answer = call(rig, execution, str(uuid.uuid4()))
    assert answer["errorType"] == "TableReplacedError"
    rig.client("dynamodb").delete_table(TableName="BaseRate")

    answer = call(rig, execution, table_id)

    assert answer["errorType"] == "TableReplacedError"
    assert "BaseRate is gone" in answer["errorMessage"]


def test_nothing_is_written_for_an_execution_that_ended_or_of_another_machine(
    rig: Rig, execution: str, table_id: str
) -> None:
    before = items(rig)
    assert call(rig, execution.replace("-catch-up", ""), table_id)["errorType"] == "CallerRefusedError"
    assert rig.stop(execution).status == "ABORTED"

    assert call(rig, execution, table_id)["errorType"] == "ExecutionEndedError"
    assert items(rig) == before


def test_a_part_that_was_damaged_is_not_written(rig: Rig, execution: str, table_id: str) -> None:
    before = items(rig)
    rig.client("s3").put_object(Bucket=rig.bucket, Key=f"changes/{FOLDER}/puts-0.jsonl.gz", Body=b"x")

    assert call(rig, execution, table_id)["errorType"] == "PartDamagedError"
    assert items(rig) == before
