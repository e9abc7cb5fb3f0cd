"""The plan of a catch-up: its findings, and the write stop."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from rich.console import Console

from runner.live.eta import Expectation
from runner.plan.catch_up import checks
from runner.plan.catch_up.assemble import read_base
from runner.plan.catch_up.model import BaseTable, CatchUpPlan
from runner.plan.catch_up.page import render
from runner.plan.catch_up.times import SETTLE_SECONDS, stop_phases
from runner.plan.common_checks import run_check
from runner.plan.model import Finding
from tests.unit.runner.plan.fake_account import account

if TYPE_CHECKING:
    from runner.account.lookups import Account

OBJECTS = [("items-0.json.gz", 40), ("items-1.json.gz", 60)]
INSTANT = "2026-01-01T00:00:00+00:00"
NOW = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)
WHERE = "s3://migration-test-data-971779422973/processed/rates/r-1/a-1/BaseRate/"
ANEW = "start an official run, whose MATCH is a base: migrate start --environment test --domain rates --mode official"


def listing() -> str:
    digest = ""
    for name, size in OBJECTS:
        digest = hashlib.sha256(f"{digest}|{name} {size}".encode()).hexdigest()
    return digest


def proven(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    tables = {
        name: {
            "tableName": name,
            "tableId": f"{name}-id",
            "tableArn": f"arn:{name}",
            "prefix": f"processed/rates/r-1/a-1/{name}/",
            "items": items,
            "listing": listing(),
        }
        for name, items in (("BaseRate", 100_000), ("BaseRateAssociation", 50))
    }
    return {
        "run": "r-1",
        "kind": "bootstrap",
        "changing": "",
        "provenAt": "2026-01-01T02:00:00+00:00",
        "instants": {"lipsdb": INSTANT},
        "tables": tables,
        **changes,
    }


class Bucket:
    """S3 with JSON objects, and the items of the base."""

    def __init__(self, documents: dict[str, Any], objects: list[tuple[str, int]] = OBJECTS) -> None:
        self.documents, self._objects = documents, objects

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - boto3's
        assert Bucket == "migration-test-data-971779422973"
        if Key not in self.documents:
            raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        return {"Body": io.BytesIO(json.dumps(self.documents[Key]).encode())}

    def get_paginator(self, _operation: str) -> Bucket:
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> list[dict[str, Any]]:  # noqa: N803 - boto3's
        assert Bucket
        return [{"Contents": [{"Key": Prefix + name, "Size": size} for name, size in self._objects]}]


class Tables:
    """DynamoDB with tables by their ids."""

    class exceptions:  # noqa: N801 - as boto3 has them
        """Errors of DynamoDB."""

        ResourceNotFoundException = KeyError

    def __init__(self, **ids: str) -> None:
        self._ids = ids

    def describe_table(self, *, TableName: str) -> dict[str, Any]:  # noqa: N803 - boto3's
        return {"Table": {"TableId": self._ids[TableName]}}


def ready_account(documents: dict[str, Any] | None = None, **more: Any) -> Account:  # noqa: ANN401 - facts
    objects = more.pop("objects", OBJECTS)
    ids = more.pop("ids", {"BaseRate": "BaseRate-id", "BaseRateAssociation": "BaseRateAssociation-id"})
    known = {"proven/rates/official.json": proven()} if documents is None else documents
    clients = {"s3": Bucket(known, objects), "dynamodb": Tables(**ids)}
    return account(clients=clients, mode="official", is_catch_up=True, **more)


@pytest.mark.parametrize(
    ("ids", "what"),
    [
        ({"BaseRate": "other"}, "its id is other, and BaseRate-id was proven: it would fail with TableReplaced"),
        ({}, "it does not exist: it would fail with TableReplaced"),
    ],
)
def test_a_replaced_table_is_no_base(ids: dict[str, str], what: str) -> None:
    assert list(checks.check_table(ready_account(ids=ids), "BaseRate")) == [
        Finding("fails", "table BaseRate", what, f"find out who replaced it, and {ANEW}")
    ]


@pytest.mark.parametrize(
    ("objects", "what"),
    [
        ([], f"the items below {WHERE} are gone; they expire after keepDays of the stack"),
        ([*OBJECTS, ("other", 1)], f"below {WHERE} lie 3 objects that are not what was proven"),
        ([("items-0.json.gz", 41), OBJECTS[1]], f"below {WHERE} lie 2 objects that are not what was proven"),
    ],
)
def test_items_of_the_base_that_expired_or_changed_are_no_base(objects: list[tuple[str, int]], what: str) -> None:
    assert list(checks.check_table(ready_account(objects=objects), "BaseRate")) == [
        Finding("fails", "base of BaseRate", f"{what}: it would fail with BaseNotFound", ANEW)
    ]


def test_changes_are_those_of_the_last_catch_up_or_else_a_percent() -> None:
    first = read_base(ready_account())
    counts = {"inserted": 1, "updated": 30, "deleted": 2, "unchanged": 99_967}
    documents = {
        "proven/rates/official.json": proven(run="c-2", kind="catch-up"),
        "changes/rates/c-2/newest.json": {"attempt": "c-2-again"},
        "changes/rates/c-2/c-2-again/summary.json": {"tables": {"BaseRate": counts}},
    }
    later = read_base(ready_account(documents))

    assert first is not None
    assert later is not None
    assert [(table.changes, table.source) for table in first.tables] == [(1000, "assumed: 1 %"), (1, "assumed: 1 %")]
    assert [(table.changes, table.source) for table in later.tables] == [
        (33, "as many as c-2 wrote"),
        (1, "assumed: 1 %"),
    ]
    assert read_base(ready_account({})) is None


TABLES = [BaseTable("BaseRate", "BaseRate", 100_000, 3000, ""), BaseTable("Other", "Other", 50, 10, "")]
RATES = {"BaseRate": 100.0, "Other": 1000.0}
MIGRATIONS = {"Prepare": 5.0, "Clone": 400.0, "Locate Spark": 3.0, "Bootstrap": 900.0, "Tables": 5000.0}
REST = {"Compare": 700.0, "Finish": 2.0, "Destroy": 300.0}


def test_without_an_earlier_catch_up_the_last_migrations_tell_what_they_share_with_it() -> None:
    phases = stop_phases(Expectation(), Expectation({**MIGRATIONS, **REST}, 2), TABLES, RATES)

    of_two = "the median of 2 successful migrations"
    assert [(phase.name, phase.seconds, phase.source, phase.proves) for phase in phases] == [
        ("Prepare", 5.0, of_two, False),
        ("Clone", 400.0, of_two, False),
        ("Locate Spark", 3.0, of_two, False),
        ("Bootstrap", 900.0, of_two, False),
        ("Delta", 700.0, f"as long as Compare: {of_two}", False),
        ("Apply", 30.0, "assumed: the changes at the writes a second of the tables", False),
        ("Tables", 990.0, "assumed: recovery's lag of 5 minutes, and an export", True),
        ("Compare", 700.0, of_two, True),
        ("Finish", 2.0, of_two, True),
        ("Destroy", 300.0, of_two, True),
    ]


def test_earlier_catch_ups_tell_every_phase() -> None:
    seconds = {phase.name: 10.0 for phase in stop_phases(Expectation(), Expectation(), [], {})}
    phases = stop_phases(Expectation(seconds, 1), Expectation({**MIGRATIONS, **REST}, 2), TABLES, RATES)

    assert {(planned_phase.seconds, planned_phase.source) for planned_phase in phases} == {
        (10.0, "the last successful catch-up")
    }


def test_what_no_run_and_no_constant_tells_is_not_known() -> None:
    unknown = [phase for phase in stop_phases(Expectation(), Expectation(), TABLES, RATES) if phase.seconds is None]

    assert [(phase.name, phase.source) for phase in unknown] == [
        (name, "not known without an earlier run") for name in ("Bootstrap", "Delta", "Compare")
    ]


def planned(**facts: Any) -> CatchUpPlan:  # noqa: ANN401 - a plan's fields
    phases = tuple(stop_phases(Expectation(), Expectation({**MIGRATIONS, **REST}, 1), TABLES, RATES))
    fields = {"phases": phases, "settle_seconds": SETTLE_SECONDS, "base": read_base(ready_account()), **facts}
    return CatchUpPlan("test", "971779422973", "eu-west-1", "rates", "official", None, NOW, **fields)


def test_writes_stand_still_without_export_and_comparison_if_they_are_verified_after() -> None:
    plan = planned()

    assert plan.stop_seconds == 5 + 400 + 3 + 900 + 700 + 30 + 990 + 700 + 2 + 300
    assert plan.stop_seconds_verify_after == 5 + 400 + 3 + 900 + 700 + 30 + 151
    assert planned(phases=tuple(stop_phases(Expectation(), Expectation(), [], {}))).stop_seconds is None


def page(plan: CatchUpPlan) -> list[str]:
    console = Console(file=io.StringIO())
    render(plan, console)
    return [" ".join(line.split()) for line in console.file.getvalue().splitlines()]  # type: ignore[attr-defined]  # a StringIO


def test_the_page_says_what_writes_wait_for_and_where_each_figure_is_from() -> None:
    lines = page(planned())

    assert lines[0] == ("Plan of a catch-up of rates, official, test (971779422973, eu-west-1), 2026-01-02 00:00 UTC")
    assert "Base: the bootstrap r-1" in lines
    assert "BaseRate 100,000 1,000 assumed: 1 %" in lines
    assert "Bootstrap 15 min 00 s 15 min 00 s the last successful migration" in lines
    assert "Compare 11 min 40 s later the last successful migration" in lines
    assert "together 1 h 07 min 36 min 29 s" in lines
    assert lines[-1] == (
        "Ready to start: no problems found. The write stop takes about 1 h 07 min, with --verify-after about "
        "36 min 29 s."
    )


def test_the_page_and_the_document_say_what_would_be_refused() -> None:
    findings = tuple(checks.check_base(ready_account({})))
    plan = planned(all_findings=findings, base=None)

    assert page(plan)[-1] == "This catch-up would fail, for 1 reason. Nothing was created."
    document = plan.document()
    assert (document["wouldGo"], document["base"], document["findings"][0]["about"]) == (False, None, "base of rates")
    assert json.loads(json.dumps(planned().document()))["stopSecondsVerifyAfter"] == 2189.0


def test_a_check_that_aws_refuses_is_not_checked() -> None:
    def refused() -> list[Any]:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "Get")

    (finding,) = run_check(("the base", refused))

    assert finding == Finding(
        "unchecked", "the base", "not checked: AccessDenied: no", "let the caller's policy allow it, or look yourself"
    )
