"""The embedded AWS answers as AWS documents it, in cases where moto does not."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import time
import uuid
import zipfile
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from local.aws import seams
from runner.live.poll import follow
from tests.functional.recording import Quiet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from local.stack import LocalStack

KEY_SCHEMA = [{"AttributeName": "id", "KeyType": "HASH"}]
KEYS = [{"AttributeName": "id", "AttributeType": "S"}]


@pytest.fixture
def bucket(stack: LocalStack) -> Iterator[str]:
    name = f"test-{uuid.uuid4().hex[:8]}"
    s3 = stack.client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    yield name
    for entry in s3.list_objects_v2(Bucket=name).get("Contents", []):
        s3.delete_object(Bucket=name, Key=entry["Key"])
    s3.delete_bucket(Bucket=name)


@pytest.fixture
def role(stack: LocalStack) -> Iterator[str]:
    """Create a role with all rights, because these tests are not about rights."""
    iam, name = stack.client("iam"), f"r{uuid.uuid4().hex[:8]}"
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    trust = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
    made = iam.create_role(
        RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )
    iam.put_role_policy(
        RoleName=name, PolicyName="all", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [everything]})
    )
    yield str(made["Role"]["Arn"])
    iam.delete_role_policy(RoleName=name, PolicyName="all")
    iam.delete_role(RoleName=name)


@pytest.fixture
def execute(stack: LocalStack, role: str) -> Callable[..., dict[str, Any]]:
    states = stack.client("stepfunctions")

    def run(definition: dict[str, Any], execution_input: str = "{}") -> dict[str, Any]:
        text = json.dumps({"QueryLanguage": "JSONata", **definition})
        machine = states.create_state_machine(name=f"m{uuid.uuid4().hex[:8]}", definition=text, roleArn=role)
        arn = states.start_execution(stateMachineArn=machine["stateMachineArn"], input=execution_input)["executionArn"]
        follow(states, [arn], Quiet(), poll_seconds=0.05)
        return dict(states.describe_execution(executionArn=arn))

    return run


INPUT = {"text": 'two\nlines "quoted" \\ é', "items": [{"n": "a"}, {"n": "b"}]}


def single_state(**state: Any) -> dict[str, Any]:  # noqa: ANN401 - any ASL
    return {"StartAt": "S", "States": {"S": {"Type": "Pass", "End": True, **state}}}


def import_lines(stack: LocalStack, bucket: str, content: dict[str, bytes], **more: Any) -> dict[str, Any]:  # noqa: ANN401
    s3, dynamodb = stack.client("s3"), stack.client("dynamodb")
    for name, body in content.items():
        s3.put_object(Bucket=bucket, Key=f"in/{name}", Body=gzip.compress(body) if body else b"")
    started = dynamodb.import_table(
        S3BucketSource={"S3Bucket": bucket, "S3KeyPrefix": "in/"},
        InputFormat="DYNAMODB_JSON",
        InputCompressionType="GZIP",
        TableCreationParameters={
            "TableName": f"T{uuid.uuid4().hex[:8]}",
            "AttributeDefinitions": KEYS,
            "KeySchema": KEY_SCHEMA,
            "BillingMode": "PAY_PER_REQUEST",
        },
        **more,
    )["ImportTableDescription"]
    while True:
        description = dynamodb.describe_import(ImportArn=started["ImportArn"])["ImportTableDescription"]
        if description["ImportStatus"] != "IN_PROGRESS":
            return dict(description)
        time.sleep(0.05)


def line(**item: Any) -> bytes:  # noqa: ANN401 - attribute values
    return json.dumps({"Item": item}, ensure_ascii=False).encode() + b"\n"


def test_every_seam_that_is_replaced_was_there(stack: LocalStack) -> None:
    assert stack.aws.active.port
    replaced = seams.replaced()
    assert len(replaced) > 35
    for name in ("LambdaFunction._invoke_lambda", "EMRServerlessBackend.start_job_run", "RDSBackend.create_db_cluster"):
        assert any(entry.endswith(name) for entry in replaced), name


def test_a_seam_that_moto_lost_is_named() -> None:
    with pytest.raises(seams.SeamMissingError, match=r"moto has no local\.aws\.seams\.gone; it must be 5\.2\.5"):
        seams.replace(seams, "gone", None)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("{% $filter([1,2,3], function($n) { $n > 2 }) %}", 3),
        ("{% $states.input.items[n='b'].n %}", "b"),
        ("{% $partition([1,2,3], 2) %}", [[1, 2], [3]]),
        ("{% $range(0, 6, 3) %}", [0, 3, 6]),
        ("{% $hash('x', 'MD5') %}", hashlib.md5(b"x", usedforsecurity=False).hexdigest()),
        ("{% $parse('{\"a\": [1]}') %}", {"a": [1]}),
        ("{% null %}", None),
        ("{% $states.input.text %}", 'two\nlines "quoted" \\ é'),
    ],
)
def test_jsonata_gives_what_aws_gives(
    execute: Callable[..., dict[str, Any]], expression: str, expected: object
) -> None:
    ended = execute(single_state(Output={"v": expression}), json.dumps(INPUT))

    assert ended["status"] == "SUCCEEDED", ended
    assert json.loads(ended["output"]) == {"v": expected}


@pytest.mark.parametrize("expression", ["{% $states.input.nothing %}", "{% $eval('1') %}", "{% 1 / 'a' %}"])
def test_an_expression_that_yields_nothing_fails_the_state(
    execute: Callable[..., dict[str, Any]], expression: str
) -> None:
    ended = execute(single_state(Output={"v": expression}))

    assert (ended["status"], ended["error"]) == ("FAILED", "States.QueryEvaluationError")


def test_a_variable_with_quotes_and_braces_can_be_used_again(execute: Callable[..., dict[str, Any]]) -> None:
    states = {
        "A": {"Type": "Pass", "Assign": {"said": "{% $states.input.said %}"}, "Next": "B"},
        "B": {"Type": "Pass", "Output": "{% $said & '!' %}", "End": True},
    }
    ended = execute({"StartAt": "A", "States": states}, json.dumps({"said": '{"a": "b\\"c"}'}))

    assert json.loads(ended["output"]) == '{"a": "b\\"c"}!'


def test_variables_that_shadow_an_outer_one_are_refused(stack: LocalStack, role: str) -> None:
    inner = {"StartAt": "I", "States": {"I": {"Type": "Pass", "Assign": {"x": 2}, "End": True}}}
    states = {
        "A": {"Type": "Pass", "Assign": {"x": 1}, "Next": "M"},
        "M": {"Type": "Map", "Items": [1], "ItemProcessor": inner, "End": True},
    }
    definition = {"QueryLanguage": "JSONata", "StartAt": "A", "States": states}

    with pytest.raises(ClientError, match=r"variables of an outer scope are assigned: \['x'\]"):
        stack.client("stepfunctions").create_state_machine(
            name="shadow", definition=json.dumps(definition), roleArn=role
        )


def test_a_choice_without_a_match_or_default_fails_by_its_own_name(execute: Callable[..., dict[str, Any]]) -> None:
    choice = {"Type": "Choice", "Choices": [{"Condition": "{% false %}", "Next": "E"}]}
    ended = execute({"StartAt": "C", "States": {"C": choice, "E": {"Type": "Succeed"}}})

    assert (ended["status"], ended["error"]) == ("FAILED", "States.NoChoiceMatched")


def test_the_start_time_is_text_and_a_text_output_is_json(execute: Callable[..., dict[str, Any]]) -> None:
    ended = execute(single_state(Output="{% $states.context.Execution.StartTime %}"))

    assert json.loads(ended["output"]).endswith("Z")
    assert ended["redriveCount"] == 0


@pytest.mark.parametrize(
    ("resource", "arguments", "error"),
    [
        ("s3:getObject", {"Bucket": "DATA", "Key": "nothing"}, "S3.NoSuchKeyException"),
        ("s3:putObject", {"Bucket": "DATA", "Key": "there", "Body": "x", "IfNoneMatch": "*"}, "S3.S3Exception"),
        ("dynamodb:describeTable", {"TableName": "nothing"}, "DynamoDb.ResourceNotFoundException"),
        ("iam:getRole", {"RoleName": "nothing"}, "Iam.NoSuchEntityException"),
        ("kinesis:describeStreamSummary", {"StreamName": "nothing"}, "Kinesis.ResourceNotFoundException"),
        ("rds:describeDBClusters", {"DbClusterIdentifier": "nothing"}, "Rds.DbClusterNotFoundException"),
    ],
)
def test_errors_have_the_names_of_the_sdk(
    stack: LocalStack, execute: Callable[..., dict[str, Any]], resource: str, arguments: dict[str, str], error: str
) -> None:
    stack.client("s3").put_object(Bucket=stack.data_bucket, Key="there", Body=b"x")
    task_arguments = {k: stack.data_bucket if v == "DATA" else v for k, v in arguments.items()}
    task = {
        "Type": "Task",
        "Resource": f"arn:aws:states:::aws-sdk:{resource}",
        "Arguments": task_arguments,
        "End": True,
    }

    ended = execute({"StartAt": "T", "States": {"T": task}})

    stack.client("s3").delete_object(Bucket=stack.data_bucket, Key="there")
    assert (ended["status"], ended["error"]) == ("FAILED", error)


def test_history_has_pages_and_both_orders(stack: LocalStack, execute: Callable[..., dict[str, Any]]) -> None:
    ended = execute(single_state())
    states = stack.client("stepfunctions")
    arn = ended["executionArn"]
    ids = [e["id"] for e in states.get_execution_history(executionArn=arn)["events"]]

    first = states.get_execution_history(executionArn=arn, maxResults=2, reverseOrder=True)
    second = states.get_execution_history(
        executionArn=arn, maxResults=2, reverseOrder=True, nextToken=first["nextToken"]
    )

    assert [e["id"] for e in first["events"] + second["events"]] == ids[::-1][:4]


def test_of_many_conditional_writers_one_wins(stack: LocalStack, bucket: str) -> None:
    clients = [stack.client("s3") for _ in range(16)]

    def put(job: tuple[Any, int]) -> int:
        s3, number = job
        try:
            answer = s3.put_object(Bucket=bucket, Key=f"lock{number // 16}", Body=b"x", IfNoneMatch="*")
        except ClientError as error:
            answer = error.response
        return int(answer["ResponseMetadata"]["HTTPStatusCode"])

    with ThreadPoolExecutor(16) as pool:
        for n in range(8):
            statuses = sorted(pool.map(put, [(s3, n * 16 + i) for i, s3 in enumerate(clients)]))
            assert statuses == [200] + [412] * 15


def test_a_folder_without_an_object_is_not_there(stack: LocalStack, bucket: str) -> None:
    s3 = stack.client("s3")
    for key, body in (("empty/", b""), ("full/", b""), ("full/one", b"1"), ("odd/", b"text")):
        s3.put_object(Bucket=bucket, Key=key, Body=body)

    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["full/one", "odd/"]
    with pytest.raises(ClientError, match="404"):
        s3.head_object(Bucket=bucket, Key="empty/")


def test_an_import_keeps_every_character_and_counts_bytes(stack: LocalStack, bucket: str) -> None:
    text = 'a "quote" \\ line\nbreak é 🥂 {"json": []}'
    lines = line(id={"S": "1"}, text={"S": text}, empty={"L": []}) + line(id={"S": "2"}, m={"M": {}})

    imported = import_lines(stack, bucket, {"a.gz": lines, "b.gz": line(id={"S": "3"})})

    assert (imported["ImportStatus"], imported["ImportedItemCount"], imported["ErrorCount"]) == ("COMPLETED", 3, 0)
    assert imported["ProcessedSizeBytes"] == len(lines) + len(line(id={"S": "3"}))
    dynamodb = stack.client("dynamodb")
    table = imported["TableArn"].split("/")[1]
    item = dynamodb.get_item(TableName=table, Key={"id": {"S": "1"}})["Item"]
    assert item == {"id": {"S": "1"}, "text": {"S": text}, "empty": {"L": []}}
    dynamodb.delete_table(TableName=table)


def nested(levels: int) -> dict[str, Any]:
    """Return a text nested in so many maps."""
    return {"M": {"n": nested(levels - 1)}} if levels else {"S": "leaf"}


@pytest.mark.parametrize(
    ("lines", "imported", "errors"),
    [
        (line(id={"S": "1"}) + line(other={"S": "x"}) + line(id={"S": "2"}), 2, 1),
        (line(id={"N": "1"}), 0, 1),
        (line(id={"S": ""}), 0, 1),
        (line(id={"S": "1"}) + b'{"Item": {"id"\n' + line(id={"S": "2"}), 1, 1),
        (line(id={"S": "1"}, n={"N": "NaN"}) + line(id={"S": "2"}, n={"N": "1E126"}), 0, 2),
        (line(id={"S": "1"}, s={"SS": []}) + line(id={"S": "2"}, s={"NS": ["1", "1.0"]}), 0, 2),
        (line(id={"S": "1"}, m=nested(32)) + line(id={"S": "2"}, m=nested(31)), 1, 1),
    ],
)
def test_a_bad_item_fails_the_import_and_is_counted(
    stack: LocalStack, bucket: str, lines: bytes, imported: int, errors: int
) -> None:
    description = import_lines(stack, bucket, {"a.gz": lines})

    assert description["ImportStatus"] == "FAILED"
    assert description["FailureCode"] == "ItemValidationError"
    assert (description["ImportedItemCount"], description["ErrorCount"]) == (imported, errors)
    stack.client("dynamodb").delete_table(TableName=description["TableArn"].split("/")[1])


def test_an_import_measures_values_and_not_their_text(stack: LocalStack, bucket: str) -> None:
    escaped = line(id={"S": "1"}, text={"S": "\x01" * 180_000})
    numbers = line(id={"S": "2"}, list={"L": [{"N": "1"}] * 140_000})

    imported = import_lines(stack, bucket, {"a.gz": escaped, "b.gz": numbers})

    assert len(escaped) > 400 * 1024
    assert (imported["ImportedItemCount"], imported["ErrorCount"]) == (1, 1)
    stack.client("dynamodb").delete_table(TableName=imported["TableArn"].split("/")[1])


def test_an_item_is_held_to_the_same_limits_however_it_is_written(stack: LocalStack) -> None:
    dynamodb = stack.client("dynamodb")
    dynamodb.create_table(
        TableName="Limits", AttributeDefinitions=KEYS, KeySchema=KEY_SCHEMA, BillingMode="PAY_PER_REQUEST"
    )
    odd = {"id": {"S": "1"}, "n": {"N": "NaN"}}
    with pytest.raises(ClientError, match="cannot be converted to a numeric value: NaN"):
        dynamodb.put_item(TableName="Limits", Item=odd)
    with pytest.raises(ClientError, match="nested levels beyond supported limit"):
        dynamodb.put_item(TableName="Limits", Item={"id": {"S": "1"}, "m": nested(32)})
    with pytest.raises(ClientError, match="cannot be converted to a numeric value: NaN"):
        dynamodb.batch_write_item(RequestItems={"Limits": [{"PutRequest": {"Item": odd}}]})
    dynamodb.put_item(TableName="Limits", Item={"id": {"S": "1"}, "m": nested(31), "b": {"B": b"\x00"}})
    assert dynamodb.scan(TableName="Limits", Select="COUNT")["Count"] == 1
    dynamodb.delete_table(TableName="Limits")


def test_an_export_is_what_its_manifest_says(stack: LocalStack, bucket: str) -> None:
    s3, dynamodb = stack.client("s3"), stack.client("dynamodb")
    content = b"".join(line(id={"S": str(n)}, n={"N": str(n)}) for n in range(100))
    table = import_lines(stack, bucket, {"a.gz": content}, ClientToken="once")["TableArn"]
    name = table.split("/")[1]
    with pytest.raises(dynamodb.exceptions.PointInTimeRecoveryUnavailableException):
        dynamodb.export_table_to_point_in_time(TableArn=table, S3Bucket=bucket)
    recovery = {"PointInTimeRecoveryEnabled": True}
    dynamodb.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=recovery)
    arguments = {"TableArn": table, "S3Bucket": bucket, "S3Prefix": "out", "ClientToken": "t"}
    started = dynamodb.export_table_to_point_in_time(**arguments)["ExportDescription"]
    assert dynamodb.export_table_to_point_in_time(**arguments)["ExportDescription"]["ExportArn"] == started["ExportArn"]
    while (export := dynamodb.describe_export(ExportArn=started["ExportArn"])["ExportDescription"])[
        "ExportStatus"
    ] == "IN_PROGRESS":
        time.sleep(0.05)

    def read(key: str) -> bytes:
        return bytes(s3.get_object(Bucket=bucket, Key=key)["Body"].read())

    summary = json.loads(read(export["ExportManifest"]))
    files = [json.loads(entry) for entry in read(summary["manifestFilesS3Key"]).splitlines()]
    assert summary["itemCount"] == export["ItemCount"] == sum(file["itemCount"] for file in files) == 100
    lines = []
    for file in files:
        data = read(file["dataFileS3Key"])
        checksum = base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
        assert checksum == file["md5Checksum"]
        lines += gzip.decompress(data).splitlines()
    assert sorted(lines) == sorted(content.splitlines())
    dynamodb.delete_table(TableName=name)


def test_settings_that_are_enabled_twice_are_refused(stack: LocalStack) -> None:
    dynamodb = stack.client("dynamodb")
    dynamodb.create_table(
        TableName="Twice", AttributeDefinitions=KEYS, KeySchema=KEY_SCHEMA, BillingMode="PAY_PER_REQUEST"
    )
    ttl = {"Enabled": True, "AttributeName": "until"}
    dynamodb.update_time_to_live(TableName="Twice", TimeToLiveSpecification=ttl)
    stream = "arn:aws:kinesis:eu-west-1:971779422973:stream/BaseRate-Stream"
    answer = dynamodb.enable_kinesis_streaming_destination(TableName="Twice", StreamArn=stream)

    assert answer["DestinationStatus"] == "ENABLING"
    with pytest.raises(ClientError, match="TimeToLive is already enabled"):
        dynamodb.update_time_to_live(TableName="Twice", TimeToLiveSpecification=ttl)
    with pytest.raises(dynamodb.exceptions.ResourceInUseException):
        dynamodb.enable_kinesis_streaming_destination(TableName="Twice", StreamArn=stream)
    dynamodb.delete_table(TableName="Twice")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return {'got': event['n'], 'env': os.environ['COLOUR']}", {"got": 1, "env": "blue"}),
        ("raise KeyError('gone')", {"errorType": "KeyError", "errorMessage": "'gone'"}),
        ("time.sleep(30)", {"errorType": "Sandbox.Timedout", "errorMessage": "Task timed out after 1.00 seconds"}),
        ("os._exit(1)", {"errorType": "Sandbox.Timedout", "errorMessage": "Task timed out after 1.00 seconds"}),
    ],
)
def test_a_function_runs_as_a_process(stack: LocalStack, role: str, body: str, expected: dict[str, Any]) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("handler.py", f"import os, time\ndef run(event, context):\n    {body}\n")
    functions = stack.client("lambda")
    functions.create_function(
        FunctionName="probe",
        Runtime="python3.13",
        Role=role,
        Handler="handler.run",
        Timeout=1,
        Code={"ZipFile": packed.getvalue()},
        Environment={"Variables": {"COLOUR": "blue"}},
    )
    answer = functions.invoke(FunctionName="probe", Payload=json.dumps({"n": 1}))
    payload = json.loads(answer["Payload"].read())
    functions.delete_function(FunctionName="probe")

    assert {name: payload[name] for name in expected} == expected


def test_a_clone_is_a_copy_that_its_source_no_longer_changes(stack: LocalStack) -> None:
    rds = stack.client("rds")
    made = {"DBClusterIdentifier": "copy-clone", "SourceDBClusterIdentifier": "lipsdb", "UseLatestRestorableTime": True}
    rds.restore_db_cluster_to_point_in_time(RestoreType="copy-on-write", **made)
    with pytest.raises(rds.exceptions.DBClusterAlreadyExistsFault):
        rds.restore_db_cluster_to_point_in_time(RestoreType="copy-on-write", **made)
    while (clone := describe(rds, "copy-clone"))["Status"] == "creating":
        time.sleep(0.1)

    assert clone["Status"] == "available"
    assert clone["CloneGroupId"] == describe(rds, "lipsdb")["CloneGroupId"]
    assert (clone["Endpoint"], clone["Port"]) == ("127.0.0.1", stack.fleet.server("copy-clone").port)
    assert rds.delete_db_cluster(DBClusterIdentifier="copy-clone", SkipFinalSnapshot=True)["DBCluster"]["Status"] == (
        "deleting"
    )
    while "copy-clone" in {c["DBClusterIdentifier"] for c in rds.describe_db_clusters()["DBClusters"]}:
        time.sleep(0.1)
    assert "copy-clone" not in stack.fleet.names()


def describe(rds: Any, identifier: str) -> dict[str, Any]:  # noqa: ANN401 - a boto3 client
    return dict(rds.describe_db_clusters(DBClusterIdentifier=identifier)["DBClusters"][0])
