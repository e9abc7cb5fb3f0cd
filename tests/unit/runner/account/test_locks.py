"""Locks, the teardown seal and the holders of domains, as their objects and executions say."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from runner.account.domain_status import DomainStatus, Holder, domain_statuses
from runner.account.executions import Execution
from runner.account.proven import Live, Proven
from runner.account.registry import Lock, Seal, locks, seal
from runner.errors import UsageError
from runner.failure_advice import REFUSED
from tests.unit.runner.fakes import BEGAN, Bucket, FakeEnvironment, States, environment

if TYPE_CHECKING:
    from collections.abc import Iterator

NOON = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
LOCK = {
    "domain": "rates",
    "run": "r-1",
    "execution": "arn:lost",
    "since": "2026-01-01T12:00:00+00:00",
    "state": "FAILED",
    "error": "JarNotFound",
    "cause": "no JAR",
}
HELD = Lock("rates", "r-1", "arn:lost", NOON, "FAILED", "JarNotFound", "no JAR")
PREFIX = "status/in-progress/"
ERRORS = [
    ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "Get"),
    EndpointConnectionError(endpoint_url="https://s3"),
]


def test_a_lock_of_an_older_release_is_a_bootstraps() -> None:
    assert locks(environment(s3=Bucket(**{f"{PREFIX}rates.json": LOCK}))) == [HELD]


def test_each_domains_lock_is_read_whole() -> None:
    whole = {
        **LOCK,
        "domain": "availability",
        "kind": "catch-up",
        "changing": True,
        "began": "2026-01-01T11:00:00+00:00",
        "applied": "2026-01-01T13:00:00+00:00",
    }
    objects = {f"{PREFIX}availability.json": whole, f"{PREFIX}rates.json": {**LOCK, "began": "", "applied": None}}

    assert locks(environment(s3=Bucket(**objects, **{"status/teardown-seal.json": {}}))) == [
        Lock(
            "availability",
            "r-1",
            "arn:lost",
            NOON,
            "FAILED",
            "JarNotFound",
            "no JAR",
            kind="catch-up",
            changing=True,
            began=NOON - dt.timedelta(hours=1),
            applied=NOON + dt.timedelta(hours=1),
        ),
        HELD,
    ]


class Changing(Bucket):
    """S3 that lists locks in pages, one of which is empty, and has lost one since."""

    def get_paginator(self, _operation: str) -> Any:  # noqa: ANN401 - a paginator
        assert _operation == "list_objects_v2"
        pages = [{}, {"Contents": [{"Key": f"{PREFIX}gone.json"}]}, {"Contents": [{"Key": f"{PREFIX}rates.json"}]}]

        def paginate(**arguments: str) -> list[dict[str, Any]]:
            assert arguments == {"Bucket": "migration-test-data-971779422973", "Prefix": PREFIX}
            return pages

        return SimpleNamespace(paginate=paginate)


def test_a_lock_that_was_released_since_it_was_listed_is_none() -> None:
    assert locks(environment(s3=Changing(**{f"{PREFIX}rates.json": LOCK}))) == [HELD]


class Refusing(Bucket):
    """S3 that refuses every read."""

    def __init__(self, error: Exception) -> None:
        super().__init__(**{f"{PREFIX}rates.json": LOCK})
        self._error = error

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: ARG002, N803 - boto3's
        raise self._error


@pytest.mark.parametrize("error", ERRORS, ids=["a refusal", "no connection"])
def test_a_bucket_that_cannot_be_read_is_named(error: Exception) -> None:
    target = environment(s3=Refusing(error))
    bucket = "s3://migration-test-data-971779422973"

    with pytest.raises(UsageError) as refused:
        locks(target)
    assert str(refused.value) == f"{bucket}/{PREFIX} cannot be read: {error}"
    with pytest.raises(UsageError) as refused:
        seal(target)
    assert str(refused.value) == f"{bucket}/status/teardown-seal.json cannot be read: {error}"


@pytest.mark.parametrize(
    ("more", "expires"),
    [({}, None), ({"expires": ""}, None), ({"expires": "2026-01-01T12:20:00+00:00"}, NOON + dt.timedelta(minutes=20))],
)
def test_a_seal_of_an_operator_expires(more: dict[str, str], expires: dt.datetime | None) -> None:
    sealed = {"domain": "rates", "run": "r-1", "execution": "arn:e", "since": NOON.isoformat(), **more}

    assert seal(environment(s3=Bucket(**{"status/teardown-seal.json": sealed}))) == Seal(
        "rates", "r-1", "arn:e", NOON, expires
    )
    assert seal(environment(s3=Bucket())) is None


@pytest.mark.parametrize(
    ("state", "status", "is_running"),
    [("RUNNING", "RUNNING", True), ("RUNNING", "ABORTED", False), ("FAILED", "RUNNING", False)],
)
def test_a_holder_runs_if_its_lock_and_its_execution_say_so(state: str, status: str, *, is_running: bool) -> None:
    assert Holder(replace(HELD, state=state), status).is_running is is_running


def ended(name: str, status: str, error: str = "", run: str = "") -> Execution:
    return Execution(f"arn:aws:states:r:1:execution:m:{name}", "rates", status, NOON, None, {"runId": run}, {}, error)


def test_a_failed_run_is_resumed_by_its_newest_execution_unless_it_was_refused() -> None:
    runs = (
        ended("again", "SUCCEEDED", run="r-1"),
        ended("r-1", "FAILED", "JarNotFound"),
        ended("newer", "FAILED", "ApplyFailed", run="r-2"),
        ended("r-2", "FAILED", "ApplyFailed"),
        ended("r-3", "ABORTED"),
        ended("r-4", "TIMED_OUT"),
        ended("r-5", "RUNNING"),
        *(ended(f"r-{error}", "FAILED", error) for error in REFUSED),
    )

    assert [run.name for run in DomainStatus("rates", None, runs).resumable] == ["newer", "r-3", "r-4"]


def account(*objects: dict[str, Any]) -> tuple[FakeEnvironment, States]:
    states = States()
    keys = {f"{PREFIX}{lock['domain']}.json": lock for lock in objects}
    return environment(stepfunctions=states, s3=Bucket(**keys)), states


def test_domains_of_the_catalog_and_of_the_locks_are_listed_by_name() -> None:
    target, _ = account({**LOCK, "domain": "dropped"}, {**LOCK, "domain": "availability"})

    assert domain_statuses(target) == [
        DomainStatus("availability", Holder(replace(HELD, domain="availability"), "UNKNOWN"), ()),
        DomainStatus("dropped", Holder(replace(HELD, domain="dropped"), "UNKNOWN"), ()),
        DomainStatus("rates", None, ()),
    ]


def test_a_holder_has_the_status_of_its_execution() -> None:
    target, states = account()
    arn = states.add("rates", "r-1", "TIMED_OUT", stopDate=BEGAN)
    target.clients["s3"].objects[f"{PREFIX}rates.json"] = {**LOCK, "execution": arn}

    _, rates = domain_statuses(target)

    assert rates.holder == Holder(replace(HELD, execution=arn), "TIMED_OUT")


def test_a_domain_shows_its_last_five_runs_and_the_three_catch_ups_that_matched_before() -> None:
    target, states = account()
    for number in range(6):
        states.add("rates-catch-up", f"c-{number}", "FAILED" if number == 4 else "SUCCEEDED", stopDate=BEGAN)
    for name in ("hidden", "older"):
        states.add("rates", name, "SUCCEEDED", stopDate=BEGAN)
    for number in range(3):
        states.add("rates", f"r-{number}", "FAILED", stopDate=BEGAN)
    states.add("rates-catch-up", "last", "SUCCEEDED", stopDate=BEGAN)

    _, rates = domain_statuses(target)

    assert [run.name for run in rates.runs] == ["last", "r-2", "r-1", "r-0", "older"]
    assert [run.name for run in rates.earlier_catch_ups] == ["c-5", "c-3", "c-2"]


def test_a_domain_shows_what_is_proven_of_both_kinds_of_tables_and_whether_it_is_live() -> None:
    target, _ = account()
    proven = {
        "domain": "rates",
        "run": "r-1",
        "kind": "bootstrap",
        "provenAt": NOON.isoformat(),
        "changing": "",
        "tables": {},
    }
    live = {"domain": "rates", "run": "r-1", "instant": "i", "by": "ana", "confirmed": True}
    target.clients["s3"].objects |= {
        "proven/rates/rehearsal.json": {**proven, "mode": "rehearsal"},
        "proven/rates/official.json": {**proven, "mode": "official"},
        "live/rates.json": live,
    }

    _, rates = domain_statuses(target)

    assert rates.proven == tuple(
        Proven("rates", mode, "r-1", "bootstrap", NOON, "", ()) for mode in ("official", "rehearsal")
    )
    assert rates.live == Live("rates", "r-1", "i", "ana", confirmed=True)


@pytest.mark.parametrize("error", ERRORS, ids=["a refusal", "no connection"])
def test_executions_that_cannot_be_listed_end_the_status(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def refuse(_states: object, **_arguments: object) -> Iterator[dict[str, Any]]:
        raise error
        yield {}  # a generator, as boto3's paginator is one

    monkeypatch.setattr(States, "_list", refuse)
    with pytest.raises(UsageError) as refused:
        domain_statuses(account()[0])

    assert str(refused.value) == f"the executions of availability cannot be listed: {error}"
