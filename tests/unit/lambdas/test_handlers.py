"""The handlers' use of their environment and events, with clients and services in memory."""

from __future__ import annotations

import json
import logging
import re
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import aurora_clone.handler
import boto3
import pytest
import run_registry.errors
import run_registry.handler
import run_watch.handler
from aurora_clone.errors import CallerRefusedError, InvalidEventError
from run_registry.callers import Caller
from run_registry.errors import NotApprovedError
from run_registry.proven import Proven

from tests.unit.lambdas.registry_fakes import proven_document

if TYPE_CHECKING:
    from collections.abc import Iterator


class Recorder:
    """A service that answers each call with the call itself."""

    def __getattr__(self, operation: str) -> Any:  # noqa: ANN401 - whatever the handler calls
        return lambda *values, **named: {"operation": operation, "values": values, **named}


BUILT = (
    run_registry.handler.registry,
    run_registry.handler.store,
    aurora_clone.handler.service,
    run_watch.handler.watch,
)
CALLER = {"domain": "rates", "run": "r1", "execution": "e"}
CLONE = {"source": "lipsdb", "clone": "lipsdb-clone"}
CALLED = Caller(domain="rates", run="r1", execution="e")
REPAIR = {"mode": "official", "kind": "repair"}
NOON_TEXT = "2026-01-01T12:00:00Z"
PROVEN = proven_document("r1").document


@pytest.fixture(autouse=True)
def clients(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let each client be the name of its service, and build each service anew."""
    monkeypatch.setattr(boto3, "client", lambda service: service)
    for built in BUILT:
        built.cache_clear()
    yield
    for built in BUILT:
        built.cache_clear()


@pytest.mark.parametrize(
    ("event", "call"),
    [
        ({"operation": "begin", "mode": "official"}, ("begin", replace(CALLED, mode="official"))),
        ({"operation": "begin"}, ("begin", CALLED)),
        ({"operation": "begin", "mode": "official", "kind": "repair"}, ("begin", replace(CALLED, **REPAIR))),
        ({"operation": "change"}, ("change", CALLED)),
        ({"operation": "finish"}, ("finish", CALLED, None)),
        ({"operation": "finish", "proven": PROVEN}, ("finish", CALLED, Proven(PROVEN))),
        ({"operation": "applied", "instant": NOON_TEXT}, ("applied", CALLED, NOON_TEXT)),
        ({"operation": "fail", "error": "E", "cause": "why"}, ("fail", CALLED, "E", "why")),
        ({"operation": "fail", "error": "E"}, ("fail", CALLED, "E", "")),
        ({"operation": "lift", "etag": "t"}, ("lift", CALLED, "t")),
        ({"operation": "release"}, ("release", CALLED)),
    ],
)
def test_the_registry_is_asked_for_what_the_event_says(event: dict[str, str], call: tuple[Any, ...]) -> None:
    answer = run_registry.handler.answer_event(Recorder(), CALLER | event)  # type: ignore[arg-type]  # a recorder

    assert answer == {"operation": call[0], "values": call[1:]}


@pytest.mark.parametrize(("ahead", "verify_after"), [({}, False), ({"verifyAfter": True}, True)])
def test_a_cut_over_comes_before_its_verdict_only_where_the_event_says_so(
    ahead: dict[str, Any],
    verify_after: bool,  # noqa: FBT001 - pytest's
) -> None:
    event = CALLER | {"operation": "cutOver", "instant": NOON_TEXT} | ahead

    answer = run_registry.handler.answer_event(Recorder(), event)  # type: ignore[arg-type]  # a recorder

    assert answer == {"operation": "cut_over", "values": (CALLED, NOON_TEXT), "verify_after": verify_after}


@pytest.mark.parametrize(
    ("event", "answer"),
    [
        ({"operation": "status"}, {"operation": "status", "values": ("lipsdb", "lipsdb-clone")}),
        (
            {"operation": "start", "runId": "r1", "domain": "rates", "mode": "official"},
            {"operation": "start", "values": ("lipsdb", "lipsdb-clone", "r1"), "domain": "rates", "mode": "official"},
        ),
        (
            {"operation": "start", "runId": "r1"},
            {"operation": "start", "values": ("lipsdb", "lipsdb-clone", "r1"), "domain": "", "mode": ""},
        ),
        ({"operation": "verify"}, {"operation": "verify", "values": ("lipsdb", "lipsdb-clone")}),
        (
            {"operation": "destroy", "seal": {"etag": "t", "execution": "e"}},
            {"operation": "destroy", "values": ("lipsdb", "lipsdb-clone", "t", "e")},
        ),
    ],
)
def test_the_clone_service_is_asked_for_what_the_event_says(event: dict[str, Any], answer: dict[str, Any]) -> None:
    assert aurora_clone.handler.answer_event(Recorder(), CLONE | event) == answer  # type: ignore[arg-type]  # a recorder


def test_the_registry_keeps_its_documents_in_the_data_bucket_and_asks_both_services(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATA_BUCKET", "data")
    monkeypatch.setenv("APPLICATION_ID", "app")

    built = run_registry.handler.registry()

    assert (built._store._s3, built._store._bucket) == ("s3", "data")
    assert vars(built._executions) == {"_states": "stepfunctions", "_emr": "emr-serverless", "_application_id": "app"}


def test_the_clone_service_is_built_of_the_stacks_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "STACK": "test",
        "SOURCES": json.dumps(["lipsdb", "lipsdb2"]),
        "CLONE_INSTANCE_CLASS": "db.r6g.large",
        "CLONE_SECURITY_GROUP_ID": "sg-1",
        "CLONE_PARAMETER_GROUPS": json.dumps({"aurora-postgresql16": "clones-16"}),
        "DATA_BUCKET": "data",
    }.items():
        monkeypatch.setenv(name, value)

    built = aurora_clone.handler.service()

    assert built._settings == aurora_clone.handler.CloneSettings(
        stack="test",
        sources=frozenset({"lipsdb", "lipsdb2"}),
        instance_class="db.r6g.large",
        security_group_id="sg-1",
        parameter_groups={"aurora-postgresql16": "clones-16"},
    )
    assert built._rds.client == "rds"
    assert {name: vars(built._seal)[name] for name in ("_s3", "_states", "_bucket")} == {
        "_s3": "s3",
        "_states": "stepfunctions",
        "_bucket": "data",
    }


def test_a_clone_service_without_settings_of_clones_takes_those_of_the_account(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CLONE_SECURITY_GROUP_ID", "CLONE_PARAMETER_GROUPS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"STACK": "test", "SOURCES": "[]", "CLONE_INSTANCE_CLASS": "c", "DATA_BUCKET": "data"}.items():
        monkeypatch.setenv(name, value)

    assert aurora_clone.handler.service()._settings == aurora_clone.handler.CloneSettings(
        stack="test", sources=frozenset(), instance_class="c", security_group_id="", parameter_groups={}
    )


@pytest.mark.parametrize(
    ("seal", "holder"),
    [({"etag": "t", "execution": "operator:ada"}, ""), ({"etag": "t", "execution": "e"}, "'e'"), ({"etag": "t"}, "''")],
)
def test_an_operator_destroys_by_the_holder_that_the_seal_names(
    monkeypatch: pytest.MonkeyPatch, seal: dict[str, str], holder: str
) -> None:
    monkeypatch.setattr(aurora_clone.handler, "service", Recorder)
    event = CLONE | {"operation": "destroy", "seal": seal}

    if holder:
        with pytest.raises(CallerRefusedError, match=f"seal.execution: {holder} is no operator"):
            aurora_clone.handler.handler(event, CONTEXT)
    else:
        assert aurora_clone.handler.handler(event, CONTEXT)["values"] == (*CLONE.values(), *seal.values())


@pytest.mark.parametrize("value", ["", 5, None])
def test_a_field_that_is_no_text_or_empty_is_refused(value: object) -> None:
    with pytest.raises(InvalidEventError, match="clone: is missing or not a text"):
        aurora_clone.handler.answer_event(Recorder(), CLONE | {"operation": "status", "clone": value})  # type: ignore[arg-type]  # a recorder
    with pytest.raises(run_registry.errors.InvalidEventError, match="etag: is missing or not a text"):
        run_registry.handler.answer_event(Recorder(), CALLER | {"operation": "lift", "etag": value})  # type: ignore[arg-type]  # a recorder


def test_the_watch_is_built_of_the_stacks_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "STACK": "test",
        "STATE_MACHINES": json.dumps(["arn:rates"]),
        "INSTANCE_USD_PER_HOUR": "0.5",
        "TOPIC_ARN": "arn:topic",
        "REPOSITORY": "owner/name",
        "DATA_BUCKET": "data",
    }.items():
        monkeypatch.setenv(name, value)

    assert run_watch.handler.watch() == run_watch.handler.Watch(
        check=run_watch.handler.Check(
            rds="rds", states="stepfunctions", stack="test", state_machines=("arn:rates",), instance_usd_per_hour=0.5
        ),
        states="stepfunctions",
        sns="sns",
        cloudwatch="cloudwatch",
        topic="arn:topic",
        stack=run_watch.handler.Stack("test", "data", "owner/name"),
    )


CONTEXT = SimpleNamespace(invoked_function_arn="arn:aws:lambda:eu-west-1:971779422973:function:any:operators")
RELEASE = CALLER | {"operation": "release", "execution": "operator:ada-0123456789ab"}


def released(monkeypatch: pytest.MonkeyPatch, event: dict[str, str]) -> dict[str, Any]:
    """Let the handler answer an operator's release; return the records that it keeps, by key."""
    records: dict[str, Any] = {}
    monkeypatch.setenv("STACK", "test")
    monkeypatch.setattr(run_registry.handler, "registry", Recorder)
    monkeypatch.setattr(run_registry.handler, "answer_event", lambda *_: {"status": "DONE"})
    monkeypatch.setattr(
        run_registry.handler, "store", lambda: SimpleNamespace(put_new=lambda key, body: records.update({key: body}))
    )
    assert run_registry.handler.handler(event, CONTEXT) == {"status": "DONE"}
    return records


def test_an_approved_release_keeps_its_record_under_the_second_of_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECOND_PERSON", "true")

    ((key, body),) = released(monkeypatch, RELEASE | {"approvedBy": "grace"}).items()

    record = json.loads(body)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", record["at"])
    assert key == f"status/approved/release/rates/{record['at']}.json"
    assert (record["requested_by"], record["approved_by"]) == ("ada", "grace")


@pytest.mark.parametrize("setting", [None, "", "false", "true"])
def test_a_release_needs_a_second_person_only_where_the_stack_says_so(
    monkeypatch: pytest.MonkeyPatch, setting: str | None
) -> None:
    monkeypatch.delenv("SECOND_PERSON", raising=False)
    if setting is not None:
        monkeypatch.setenv("SECOND_PERSON", setting)

    if setting == "true":
        with pytest.raises(NotApprovedError):
            released(monkeypatch, RELEASE)
    else:
        assert released(monkeypatch, RELEASE) == {}


def test_each_handler_answers_with_what_the_service_says_and_logs_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("STACK", "test")
    monkeypatch.setenv("DATA_BUCKET", "data")
    execution = "arn:aws:states:eu-west-1:971779422973:execution:migration-test-rates:r1"
    arn = "arn:aws:lambda:eu-west-1:971779422973:function:any"
    answers = SimpleNamespace(
        status=lambda *_: {"status": "UNAVAILABLE"},
        begin=lambda _: {"status": "OWNED", "base": {"run": "r0"}},
        finish=lambda *_: {"status": "DONE"},
        answer=lambda event: {"subject": event["detail-type"]},
    )
    for module, name in (
        (aurora_clone.handler, "service"),
        (run_registry.handler, "registry"),
        (run_watch.handler, "watch"),
    ):
        monkeypatch.setattr(module, name, lambda: answers)
    context = SimpleNamespace(invoked_function_arn=arn)
    caplog.set_level("INFO")

    assert [
        aurora_clone.handler.handler(CLONE | {"operation": "status"}, context),
        run_registry.handler.handler(CALLER | {"operation": "finish", "execution": execution}, context),
        run_registry.handler.handler(CALLER | {"operation": "begin", "execution": execution}, context),
        run_watch.handler.handler({"detail-type": "end"}, context),
    ] == [
        {"status": "UNAVAILABLE"},
        {"status": "DONE"},
        {"status": "OWNED", "base": {"run": "r0"}},
        {"subject": "end"},
    ]
    assert [json.loads(message) for message in caplog.messages] == [
        {"operation": "status", "clone": "lipsdb-clone", "answer": {"status": "UNAVAILABLE"}},
        {"operation": "finish", "domain": "rates", "answer": {"status": "DONE"}},
        {"operation": "begin", "domain": "rates", "answer": {"status": "OWNED"}},
        {"subject": "end"},
    ]
    assert {module.handler.logger.level for module in (aurora_clone, run_registry, run_watch)} == {logging.INFO}
