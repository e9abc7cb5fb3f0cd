"""The marks of a cut-over and the waits before it, as the registry, DynamoDB and the operator see them."""

from __future__ import annotations

import datetime as dt
import getpass
import re
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from runner.account.approval import refuse_unapproved
from runner.account.functions import Functions
from runner.account.registry import locks
from runner.commands.cut_over.checks import TableState
from runner.commands.cut_over.last_verification import last_catch_up, wait_until_applied
from runner.commands.cut_over.marks import mark_live, settle_tables, wait_out_exports
from runner.errors import UsageError
from tests.unit.runner.commands.test_cut_over import INSTANT, Account
from tests.unit.runner.commands.test_last_verification import APPLIED, EXECUTION, LOCK, account
from tests.unit.runner.fakes import environment

NOW = dt.datetime(2026, 2, 3, 4, 5, 6, 789_000, tzinfo=dt.UTC)


def marked(answer: dict[str, Any] | None = None, **options: Any) -> tuple[str, dict[str, Any]]:  # noqa: ANN401 - of the mark
    """Return the instant that the registry answers, and what it was asked."""
    target = Account(answer=answer)
    instant = mark_live(Functions(target.environment), "rates", "c-2", NOW, **options)
    ((function, event),) = target.functions.calls
    assert function == "migration-test-run-registry"
    return instant, event


@pytest.mark.parametrize(
    ("options", "more"),
    [
        ({}, {}),
        ({"approved_by": "bo"}, {"approvedBy": "bo"}),
        ({"verify_after": True}, {"verifyAfter": True}),
        ({"approved_by": "bo", "verify_after": True}, {"approvedBy": "bo", "verifyAfter": True}),
    ],
)
def test_the_registry_is_asked_for_the_mark_and_its_instant_counts(
    options: dict[str, Any], more: dict[str, Any]
) -> None:
    instant, event = marked({"status": "LIVE", "instant": "an earlier cut-over's"}, **options)

    assert instant == "an earlier cut-over's"
    assert event == {
        "operation": "cutOver", "domain": "rates", "run": "c-2", "execution": event["execution"], "instant": INSTANT,
        **more,
    }  # fmt: skip
    assert re.fullmatch(rf"operator:{re.escape(getpass.getuser())}-[0-9a-f]{{12}}", event["execution"])


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (
            {"status": "BUSY", "holder": {"run": "r-9", "execution": "arn:r-9"}},
            "rates is not live: the run r-9 holds it (arn:r-9). See migrate status",
        ),
        ({"status": "NOT_PROVEN", "reason": "the run c-1 has begun"}, "rates is not live: the run c-1 has begun"),
    ],
)
def test_a_refusal_of_the_registry_is_whole(answer: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UsageError) as refused:
        marked(answer)

    assert str(refused.value) == sentence


def table(name: str, *, is_protected: bool = False, wants_protection: bool = False, age: float = 0) -> TableState:
    exported_at = NOW - dt.timedelta(seconds=age)
    return TableState(name, f"{name}-official", f"arn:{name}", is_protected, wants_protection, exported_at)


def test_the_wait_for_the_newest_export_is_said_and_none_is_said_without_one() -> None:
    said: list[str] = []
    sleeps: list[float] = []

    wait_out_exports([table("A", age=90), table("B", age=20.5)], said.append, NOW, sleeps.append)
    assert said == ["waiting 40 s, until a write cannot be in the last export any more"]
    wait_out_exports([table("A", age=61)], said.append, NOW, sleeps.append)
    assert (len(said), sleeps) == (1, [40.5])
    wait_out_exports([], said.append, NOW, sleeps.append)
    assert sleeps == [40.5, 61.0]


class Tagging:
    """DynamoDB that records its calls, and refuses those of one operation."""

    def __init__(self, refused: str = "", error: Exception | None = None) -> None:
        self._refused, self._error = refused, error
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, operation: str) -> Any:  # noqa: ANN401 - any call
        def call(**arguments: Any) -> None:  # noqa: ANN401 - any arguments
            if operation == self._refused and self._error:
                raise self._error
            self.calls.append((operation, arguments))

        return call


def test_each_table_is_tagged_and_protected_where_it_lacks_what_the_catalog_wants() -> None:
    dynamodb = Tagging()
    tables = [
        table("A", wants_protection=True),
        table("B", wants_protection=True, is_protected=True),
        table("C"),
        table("D", is_protected=True),
    ]

    assert settle_tables(environment(dynamodb=dynamodb), tables, INSTANT) == ["A-official"]
    tags = [{"Key": "migration:live", "Value": INSTANT}]
    assert dynamodb.calls == [
        ("tag_resource", {"ResourceArn": "arn:A", "Tags": tags}),
        ("update_table", {"TableName": "A-official", "DeletionProtectionEnabled": True}),
        *(("tag_resource", {"ResourceArn": f"arn:{name}", "Tags": tags}) for name in "BCD"),
    ]


@pytest.mark.parametrize("operation", ["tag_resource", "update_table"])
@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "TagResource"),
        EndpointConnectionError(endpoint_url="https://dynamodb"),
    ],
    ids=["a refusal", "no connection"],
)
def test_a_table_that_cannot_be_settled_is_named_with_what_to_do(operation: str, error: Exception) -> None:
    with pytest.raises(UsageError) as refused:
        settle_tables(environment(dynamodb=Tagging(operation, error)), [table("A", wants_protection=True)], INSTANT)

    assert str(refused.value) == (
        f"the domain is live since {INSTANT}, but A-official could not be tagged or protected: {error}. "
        "Call the command again: it repeats nothing else"
    )


def refusal(target: Account) -> str:
    with pytest.raises(UsageError) as refused:
        last_catch_up(target.environment, "rates")
    return str(refused.value)


def test_the_lock_of_a_running_official_catch_up_is_its_domains() -> None:
    other = {**LOCK, "domain": "availability", "run": "a-9"}
    target = account(**{"status/in-progress/availability.json": other})

    lock = last_catch_up(target.environment, "rates")

    assert (lock.run, lock.execution, lock.applied) == ("c-2", EXECUTION, APPLIED)


def test_without_a_catch_up_the_way_to_one_is_shown() -> None:
    assert refusal(Account()) == (
        "no catch-up of rates is under way. Stop every writer to the source clusters, then: migrate catch-up "
        "--environment test --domain rates --detach; and call this again. If it has matched already, leave out "
        "--verify-after"
    )


def rehearsing() -> Account:
    target = account()
    target.states.executions[EXECUTION]["input"] = '{"mode": "rehearsal"}'
    return target


@pytest.mark.parametrize(
    "target", [account({**LOCK, "kind": "repair"}), rehearsing()], ids=["a repair", "a rehearsal's"]
)
def test_a_run_that_is_no_official_catch_up_is_followed(target: Account) -> None:
    assert refusal(target) == (
        "rates is held by the run c-2, which is no official catch-up: a cut-over before the verdict rests on one. "
        f"Follow it: migrate follow {EXECUTION}"
    )


@pytest.mark.parametrize(
    ("lock", "status", "ended"),
    [
        ({"state": "FAILED", "error": "DataMismatch"}, "FAILED", "FAILED DataMismatch"),
        ({"state": "FAILED", "error": "DataMismatch"}, "RUNNING", "RUNNING DataMismatch"),
        ({}, "ABORTED", "ABORTED"),
    ],
)
def test_a_catch_up_that_ended_is_resumed(lock: dict[str, str], status: str, ended: str) -> None:
    assert refusal(account({**LOCK, **lock}, status=status)) == (
        f"the catch-up c-2 of rates ended {ended}. Resume it: migrate resume c-2 --environment test"
    )


def waited(target: Account) -> tuple[list[str], list[float]]:
    (held,) = locks(target.environment)
    said: list[str] = []
    sleeps: list[float] = []
    assert wait_until_applied(target.environment, held, said.append, sleeps.append).run == "c-2"
    return said, sleeps


def test_changes_that_were_applied_long_ago_are_not_waited_for() -> None:
    assert waited(account()) == (["waiting until the run c-2 has applied every change"], [])


def test_changes_that_were_just_applied_are_waited_out_until_no_export_can_lack_them() -> None:
    said, (left,) = waited(account({**LOCK, "applied": dt.datetime.now(dt.UTC).isoformat()}))

    assert 30 < left < 61
    assert said[1:] == [f"waiting {left:.0f} s, until a write cannot be in the export any more"]


def test_another_run_that_takes_the_domain_meanwhile_ends_the_wait() -> None:
    target = account()
    (held,) = locks(target.environment)

    with pytest.raises(UsageError) as refused:
        wait_until_applied(target.environment, replace(held, run="c-1"), lambda _: None, lambda _: None)

    assert str(refused.value) == "rates is held by the run c-2 now, and no longer by c-1"


LACKS = "the cut-over needs a second person's approval in test (secondPerson in the stack file): add --approved-by NAME"


@pytest.mark.parametrize(
    ("second_person", "by", "sentence"),
    [
        (True, None, LACKS),
        (True, "  ", LACKS),
        (True, "Bo", ""),
        (False, None, ""),
        (False, " ADA ", "--approved-by: ADA asks for the cut-over; a second person has to approve it"),
    ],
)
def test_a_second_person_approves(by: str | None, sentence: str, *, second_person: bool) -> None:
    target = replace(environment(), second_person=second_person)

    if not sentence:
        refuse_unapproved(target, "the cut-over", " Ada", by)
        return
    with pytest.raises(UsageError) as refused:
        refuse_unapproved(target, "the cut-over", " Ada", by)
    assert str(refused.value) == sentence
