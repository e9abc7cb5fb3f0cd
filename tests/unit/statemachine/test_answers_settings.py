"""The calls that make a table's settings as in the catalog, and what is kept of their answers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.statemachine.stepping import OWN, step

SETTINGS: dict[str, Any] = {
    "creation": {"BillingMode": "PAY_PER_REQUEST"},
    "kmsKey": "",
    "protection": True,
    "tableClass": "STANDARD",
    "warm": {"ReadUnitsPerSecond": 0, "WriteUnitsPerSecond": 0},
}

DESCRIBED: dict[str, Any] = {
    "TableStatus": "ACTIVE",
    "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
    "DeletionProtectionEnabled": True,
}

KEY = "arn:aws:kms:eu-west-1:1:key/k"

INFREQUENT = "STANDARD_INFREQUENT_ACCESS"

WARM = {"ReadUnitsPerSecond": 5, "WriteUnitsPerSecond": 7}


def described(options: dict[str, Any], table: dict[str, Any], mode: str = "official") -> dict[str, Any]:
    looked = step(
        "DescribeSettings",
        answer={"Table": {**DESCRIBED, **table}},
        options={**SETTINGS, **options},
        own={**OWN, "mode": mode},
        tableName="T",
        settingsChecks=1,
    )
    assert (looked.asked, looked.kept["settingsChecks"]) == ({"TableName": "T"}, 2)
    assert looked.kept["tableStatus"] == "ACTIVE"
    return looked.kept


@pytest.mark.parametrize(
    ("options", "table", "mode", "change"),
    [
        ({}, {}, "official", {}),
        ({}, {"DeletionProtectionEnabled": False}, "official", {"DeletionProtectionEnabled": True}),
        ({}, {"DeletionProtectionEnabled": None}, "official", {"DeletionProtectionEnabled": True}),
        ({}, {"DeletionProtectionEnabled": False}, "rehearsal", {}),
        ({"protection": False}, {"DeletionProtectionEnabled": False}, "official", {}),
        ({"tableClass": INFREQUENT}, {}, "official", {"TableClass": INFREQUENT}),
        ({"tableClass": INFREQUENT}, {"TableClassSummary": {"TableClass": INFREQUENT}}, "official", {}),
        ({}, {"TableClassSummary": {"TableClass": INFREQUENT}}, "rehearsal", {"TableClass": "STANDARD"}),
        (
            {"tableClass": INFREQUENT},
            {"DeletionProtectionEnabled": False},
            "official",
            {"DeletionProtectionEnabled": True},
        ),
        ({"warm": WARM}, {}, "official", {"WarmThroughput": WARM}),
        ({"warm": WARM}, {"WarmThroughput": WARM}, "official", {}),
        (
            {"warm": WARM},
            {"WarmThroughput": {"ReadUnitsPerSecond": 4, "WriteUnitsPerSecond": 9}},
            "official",
            {"WarmThroughput": WARM},
        ),
        (
            {"warm": WARM},
            {"WarmThroughput": {"ReadUnitsPerSecond": 9, "WriteUnitsPerSecond": 6}},
            "official",
            {"WarmThroughput": WARM},
        ),
        ({"warm": WARM}, {"WarmThroughput": {"ReadUnitsPerSecond": 9, "WriteUnitsPerSecond": 9}}, "official", {}),
        ({"warm": WARM, "tableClass": INFREQUENT}, {}, "official", {"TableClass": INFREQUENT}),
    ],
)
def test_one_thing_that_a_table_lacks_is_changed_at_a_time_and_its_protection_first(
    options: dict[str, Any], table: dict[str, Any], mode: str, change: dict[str, Any]
) -> None:
    assert described(options, table, mode)["change"] == change


@pytest.mark.parametrize(
    ("options", "table", "words"),
    [
        ({}, {}, ""),
        ({}, {"SSEDescription": {"KMSMasterKeyArn": KEY}}, ""),
        ({}, {"BillingModeSummary": {"BillingMode": "PROVISIONED"}}, "its billing mode is PROVISIONED"),
        ({}, {"BillingModeSummary": {}}, "its billing mode is PROVISIONED"),
        ({"kmsKey": KEY}, {"SSEDescription": {"KMSMasterKeyArn": KEY}}, ""),
        ({"kmsKey": KEY}, {"SSEDescription": {"KMSMasterKeyArn": f"{KEY}2"}}, f"its key is {KEY}2 instead of {KEY}"),
        ({"kmsKey": KEY}, {}, f"its key is of DynamoDB instead of {KEY}"),
        ({"kmsKey": "alias/k"}, {"SSEDescription": {"KMSMasterKeyArn": KEY}}, ""),
        ({"kmsKey": "alias/k"}, {}, "its key is of DynamoDB instead of alias/k"),
    ],
)
def test_what_only_a_tables_creation_sets_is_compared(
    options: dict[str, Any], table: dict[str, Any], words: str
) -> None:
    unlike = described(options, table)["unlike"]

    assert unlike.startswith(words)
    assert bool(unlike) is bool(words)


def test_a_table_is_changed_tagged_and_made_recoverable_by_its_name_and_arn() -> None:
    updated = step("UpdateTable", answer={}, tableName="T", change={"TableClass": "STANDARD"}, updates=1)
    assert (updated.asked, updated.kept["updates"]) == ({"TableName": "T", "TableClass": "STANDARD"}, 2)
    tags = [{"Key": "t", "Value": "v"}]
    assert step("TagTable", answer={}, tableArn="a", options={"tags": tags}, own=OWN).asked == {
        "ResourceArn": "a",
        "Tags": [*tags, {"Key": "migration:run", "Value": "r1"}, {"Key": "migration:mode", "Value": "official"}],
    }
    looked = step("DescribeTtl", answer={"TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED"}}, tableName="T")
    assert (looked.asked, looked.kept["ttlStatus"]) == ({"TableName": "T"}, "ENABLED")
    assert step("EnableTtl", answer={}, tableName="T", options={"ttl": "until"}).asked == {
        "TableName": "T",
        "TimeToLiveSpecification": {"AttributeName": "until", "Enabled": True},
    }


def test_recovery_is_asked_for_and_each_look_at_it_counted() -> None:
    status = {"PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "DISABLED"}}
    answer = {"ContinuousBackupsDescription": status}

    asked = step("EnablePitr", answer=answer, tableName="T", pitrChecks=0)
    looked = step("DescribePitr", answer=answer, **asked.kept)

    wanted = {"PointInTimeRecoveryEnabled": True}
    assert asked.asked == {"TableName": "T", "PointInTimeRecoverySpecification": wanted}
    assert (asked.kept["pitrStatus"], asked.kept["pitrChecks"]) == ("DISABLED", 0)
    assert (looked.asked, looked.kept["pitrStatus"], looked.kept["pitrChecks"]) == ({"TableName": "T"}, "DISABLED", 1)


def test_a_stream_is_told_by_its_arn() -> None:
    summary_of = {"StreamDescriptionSummary": {"StreamARN": "s", "StreamStatus": "ACTIVE"}}
    looked = step("DescribeStream", answer=summary_of, options={"stream": "S"})
    assert (looked.asked, looked.kept["stream"]) == ({"StreamName": "S"}, {"arn": "s", "status": "ACTIVE"})

    listed = [
        {"StreamArn": "other", "DestinationStatus": "ACTIVE"},
        {"StreamArn": "s", "DestinationStatus": "ENABLING"},
    ]
    for destinations, status in ((listed, "ENABLING"), (listed[:1], "NONE"), ([], "NONE")):
        seen = step(
            "DescribeDestination",
            answer={"KinesisDataStreamDestinations": destinations},
            tableName="T",
            stream={"arn": "s"},
            streamChecks=1,
        )
        assert (seen.asked, seen.kept["destination"], seen.kept["streamChecks"]) == ({"TableName": "T"}, status, 2)
    enabled = step("EnableStream", answer={}, tableName="T", stream={"arn": "s"})
    assert enabled.asked == {"TableName": "T", "StreamArn": "s"}
