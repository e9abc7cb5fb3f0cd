"""Whose a table is by its newest import or its tags, and what the plan says of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from botocore.exceptions import ClientError

from runner.plan.checks.tables import check_table
from runner.plan.model import Finding
from tests.unit.runner.plan.fake_account import Client, Documents, Pages, account, refused

ARN = "arn:aws:dynamodb:eu-west-1:971779422973:table/BaseRate-rehearsal"
DATA = "migration-test-data-971779422973"
NOON = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)
OWN, EARLIER = "processed/rates/r1/a1/BaseRate/", "processed/rates/r0/a1/BaseRate/"
TAGS = {"system": "rates-avail-migration-bootstrap", "stack": "test", "mode": "rehearsal"}
ADOPTED = "the table BaseRate-rehearsal of this run is adopted if its import is complete, and replaced otherwise"
REPLACED = "the table BaseRate-rehearsal of an earlier rehearsal is replaced"


def taken(by: str = "a rehearsal of this stack", name: str = "BaseRate-rehearsal") -> Finding:
    return Finding(
        "fails",
        f"table {name}",
        f"it exists, and neither its import nor its tags say that {by} made it",
        "ImportTable only creates new tables: rename or delete it",
    )


class Dynamo:
    """DynamoDB with one table, its tags, and imports, which it lists a page each."""

    def __init__(self, tags: dict[str, str], imports: list[dict[str, Any]], *, protected: bool = False) -> None:
        self._table = {"TableArn": ARN, "TableId": "t", "DeletionProtectionEnabled": protected}
        self._imports = {each["ImportArn"]: each for each in imports}
        self._tags = Pages(*({"Tags": [{"Key": f"migration:{key}", "Value": tags[key]}]} for key in tags))
        self.asked: list[dict[str, Any]] = []

    def describe_table(self, *, TableName: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        self.asked.append({"TableName": TableName})
        return {"Table": self._table}

    def list_imports(self, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - boto3's arguments
        self.asked.append(dict(arguments))
        number = int(arguments.get("NextToken", 0))
        listed = [
            {name: each[name] for name in ("ImportArn", "StartTime") if name in each} for each in self._imports.values()
        ]
        more = {"NextToken": str(number + 1)} if number + 1 < len(listed) else {}
        return {"ImportSummaryList": listed[number : number + 1], **more}

    def describe_import(self, *, ImportArn: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        return {"ImportTableDescription": self._imports[ImportArn]}

    def get_paginator(self, operation: str) -> Pages:
        assert operation == "list_tags_of_resource"
        return self._tags


def imported(
    prefix: str | None = OWN,
    arn: str = "i1",
    bucket: str = DATA,
    table_id: str = "t",
    **more: Any,  # noqa: ANN401 - facts
) -> dict[str, Any]:
    source = {"S3Bucket": bucket, **({"S3KeyPrefix": prefix} if prefix is not None else {})}
    return {"ImportArn": arn, "TableId": table_id, "ImportStatus": "COMPLETED", "S3BucketSource": source, **more}


def findings(
    tags: dict[str, str],
    *imports: dict[str, Any],
    protected: bool = False,
    **request: Any,  # noqa: ANN401 - fields
) -> list[Finding | str]:
    dynamodb = Dynamo(tags, list(imports), protected=protected)
    made = account(clients={"dynamodb": dynamodb, "s3": Documents()}, **{"run_id": "r1", **request})
    return list(check_table(made, "BaseRate"))


@pytest.mark.parametrize(
    ("made_by", "line"),
    [
        (imported(OWN), ADOPTED),
        (imported("processed/rates/r1/a1/BaseRateAssociation/"), REPLACED),
        (imported(EARLIER), REPLACED),
        (imported("processed/rates/r10/a1/BaseRate/"), REPLACED),
        (imported("processed/availability/r1/a1/BaseRate/"), taken()),
        (imported(OWN, bucket="another"), taken()),
        (imported(OWN, table_id="of an earlier table"), taken()),
        (imported(None), taken()),
    ],
)
def test_a_rehearsals_table_is_known_by_what_its_import_read(made_by: dict[str, Any], line: str | Finding) -> None:
    assert findings({}, made_by) == [line]


def test_a_rehearsal_without_a_run_of_its_own_adopts_nothing() -> None:
    assert findings({}, imported("processed/rates/None/a1/BaseRate/"), run_id=None) == [REPLACED]
    assert findings(TAGS, run_id=None) == [REPLACED]


@pytest.mark.parametrize(
    ("tags", "line"),
    [
        (TAGS | {"run": "r1"}, ADOPTED),
        (TAGS | {"run": "r0"}, REPLACED),
        (TAGS, REPLACED),
        (TAGS | {"run": "r1", "system": "another"}, taken()),
        (TAGS | {"run": "r1", "stack": "prod"}, taken()),
        (TAGS | {"run": "r1", "mode": "official"}, taken()),
        ({"run": "r1"}, taken()),
    ],
)
def test_a_table_without_an_import_is_known_by_its_tags(tags: dict[str, str], line: str | Finding) -> None:
    assert findings(tags) == [line]
    assert findings(tags, imported(OWN, bucket="another")) == [line]


OFFICIAL = TAGS | {"mode": "official"}


@pytest.mark.parametrize(
    ("tags", "imports", "run"),
    [
        (OFFICIAL | {"run": "o0"}, [], "o1"),
        (OFFICIAL, [], None),
        ({}, [imported("processed/rates/o0/a1/BaseRate/")], "o1"),
        ({}, [imported("processed/rates/o1/a1/BaseRateAssociation/")], "o1"),
    ],
)
def test_an_official_run_takes_no_table_of_another_run(
    tags: dict[str, str], imports: list[dict[str, Any]], run: str | None
) -> None:
    assert findings(tags, *imports, mode="official", run_id=run) == [taken("this run", "BaseRate")]


def test_an_earlier_rehearsals_table_that_is_protected_is_reported_too() -> None:
    protected = Finding(
        "fails",
        "table BaseRate-rehearsal",
        "it is an earlier rehearsal's and would be replaced, but it is protected from deletion",
        "switch its deletion protection off",
    )

    assert findings({}, imported(EARLIER), protected=True) == [REPLACED, protected]
    assert findings({}, imported(OWN), protected=True) == [ADOPTED]


@pytest.mark.parametrize(
    "imports",
    [
        [imported(OWN, "i1", StartTime=NOON), imported(EARLIER, "i2", StartTime=NOON - dt.timedelta(days=1))],
        [imported(EARLIER, "i1", StartTime=NOON), imported(OWN, "i2", StartTime=NOON)],
        [imported(OWN, "i1", StartTime=NOON), imported(EARLIER, "i2")],
    ],
)
def test_the_newest_of_several_imports_decides_whatever_their_order(imports: list[dict[str, Any]]) -> None:
    assert findings({}, *imports) == [ADOPTED]
    assert findings({}, *reversed(imports)) == [ADOPTED]


def test_every_page_of_the_imports_is_asked_for() -> None:
    dynamodb = Dynamo({}, [imported(EARLIER, f"i{number}") for number in range(3)])
    list(check_table(account(clients={"dynamodb": dynamodb}), "BaseRate"))

    page = {"TableArn": ARN, "PageSize": 25}
    assert dynamodb.asked == [
        {"TableName": "BaseRate-rehearsal"}, page, page | {"NextToken": "1"}, page | {"NextToken": "2"}
    ]  # fmt: skip


def test_a_table_that_is_not_there_is_free() -> None:
    absent = Client(describe_table=refused("ResourceNotFoundException"))

    assert list(check_table(account(clients={"dynamodb": absent}), "BaseRate")) == []
    with pytest.raises(ClientError, match="AccessDenied"):
        list(check_table(account(clients={"dynamodb": Client(describe_table=refused("AccessDenied"))}), "BaseRate"))


def test_tags_are_asked_for_by_the_tables_arn() -> None:
    dynamodb = Dynamo(TAGS, [])
    list(check_table(account(clients={"dynamodb": dynamodb}), "BaseRate"))

    assert dynamodb.get_paginator("list_tags_of_resource").asked == [{"ResourceArn": ARN}]
