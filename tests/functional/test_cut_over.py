"""The switch with every part as it is deployed: live before the verdict, and from then on no run's business."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from rich.console import Console

from local.aws import authorization
from local.aws.stepfunctions.clients import role_credentials
from local.data.schema import MAIN_DATABASE, PARTITION_DATABASE
from local.demo import run_summary
from local.demo.checker import check
from local.demo.cut_over import CutOverDemo, live_sources
from tests.deployed import REGION
from tests.functional.test_catch_up import ASSOCIATION, RATES, changed

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.stack import LocalStack
    from runner.live.history.progress import Progress

RATES_TABLES = ("BaseRate", "BaseRateAssociation")


def test_a_domain_goes_live_before_its_verdict_and_no_run_touches_it_again(
    stack: LocalStack, migrate: Callable[..., Progress]
) -> None:
    main = stack.fleet.server(stack.main).dsn(MAIN_DATABASE)
    partitions = [stack.fleet.server(name).dsn(PARTITION_DATABASE) for name in stack.partitions]
    first = migrate("rates", mode="official")
    with (
        changed(partitions[0], "base_rate", RATES),
        changed(main, "base_rate_association", ASSOCIATION),
        ThreadPoolExecutor(1) as pool,
    ):
        going = pool.submit(CutOverDemo(stack, Console(quiet=True)).go_live, "rates")
        last = migrate("rates", mode="official", is_catch_up=True)
        checked = check(stack.client("dynamodb"), live_sources(stack), RATES_TABLES)
    live = going.result()
    mark = run_summary.document(stack, "live/rates.json")
    proven = run_summary.document(stack, "proven/rates/official.json")
    exported = {table["tableName"]: export_time(stack, table["tableArn"]) for table in proven["tables"].values()}

    assert (first.status, last.status, last.cause) == ("SUCCEEDED", "SUCCEEDED", "")
    assert {each.table: (each.is_equal, each.differences) for each in checked} == dict.fromkeys(
        RATES_TABLES, (True, ())
    )
    assert (mark["run"], mark["confirmed"], mark["verdict"], mark["instant"]) == (
        last.name,
        True,
        "MATCH",
        live.instant,
    )
    assert (proven["run"], proven["changing"]) == (last.name, "")
    assert last.stopped is not None
    assert live.tagged_at < last.stopped
    assert set(exported.values()) == {milliseconds(dt.datetime.fromisoformat(mark["applied"]))}
    refused = [migrate("rates", mode="official"), migrate("rates"), migrate("rates", mode="official", is_catch_up=True)]
    assert [ended.error for ended in refused] == ["DomainIsLive"] * 3
    assert authorization.refused() == []
    for name in RATES_TABLES:
        with pytest.raises(ClientError, match="AccessDenied"):
            writer(stack).put_item(TableName=name, Item={"rateKey": {"S": "x"}, "stayDate": {"S": "y"}})
    assert len(authorization.take_refused()) == len(RATES_TABLES)


def export_time(stack: LocalStack, table_arn: str) -> int:
    """Return the instant of a table's newest export, in milliseconds of the epoch."""
    dynamodb = stack.client("dynamodb")
    arns = [export["ExportArn"] for export in dynamodb.list_exports(TableArn=table_arn)["ExportSummaries"]]
    exports = [dynamodb.describe_export(ExportArn=arn)["ExportDescription"] for arn in arns]
    return max(milliseconds(export["ExportTime"]) for export in exports)


def milliseconds(instant: dt.datetime) -> int:
    return round(instant.timestamp() * 1000)


def writer(stack: LocalStack) -> Any:  # noqa: ANN401 - a boto3 client
    """Return DynamoDB as the table writer's role sees it."""
    keys = role_credentials(f"arn:aws:iam::{stack.account}:role/migration-test-table-writer")
    session: Any = boto3.session.Session()
    return session.client(
        "dynamodb",
        region_name=REGION,
        endpoint_url=stack.aws.endpoint_url,
        aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=keys["AWS_SESSION_TOKEN"],
    )
