"""A request: what is refused before it starts, the input that it starts with, and what a resume keeps."""

from __future__ import annotations

import datetime as dt
import getpass
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from runner.account.executions import Execution
from runner.account.requests import Request, approved, chosen_domains, mode_of, resumed, start
from runner.errors import UsageError
from tests.customer import customer_folder
from tests.unit.runner.commands.test_catch_up import Started
from tests.unit.runner.fakes import environment

if TYPE_CHECKING:
    from runner.account.environments import Environment

CATALOG = customer_folder()
ARN = "arn:aws:states:eu-west-1:971779422973:execution:migration-test-rates"
CATCH_UP = f"{ARN}-catch-up"


@pytest.mark.parametrize(
    "options",
    [
        {"parallelism": 1},
        {"parallelism": 40, "mode": "official"},
        {"run_id": "A" * 63 + "."},
        {"run_id": "r_1-x"},
        {"tables": ("BaseRate", "BaseRateAssociation")},
        {"max_delete_percent": 0, "max_change_percent": 0, "writes_per_second": 1},
        {"max_delete_percent": 100, "max_change_percent": 1e9, "writes_per_second": 1_000_000},
    ],
)
def test_a_request_within_its_bounds_is_accepted(options: dict[str, Any]) -> None:
    Request("rates", **options).check(CATALOG)


NAME = "must match [A-Za-z0-9._-]{1,64}"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"domain": "rate"}, "--domain: 'rate' is not in the catalog; there are availability, rates"),
        ({"mode": "ofical"}, "--mode: 'ofical' must be rehearsal or official"),
        ({"parallelism": 0}, "--parallelism: 0 must be 1 to 40"),
        ({"parallelism": 41}, "--parallelism: 41 must be 1 to 40"),
        ({"run_id": "a b"}, f"--run-id: 'a b' {NAME}"),
        ({"run_id": ""}, f"--run-id: '' {NAME}"),
        ({"run_id": "a" * 65}, f"--run-id: {'a' * 65!r} {NAME}"),
        (
            {"tables": ("BaseRate", "Other", "More")},
            "--table: Other, More is not a table of rates; its tables are BaseRate, BaseRateAssociation",
        ),
        (
            {"tables": ("BaseRate",), "mode": "official"},
            "--table is for a rehearsal: an official run migrates every table of its domain",
        ),
        ({"max_delete_percent": -0.1}, "--max-delete-percent: -0.1 must be 0 to 100"),
        ({"max_delete_percent": 100.1}, "--max-delete-percent: 100.1 must be 0 to 100"),
        ({"max_change_percent": -1}, "--max-change-percent: -1 must be 0 or more"),
        ({"max_change_percent": float("inf")}, "--max-change-percent: inf must be 0 or more"),
        ({"writes_per_second": 0}, "--writes-per-second: 0 must be 1 to 1000000"),
        ({"writes_per_second": 1_000_001}, "--writes-per-second: 1000001 must be 1 to 1000000"),
    ],
)
def test_a_request_beyond_its_bounds_names_the_option_and_what_is_allowed(
    options: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(UsageError) as refused:
        Request(**{"domain": "rates", **options}).check(CATALOG)

    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({}, "rehearsal"),
        ({"mode": "official"}, "official"),
        ({"mode": "official", "is_catch_up": True}, "catch-up"),
        ({"is_catch_up": True, "repair": True}, "repair"),
        ({"mode": "official", "verify": True}, "verification"),
    ],
)
def test_a_request_is_named_by_its_kind(options: dict[str, Any], word: str) -> None:
    assert Request("rates", **options).word == word


def test_an_input_holds_what_was_asked_and_nothing_else() -> None:
    assert Request("rates", requested_by="ada").input() == {
        "mode": "rehearsal", "parallelism": 9, "keepClones": False, "requestedBy": "ada",
    }  # fmt: skip
    assert Request("rates").input()["requestedBy"] == getpass.getuser()
    whole = Request(
        "rates",
        "official",
        3,
        "r-1",
        "releases/1/x.jar",
        keep_clones=True,
        requested_by="ada",
        is_catch_up=True,
        repair=True,
        max_delete_percent=0,
        max_change_percent=160.5,
        writes_per_second=100,
        tables=("B", "A", "B"),
        verify=True,
        approved_by="bo",
    )
    assert whole.input() == {
        "mode": "official",
        "parallelism": 3,
        "runId": "r-1",
        "jarKey": "releases/1/x.jar",
        "keepClones": True,
        "requestedBy": "ada",
        "approvedBy": "bo",
        "repair": True,
        "tables": ["B", "A"],
        "verify": True,
        "maxDeletePercent": 0,
        "maxChangePercent": 160.5,
        "writesPerSecond": 100,
    }


@pytest.mark.parametrize(
    ("named", "domains"),
    [
        (["rates"], ["rates"]),
        (["all"], ["availability", "rates"]),
        (["rates", "both", "rates"], ["rates", "availability"]),
        (["unknown"], ["unknown"]),
    ],
)
def test_domains_are_asked_for_once_each(named: list[str], domains: list[str]) -> None:
    assert chosen_domains(named, CATALOG) == domains


def failed(run_input: dict[str, Any], arn: str = ARN, error: str = "") -> Execution:
    return Execution(f"{arn}:e-1", "rates", "FAILED", dt.datetime.now(dt.UTC), None, run_input, {}, error)


WHOLE = {
    "mode": "official",
    "parallelism": "3",
    "runId": "r-1",
    "jarKey": "releases/1/x.jar",
    "keepClones": True,
    "repair": True,
    "tables": ["B"],
    "verify": True,
    "maxDeletePercent": 1,
    "maxChangePercent": 2,
    "writesPerSecond": 4,
    "approvedBy": "Bo",
    "requestedBy": "cy",
}


def test_a_resume_keeps_everything_but_who_asks() -> None:
    assert resumed(failed(WHOLE, CATCH_UP)) == Request(
        "rates",
        "official",
        3,
        "r-1",
        "releases/1/x.jar",
        keep_clones=True,
        is_catch_up=True,
        repair=True,
        max_delete_percent=1,
        max_change_percent=2,
        writes_per_second=4,
        tables=("B",),
        verify=True,
        approved_by="Bo",
    )
    assert resumed(failed({})) == Request("rates", "rehearsal", 9, "e-1")
    assert resumed(failed({}, CATCH_UP)) == Request("rates", "official", 9, "e-1", is_catch_up=True)


@pytest.mark.parametrize(
    ("error", "named", "jar"),
    [
        ("", None, "releases/1/x.jar"),
        ("", "releases/2/y.jar", "releases/2/y.jar"),
        ("ReleaseChanged", None, None),
        ("ReleaseChanged", "releases/2/y.jar", "releases/2/y.jar"),
    ],
)
def test_a_resume_keeps_the_release_that_was_asked_for_unless_the_run_refused_it(
    error: str, named: str | None, jar: str | None
) -> None:
    assert resumed(failed(WHOLE, error=error), named).jar_key == jar


@pytest.mark.parametrize(("by", "kept"), [("Bo", "Bo"), (getpass.getuser().upper(), None), (None, None), ("", "")])
def test_nobody_who_approved_a_run_resumes_it_as_approved(by: str | None, kept: str | None) -> None:
    assert resumed(failed({"approvedBy": by})).approved_by == kept


@pytest.mark.parametrize(
    ("run_input", "arn", "mode"),
    [
        ({"mode": "official"}, ARN, "official"),
        ({}, ARN, "rehearsal"),
        ({"mode": "rehearsal"}, CATCH_UP, "rehearsal"),
        ({}, CATCH_UP, "official"),
    ],
)
def test_an_input_without_a_mode_has_that_of_its_machine(run_input: dict[str, str], arn: str, mode: str) -> None:
    assert mode_of(failed(run_input, arn)) == mode


def guarded(**clients: Any) -> Environment:  # noqa: ANN401 - clients
    return replace(environment(**clients), second_person=True)


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"mode": "official"}, "an official run of rates"),
        ({"mode": "official", "is_catch_up": True}, "an official catch-up of rates"),
        ({"mode": "official", "is_catch_up": True, "repair": True}, "an official repair of rates"),
        ({"mode": "official", "verify": True}, ""),
        ({}, ""),
    ],
)
def test_what_writes_to_the_official_tables_needs_a_second_person(options: dict[str, Any], what: str) -> None:
    request = Request("rates", requested_by="ada", **options)
    if not what:
        assert approved(guarded(), request) is request
        return
    with pytest.raises(UsageError) as refused:
        approved(guarded(), request)
    assert str(refused.value) == (
        f"{what} needs a second person's approval in test (secondPerson in the stack file): add --approved-by NAME"
    )


@pytest.mark.parametrize("options", [{}, {"mode": "official", "verify": True}])
def test_nobody_approves_even_what_needs_no_approval(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="--approved-by: ada asks for an official run of rates"):
        approved(environment(), Request("rates", requested_by="ada", approved_by="ada", **options))


@pytest.mark.parametrize(
    ("options", "machine", "word"),
    [({}, "migration-test-rates", "rehearsal"), ({"is_catch_up": True}, "migration-test-rates-catch-up", "catch-up")],
)
def test_an_execution_is_started_under_a_name_of_domain_kind_and_moment(
    options: dict[str, Any], machine: str, word: str
) -> None:
    states = Started()
    request = Request("rates", requested_by="ada", **options)

    arn = start(environment(stepfunctions=states), request)

    assert states.started == [(machine, f"rates-{word}", request.input())]
    prefix, _, name = arn.rpartition(":")
    assert prefix == f"arn:aws:states:eu-west-1:971779422973:execution:{machine}"
    moment = re.fullmatch(rf"rates-{word}-(\d{{8}}-\d{{6}})-\d{{3}}", name)
    assert moment
    began = dt.datetime.strptime(moment[1], "%Y%m%d-%H%M%S").replace(tzinfo=dt.UTC)
    assert abs(dt.datetime.now(dt.UTC) - began) < dt.timedelta(minutes=5)


def test_a_start_is_refused_before_step_functions_is_asked() -> None:
    states = Started()

    with pytest.raises(UsageError, match="--parallelism"):
        start(environment(stepfunctions=states), Request("rates", parallelism=0))
    with pytest.raises(UsageError, match="second person"):
        start(guarded(stepfunctions=states), Request("rates", "official"))
    assert states.started == []


def test_a_start_that_step_functions_refuses_names_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    error = ClientError({"Error": {"Code": "ExecutionLimitExceeded", "Message": "too many"}}, "StartExecution")

    def refuse(_states: object, **_arguments: object) -> None:
        raise error

    monkeypatch.setattr(Started, "start_execution", refuse)
    with pytest.raises(UsageError) as refused:
        start(environment(stepfunctions=Started()), Request("rates"))

    machine = "arn:aws:states:eu-west-1:971779422973:stateMachine:migration-test-rates"
    assert str(refused.value) == f"{machine} could not be started: {error}"
