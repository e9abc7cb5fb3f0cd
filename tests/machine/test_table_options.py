"""Table options of the embedded AWS, as DynamoDB documents them, and a run's use of the catalog's options."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from tests.machine.rig import Rig

KEYS: dict[str, Any] = {
    "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
}


def described(rig: Rig, name: str) -> dict[str, Any]:
    table: dict[str, Any] = rig.client("dynamodb").describe_table(TableName=name)["Table"]
    return table


def test_a_table_takes_one_change_at_a_time_and_shows_it(rig: Rig) -> None:
    dynamodb = rig.client("dynamodb")
    most = {"MaxReadRequestUnits": 7, "MaxWriteRequestUnits": 8}
    dynamodb.create_table(TableName="Any", BillingMode="PAY_PER_REQUEST", OnDemandThroughput=most, **KEYS)

    dynamodb.update_table(TableName="Any", TableClass="STANDARD_INFREQUENT_ACCESS")
    with pytest.raises(ClientError, match="ResourceInUseException"):
        dynamodb.update_table(TableName="Any", DeletionProtectionEnabled=True)

    while described(rig, "Any")["TableStatus"] == "UPDATING":
        time.sleep(0.01)
    dynamodb.update_table(TableName="Any", DeletionProtectionEnabled=True)
    table = described(rig, "Any")
    assert table["TableClassSummary"] == {"TableClass": "STANDARD_INFREQUENT_ACCESS"}
    assert table["OnDemandThroughput"] == most
    with pytest.raises(ClientError, match="can't be deleted while DeletionProtectionEnabled"):
        dynamodb.delete_table(TableName="Any")


@pytest.mark.parametrize(("mode", "suffix"), [("rehearsal", "-rehearsal"), ("official", "")])
def test_a_run_sets_what_the_catalog_says_and_protects_official_tables(rig: Rig, mode: str, suffix: str) -> None:
    assert rig.run(mode=mode).status == "SUCCEEDED"

    optional, plain = described(rig, f"BaseRate{suffix}"), described(rig, f"BaseRateAssociation{suffix}")
    assert optional["TableClassSummary"]["TableClass"] == "STANDARD_INFREQUENT_ACCESS"
    assert optional["WarmThroughput"]["ReadUnitsPerSecond"] == 20_000
    assert plain["TableClassSummary"]["TableClass"] == "STANDARD"
    assert {table["DeletionProtectionEnabled"] for table in (optional, plain)} == {mode == "official"}


def test_an_official_table_is_protected_before_it_is_tagged(rig: Rig) -> None:
    arn = rig.start(mode="official")

    assert rig.end(arn).status == "SUCCEEDED"
    entered = rig.entered(arn)
    assert entered.index("UpdateTable") < entered.index("TagTable")
