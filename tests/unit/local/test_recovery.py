"""Exports of the embedded DynamoDB as of an instant: their items, and the recovery window."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from local.aws.server import EmbeddedAws

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ACCOUNT, REGION = "971779422973", "eu-west-1"
SCALE = 0.002  # five minutes behind are 0.6 seconds
BEHIND_SECONDS = 300 * SCALE


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[EmbeddedAws]:
    with EmbeddedAws(account=ACCOUNT, region=REGION, work=tmp_path, time_scale=SCALE) as running:
        yield running


@pytest.fixture
def dynamodb(aws: EmbeddedAws) -> Any:  # noqa: ANN401 - a boto3 client
    aws.client("s3").create_bucket(Bucket="out", CreateBucketConfiguration={"LocationConstraint": REGION})
    client = aws.client("dynamodb")
    client.create_table(
        TableName="T",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
    )
    client.update_continuous_backups(
        TableName="T", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    return client


def put(dynamodb: Any, key: str, value: str) -> None:  # noqa: ANN401 - a boto3 client
    dynamodb.put_item(TableName="T", Item={"k": {"S": key}, "v": {"S": value}})


def export(dynamodb: Any, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - a boto3 client
    arn = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/T"
    started = dynamodb.export_table_to_point_in_time(TableArn=arn, S3Bucket="out", S3Prefix="p", **more)
    while (
        description := dynamodb.describe_export(ExportArn=started["ExportDescription"]["ExportArn"])[
            "ExportDescription"
        ]
    )["ExportStatus"] == "IN_PROGRESS":
        time.sleep(0.02)
    return dict(description)


def exported(aws: EmbeddedAws, description: dict[str, Any]) -> dict[str, str]:
    """Return the values of an export's items by their keys."""

    def read(key: str) -> bytes:
        return bytes(aws.client("s3").get_object(Bucket="out", Key=key)["Body"].read())

    files = read(json.loads(read(description["ExportManifest"]))["manifestFilesS3Key"]).splitlines()
    lines = [line for file in files for line in gzip.decompress(read(json.loads(file)["dataFileS3Key"])).splitlines()]
    items = [json.loads(line)["Item"] for line in lines]
    return {item["k"]["S"]: item["v"]["S"] for item in items}


def test_an_export_of_an_instant_holds_what_stood_then(aws: EmbeddedAws, dynamodb: Any) -> None:  # noqa: ANN401 - a boto3 client
    put(dynamodb, "changed", "old")
    put(dynamodb, "deleted", "old")
    put(dynamodb, "kept", "old")
    time.sleep(0.01)
    instant = dt.datetime.now(dt.UTC)
    time.sleep(0.01)
    put(dynamodb, "changed", "new")
    put(dynamodb, "changed", "newer")
    put(dynamodb, "added", "new")
    dynamodb.delete_item(TableName="T", Key={"k": {"S": "deleted"}})
    dynamodb.update_item(
        TableName="T",
        Key={"k": {"S": "kept"}},
        UpdateExpression="SET v = :v",
        ExpressionAttributeValues={":v": {"S": "new"}},
    )
    time.sleep(BEHIND_SECONDS)

    then = export(dynamodb, ExportTime=instant)

    assert exported(aws, then) == {"changed": "old", "deleted": "old", "kept": "old"}
    assert abs(then["ExportTime"] - instant) < dt.timedelta(milliseconds=1)
    assert exported(aws, export(dynamodb)) == {"changed": "newer", "added": "new", "kept": "new"}


def test_recovery_reaches_to_five_minutes_before_now(dynamodb: Any) -> None:  # noqa: ANN401 - a boto3 client
    time.sleep(BEHIND_SECONDS)
    before = time.time()

    backups = dynamodb.describe_continuous_backups(TableName="T")["ContinuousBackupsDescription"]

    reach = backups["PointInTimeRecoveryDescription"]["LatestRestorableDateTime"].timestamp()
    assert before - BEHIND_SECONDS - 0.01 <= reach <= time.time() - BEHIND_SECONDS


@pytest.mark.parametrize("hours", [-1, 1])
def test_an_instant_outside_of_the_window_is_refused(dynamodb: Any, hours: int) -> None:  # noqa: ANN401 - a boto3 client
    instant = dt.datetime.now(dt.UTC) + dt.timedelta(hours=hours)

    with pytest.raises(dynamodb.exceptions.InvalidExportTimeException, match="point in time recovery window"):
        export(dynamodb, ExportTime=instant)


def test_a_refused_write_is_not_remembered(aws: EmbeddedAws, dynamodb: Any) -> None:  # noqa: ANN401 - a boto3 client
    put(dynamodb, "kept", "old")
    time.sleep(0.01)
    instant = dt.datetime.now(dt.UTC)
    time.sleep(0.01)
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException):
        dynamodb.put_item(TableName="T", Item={"k": {"S": "kept"}}, ConditionExpression="attribute_not_exists(k)")
    time.sleep(BEHIND_SECONDS)

    assert exported(aws, export(dynamodb, ExportTime=instant)) == {"kept": "old"}
