"""The embedded AWS reports the duration of executions, and the progress of imports and exports."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from moto.dynamodb.models import dynamodb_backends

from local.aws.dynamodb import exports, imports
from local.aws.server import EmbeddedAws

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ACCOUNT, REGION = "971779422973", "eu-west-1"
SCALE = 0.01  # one second of the past counts as 100 seconds
KEYS = [{"AttributeName": "k", "AttributeType": "S"}]
SCHEMA = [{"AttributeName": "k", "KeyType": "HASH"}]
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "states.amazonaws.com"}},
    ],
}


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    work: Path = tmp_path_factory.mktemp("aws")
    with EmbeddedAws(account=ACCOUNT, region=REGION, work=work, time_scale=SCALE) as running:
        location = {"LocationConstraint": REGION}
        running.client("s3").create_bucket(Bucket="data", CreateBucketConfiguration=location)
        yield running


def ended(aws: EmbeddedAws, seconds: float) -> tuple[Any, dict[str, Any]]:
    """Run an execution for so many seconds; return the client and the execution's description."""
    iam, states = aws.client("iam"), aws.client("stepfunctions")
    role = iam.create_role(RoleName="states", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    iam.put_role_policy(RoleName="states", PolicyName="all", PolicyDocument=json.dumps(EVERYTHING))
    wait = {"Type": "Wait", "Seconds": round(seconds / SCALE), "End": True}
    definition = json.dumps({"QueryLanguage": "JSONata", "StartAt": "W", "States": {"W": wait}})
    machine = states.create_state_machine(name="m", definition=definition, roleArn=role)["stateMachineArn"]
    arn = states.start_execution(stateMachineArn=machine, input="{}")["executionArn"]
    while (execution := states.describe_execution(executionArn=arn))["status"] == "RUNNING":
        assert "stopDate" not in execution
        time.sleep(0.02)
    return states, execution


def test_an_execution_took_what_it_took_however_long_ago_it_ended(aws: EmbeddedAws) -> None:
    states, execution = ended(aws, 0.5)
    time.sleep(1)
    (listed,) = states.list_executions(stateMachineArn=execution["stateMachineArn"])["executions"]
    later = states.describe_execution(executionArn=execution["executionArn"])

    for shown in (execution, listed, later):
        assert 0.4 < (shown["stopDate"] - shown["startDate"]).total_seconds() < 5
    # One second of waiting after the end is 100 seconds of the service's time.
    assert dt.datetime.now(dt.UTC) - later["stopDate"] > dt.timedelta(seconds=90)


def paused(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, at: int) -> tuple[threading.Event, threading.Event]:  # noqa: ANN401 - a module
    """Hold a step of a job before its `at`-th call, until the second event is set."""
    original, reached, go_on, calls = getattr(module, name), threading.Event(), threading.Event(), [0]

    def hold(*arguments: Any) -> Any:  # noqa: ANN401 - whatever the step takes
        calls[0] += 1
        if calls[0] == at:
            reached.set()
            assert go_on.wait(60)
        return original(*arguments)

    monkeypatch.setattr(module, name, hold)
    return reached, go_on


def test_an_import_under_way_says_how_many_items_and_bytes_it_has_processed(
    aws: EmbeddedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3, dynamodb = aws.client("s3"), aws.client("dynamodb")
    lines = [json.dumps({"Item": {"k": {"S": name}}}) + "\n" for name in "abcde"]
    for number, part in enumerate((lines[:2], lines[2:])):
        s3.put_object(Bucket="data", Key=f"in/{number}", Body=gzip.compress("".join(part).encode()))
    reached, go_on = paused(monkeypatch, imports, "_read_object", 2)
    created = {
        "TableName": "Imported",
        "AttributeDefinitions": KEYS,
        "KeySchema": SCHEMA,
        "BillingMode": "PAY_PER_REQUEST",
    }
    arn = dynamodb.import_table(
        S3BucketSource={"S3Bucket": "data", "S3KeyPrefix": "in/"},
        InputFormat="DYNAMODB_JSON",
        InputCompressionType="GZIP",
        TableCreationParameters=created,
    )["ImportTableDescription"]["ImportArn"]
    assert reached.wait(60)
    names = ("ImportStatus", "ProcessedItemCount", "ProcessedSizeBytes", "ImportedItemCount")
    half = dynamodb.describe_import(ImportArn=arn)["ImportTableDescription"]
    go_on.set()

    assert [half[name] for name in names] == ["IN_PROGRESS", 2, sum(map(len, lines[:2])), 2]
    assert "EndTime" not in half
    while (whole := dynamodb.describe_import(ImportArn=arn)["ImportTableDescription"])["ImportStatus"] == "IN_PROGRESS":
        time.sleep(0.02)
    assert [whole[name] for name in names] == ["COMPLETED", 5, sum(map(len, lines)), 5]


def test_an_export_under_way_says_how_many_items_it_has_written(
    aws: EmbeddedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    dynamodb = aws.client("dynamodb")
    dynamodb.create_table(
        TableName="Exported", AttributeDefinitions=KEYS, KeySchema=SCHEMA, BillingMode="PAY_PER_REQUEST"
    )
    dynamodb.update_continuous_backups(
        TableName="Exported", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    for name in "abcdefgh":
        dynamodb.put_item(TableName="Exported", Item={"k": {"S": name}})
    table = dynamodb_backends[ACCOUNT][REGION].tables["Exported"].table_arn
    reached, go_on = paused(monkeypatch, exports, "_etag", 2)
    arn = dynamodb.export_table_to_point_in_time(TableArn=table, S3Bucket="data", S3Prefix="out")["ExportDescription"][
        "ExportArn"
    ]
    assert reached.wait(60)
    half = dynamodb.describe_export(ExportArn=arn)["ExportDescription"]
    go_on.set()

    # Four files of two items: the second is written but not listed yet.
    assert (half["ExportStatus"], half["ItemCount"], "EndTime" in half) == ("IN_PROGRESS", 4, False)
    while (whole := dynamodb.describe_export(ExportArn=arn)["ExportDescription"])["ExportStatus"] == "IN_PROGRESS":
        time.sleep(0.02)
    assert (whole["ExportStatus"], whole["ItemCount"]) == ("COMPLETED", 8)
