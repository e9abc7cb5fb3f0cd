"""`cut-over` marks a domain live only if its last run proved the existing tables."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from catalog.loader import load_catalog
from runner.commands import load
from runner.commands.cut_over.checks import TableState
from runner.commands.cut_over.marks import wait_out_exports
from runner.errors import FunctionError, UsageError
from tests.unit.runner import fakes
from tests.unit.runner.commands.test_status import LOCK
from tests.unit.runner.fakes import BEGAN, Bucket, FakeEnvironment, Rds, States, environment

if TYPE_CHECKING:
    from collections.abc import Callable

Answer = dict[str, Any]
NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
PROVEN_AT = NOW - dt.timedelta(hours=2)
INSTANT = "2026-02-03T04:05:06Z"
TABLES = load_catalog().domains["rates"].tables
NAMES = [table.name for table in TABLES]
ARN = "arn:aws:dynamodb:eu-west-1:971779422973:table/"


def proven(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    tables = {
        name: {"tableName": name, "tableId": f"id-{name}", "tableArn": f"{ARN}{name}", "items": 7} for name in NAMES
    }
    return {
        "version": 1,
        "domain": "rates",
        "mode": "official",
        "run": "r-1",
        "kind": "catch-up",
        "provenAt": PROVEN_AT.isoformat(),
        "changing": "",
        "tables": tables,
        **changes,
    }


def live(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {"domain": "rates", "run": "r-1", "instant": INSTANT, "by": "operator:anna", "confirmed": True, **changes}


class Dynamo:
    """DynamoDB with the tables of a domain, and an export of each."""

    def __init__(self, *, items: int = 7, protected: bool = True, table_id: str = "id-", exports: int = 2) -> None:
        self.items, self.protected, self.table_id, self.exports = items, protected, table_id, exports
        self.calls: list[tuple[str, ...]] = []
        self.refused = ""

    def describe_table(self, *, TableName: str) -> Answer:  # noqa: N803 - boto3's
        return {"Table": {"TableId": f"{self.table_id}{TableName}", "DeletionProtectionEnabled": self.protected}}

    def list_exports(self, *, TableArn: str, NextToken: str = "") -> Answer:  # noqa: N803 - boto3's
        """Return two pages: a failed and an incremental export, then the full ones."""
        if not NextToken:
            failed = {"ExportArn": f"{TableArn}/failed", "ExportStatus": "FAILED", "ExportType": "FULL_EXPORT"}
            incremental = {**failed, "ExportStatus": "COMPLETED", "ExportType": "INCREMENTAL_EXPORT"}
            return {"ExportSummaries": [failed, incremental], "NextToken": "2"}
        return {
            "ExportSummaries": [
                {"ExportArn": f"{TableArn}/export/{n}", "ExportStatus": "COMPLETED"} for n in range(self.exports)
            ]
        }

    def describe_export(self, *, ExportArn: str) -> Answer:  # noqa: N803 - boto3's
        number = int(ExportArn.rsplit("/", 1)[1])
        return {
            "ExportDescription": {
                "ExportTime": PROVEN_AT - dt.timedelta(hours=number),
                "ItemCount": self.items if number == 0 else 1,
            }
        }

    def tag_resource(self, *, ResourceArn: str, Tags: list[dict[str, str]]) -> None:  # noqa: N803 - boto3's
        if ResourceArn == self.refused:
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "TagResource")
        self.calls.append(("tag", ResourceArn, *(f"{tag['Key']}={tag['Value']}" for tag in Tags)))

    def update_table(self, *, TableName: str, DeletionProtectionEnabled: bool) -> None:  # noqa: N803 - boto3's
        assert DeletionProtectionEnabled
        self.calls.append(("protect", TableName))


class Account:
    """An environment with a proven domain and a registry with fixed answers."""

    def __init__(
        self, dynamodb: Dynamo | None = None, answer: Answer | None = None, **objects: dict[str, Any] | None
    ) -> None:
        states = States()
        states.add("rates", "r-0", "SUCCEEDED", {"mode": "official"}, stopDate=BEGAN)
        states.add("rates-catch-up", "r-1", "SUCCEEDED", {}, stopDate=BEGAN)
        states.add("rates", "rehearsed", "FAILED", {}, stopDate=BEGAN)
        self.states, self.dynamodb = states, dynamodb or Dynamo()
        self.functions = fakes.Functions(lambda _name, _event: answer or {"status": "LIVE", "instant": INSTANT})
        stored = {"proven": proven(), "live": None, **objects}
        keys = {"proven": "proven/rates/official.json", "live": "live/rates.json"}
        bucket = Bucket(**{keys.get(k, k): v for k, v in stored.items() if v is not None})
        self.environment: FakeEnvironment = environment(
            stepfunctions=states, s3=bucket, rds=Rds(), dynamodb=self.dynamodb
        )
        self.environment.clients["lambda"] = self.functions


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def run(target: Account, *arguments: str, yes: str = "rates") -> None:
        monkeypatch.setattr("runner.commands.cut_over.command.load_environment", lambda _name: target.environment)
        confirmed = ("--yes", yes) if yes else ()
        load()(["cut-over", "-e", "test", "--domain", "rates", *confirmed, *arguments], standalone_mode=False)

    return run


TAGGED = [("tag", f"{ARN}{name}", f"migration:live={INSTANT}") for name in sorted(NAMES)]


def test_a_proven_domain_is_marked_first_and_its_tables_are_tagged_then(
    command: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    target = Account()

    command(target)

    ((function, event),) = target.functions.calls
    assert function == "migration-test-run-registry"
    assert {name: event[name] for name in ("operation", "domain", "run")} == {
        "operation": "cutOver",
        "domain": "rates",
        "run": "r-1",
    }
    assert event["execution"].startswith("operator:")
    assert dt.datetime.fromisoformat(event["instant"]) >= NOW
    assert target.dynamodb.calls == TAGGED
    assert capsys.readouterr().out.splitlines() == [
        f"rates is live since {INSTANT}, as the run r-1 proved it at {PROVEN_AT:%H:%M:%SZ}.",
        f"  tagged migration:live: {', '.join(sorted(NAMES))}",
        "Switch the readers to DynamoDB, then the writers; keep the source clusters until you need no way back.",
        "  the steps, and the way back: docs/cut-over.md",
    ]


def test_a_program_gets_one_document(command: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    command(Account(Dynamo(protected=False)), "--json")

    assert json.loads(capsys.readouterr().out) == {
        "domain": "rates",
        "live": INSTANT,
        "run": "r-1",
        "provenAt": PROVEN_AT.isoformat(),
        "verdict": "MATCH",
        "tables": sorted(NAMES),
        "protected": sorted(table.name for table in TABLES if table.deletion_protection),
    }


def test_an_unprotected_table_is_protected_where_the_catalog_asks_for_it(command: Callable[..., None]) -> None:
    target = Account(Dynamo(protected=False))

    command(target)

    wanted = [("protect", table.name) for table in TABLES if table.deletion_protection]
    assert sorted(call for call in target.dynamodb.calls if call[0] == "protect") == sorted(wanted)


def running(machine: str) -> Account:
    target = Account()
    target.states.add(machine, "r-9", "RUNNING", {"mode": "rehearsal"})
    return target


def failed_later() -> Account:
    target = Account()
    target.states.add("rates-catch-up", "r-9", "FAILED", {"runId": "r-2"}, error="TooManyChanges", stopDate=BEGAN)
    return target


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        (Account(proven=None), "no official run of rates has matched: there is nothing to cut over"),
        (Account(proven=proven(changing="c-1")), "the run c-1 has begun to write to the tables of rates"),
        (
            Account(proven=proven(changing=proven()["run"])),
            "a verification has found that the tables of rates are no longer what the run r-1 proved",
        ),
        (running("rates"), "rates is running. Follow it: migrate follow arn:aws:states:eu-west-1:971779422973:"),
        (running("rates-catch-up"), "rates is running. Follow it: migrate follow arn:aws:states:"),
        (Account(**{"status/in-progress/rates.json": LOCK}), "the run r-1 holds rates. Resume it: migrate resume r-1"),
        (
            failed_later(),
            "the last official run of rates is r-2, which ended FAILED TooManyChanges; the last MATCH is the run r-1",
        ),
        (Account(Dynamo(table_id="new-")), f"the table {min(NAMES)} is not the one that was proven: its id is new-"),
        (Account(Dynamo(items=8)), f"the newest export of {min(NAMES)} has 8 items, and 7 were proven: somebody"),
        (Account(Dynamo(exports=0)), f"the table {min(NAMES)} has no export of the last 90 days: run a catch-up"),
    ],
    ids=[
        "nothing-proven",
        "changing",
        "broken",
        "bootstrap-runs",
        "catch-up-runs",
        "lock",
        "later-failure",
        "replaced",
        "more-items",
        "no-export",
    ],
)
def test_a_domain_that_is_not_proven_as_it_stands_is_refused_before_anything_is_marked(
    command: Callable[..., None], target: Account, sentence: str
) -> None:
    refuse(command, target, sentence)


def refuse(command: Callable[..., None], target: Account, sentence: str) -> None:
    with pytest.raises(UsageError) as refused:
        command(target)

    assert str(refused.value).startswith(sentence)
    assert (target.functions.calls, target.dynamodb.calls) == ([], [])


def test_a_match_that_is_too_old_is_refused_before_anything_is_marked(command: Callable[..., None]) -> None:
    # Reckoned now: minutes may pass between the collection of the tests and this one.
    proven_at = dt.datetime.now(dt.UTC) - dt.timedelta(hours=25)

    refuse(
        command,
        Account(proven=proven(provenAt=proven_at.isoformat())),
        "the last MATCH of rates is 25.0 hours old (run r-1), and at most 24 are allowed",
    )


def test_a_run_that_matched_in_a_later_attempt_is_the_last_one(command: Callable[..., None]) -> None:
    target = Account()
    target.states.add("rates-catch-up", "r-9", "SUCCEEDED", {"runId": "r-1"}, stopDate=BEGAN)

    command(target)

    assert target.dynamodb.calls == TAGGED


def test_an_older_match_is_enough_where_it_is_said(command: Callable[..., None]) -> None:
    target = Account(proven=proven(provenAt=(NOW - dt.timedelta(hours=47)).isoformat()))

    command(target, "--max-age-hours", "48")

    assert target.dynamodb.calls == TAGGED


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (
            {"status": "BUSY", "holder": {"run": "r-9", "execution": "arn:r-9"}},
            r"rates is not live: the run r-9 holds it \(arn:r-9\). See migrate status",
        ),
        ({"status": "NOT_PROVEN", "reason": "the run c-1 has begun"}, "rates is not live: the run c-1 has begun"),
    ],
)
def test_a_refusal_of_the_registry_leaves_the_tables_untagged(
    command: Callable[..., None], answer: Answer, sentence: str
) -> None:
    target = Account(answer=answer)

    with pytest.raises(UsageError, match=sentence):
        command(target)
    assert target.dynamodb.calls == []


def test_an_error_of_the_registry_leaves_the_tables_untagged(command: Callable[..., None]) -> None:
    target = Account(answer={"errorType": "CallerRefusedError", "errorMessage": "no"})

    with pytest.raises(FunctionError, match="CallerRefusedError"):
        command(target)
    assert target.dynamodb.calls == []


def test_an_interrupted_cut_over_is_completed_by_calling_it_again(
    command: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    target = Account()
    target.dynamodb.refused = TAGGED[-1][1]
    with pytest.raises(UsageError, match=f"the domain is live since {INSTANT}, but .* could not be tagged or prot"):
        command(target)
    # Two days later, and somebody's export has other items by then: the domain is live, and only the tags lack.
    again = Account(Dynamo(items=9), live=live(), proven=proven(provenAt=BEGAN.isoformat()))

    command(again, yes="")

    assert again.functions.calls == []
    assert again.dynamodb.calls == TAGGED
    assert f"rates is live since {INSTANT}" in capsys.readouterr().out


def test_a_live_table_that_was_replaced_is_not_tagged(command: Callable[..., None]) -> None:
    target = Account(Dynamo(table_id="new-"), live=live())

    with pytest.raises(UsageError, match="is not the one that was proven"):
        command(target)
    assert target.dynamodb.calls == []


def test_a_mark_that_a_lost_call_left_unconfirmed_is_no_live_domain_yet(command: Callable[..., None]) -> None:
    target = Account(live=live(confirmed=False))

    command(target)

    assert [event["operation"] for _, event in target.functions.calls] == ["cutOver"]


def test_the_domain_is_typed_back_or_said_again(command: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    target = Account()

    with pytest.raises(UsageError, match="Cannot ask for 'rates' without a terminal"):
        command(target, yes="")
    with pytest.raises(UsageError, match="--yes availability is not the domain rates; nothing was done"):
        command(target, yes="availability")
    assert target.functions.calls == []


def test_an_unknown_domain_is_named(command: Callable[..., None]) -> None:
    with pytest.raises(UsageError, match="'rate' is not a domain of test: availability, rates"):
        command(Account(), "--domain", "rate", yes="")


@pytest.mark.parametrize(("age_seconds", "slept"), [(0, [61.0]), (60, [1.0]), (61, []), (3600, [])])
def test_a_write_that_could_be_in_the_last_export_is_waited_out(age_seconds: int, slept: list[float]) -> None:
    exported_at = NOW - dt.timedelta(seconds=age_seconds)
    older = NOW - dt.timedelta(days=1)
    tables = [TableState("T", "T", "arn", True, True, at) for at in (older, exported_at)]  # noqa: FBT003 - a table's fields
    sleeps: list[float] = []

    wait_out_exports(tables, lambda _: None, NOW, sleeps.append)

    assert sleeps == slept
