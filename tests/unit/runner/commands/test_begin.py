"""A start: its checks before anything, the question for what is official, and what it prints and follows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from runner.account.clone_ages import existing
from runner.account.requests import Request
from runner.commands.start import begin as module
from runner.commands.start.begin import StartOptions, begin
from runner.errors import UsageError
from tests.unit.runner.commands import test_catch_up as catch_ups
from tests.unit.runner.commands.test_catch_up import Started
from tests.unit.runner.fakes import FakeEnvironment, Rds, environment

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.account.environments import Environment

ARN = "arn:aws:states:eu-west-1:971779422973:execution"
NO_CLONES = "No clone exists: the run makes its own."


class Watching:
    """The plan and the progress, which record what they were called with."""

    def __init__(self) -> None:
        self.planned: list[str] = []
        self.watched: list[tuple[list[str], float | None, bool]] = []

    def plan(self, _environment: Environment, requests: list[Request], tell: Callable[[str], None]) -> None:
        self.planned += [request.word for request in requests]
        tell("the plan")

    def watch(self, _environment: Environment, arns: list[str], *, for_minutes: float | None, as_json: bool) -> None:
        self.watched.append(([arn.rsplit(":", 1)[1].rsplit("-", 3)[0] for arn in arns], for_minutes, as_json))


@pytest.fixture
def watching(monkeypatch: pytest.MonkeyPatch) -> Watching:
    made = Watching()
    monkeypatch.setattr(module, "plan_first", made.plan)
    monkeypatch.setattr(module, "watch", made.watch)
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    return made


def asked(*, skip_plan: bool = False, yes: bool = False, detach: bool = False, **more: Any) -> StartOptions:  # noqa: ANN401 - options
    return StartOptions(skip_plan=skip_plan, yes=yes, detach=detach, **{"for_minutes": None, "as_json": False, **more})


def account() -> tuple[FakeEnvironment, Started]:
    states = Started()
    return environment(stepfunctions=states, rds=Rds()), states


REHEARSAL = Request("rates", requested_by="ada")
OFFICIAL = Request("rates", "official", requested_by="ada")
CATCH_UP = Request("rates", "official", requested_by="ada", is_catch_up=True)
REPAIR = Request("rates", "official", requested_by="ada", is_catch_up=True, repair=True)
VERIFICATION = Request("rates", "official", requested_by="ada", verify=True, run_id="r-1")


def test_a_rehearsal_is_planned_started_and_followed_without_a_question(
    watching: Watching, capsys: pytest.CaptureFixture[str]
) -> None:
    target, states = account()

    begin(target, [REHEARSAL], asked(for_minutes=5))

    assert watching.planned == ["rehearsal"]
    assert [(name, sent) for _, name, sent in states.started] == [("rates-rehearsal", REHEARSAL.input())]
    assert watching.watched == [(["rates-rehearsal"], 5, False)]
    plan, started = capsys.readouterr().out.splitlines()
    assert plan == "the plan"
    assert started.startswith(f"started {ARN}:migration-test-rates:rates-rehearsal-")


MAKES = "An official run of rates {} makes the tables of production's names and enables their streams."
WRITES = "A {} of {} {} writes to the tables of production's names what differs from Aurora."
HERE = "in test, account 971779422973,"


@pytest.mark.parametrize(
    ("requests", "what", "word"),
    [
        ([OFFICIAL], MAKES.format(HERE), "rates"),
        ([REHEARSAL, OFFICIAL], MAKES.format(HERE), "rates"),
        ([CATCH_UP], WRITES.format("catch-up", "rates", HERE), "rates"),
        ([REPAIR], WRITES.format("repair", "rates", HERE), "rates"),
        ([CATCH_UP, CATCH_UP], WRITES.format("catch-up", "rates and rates", HERE), "rates rates"),
    ],
)
def test_what_is_official_is_asked_for_before_anything_starts(
    watching: Watching, requests: list[Request], what: str, word: str
) -> None:
    target, states = account()

    with pytest.raises(UsageError) as refused:
        begin(target, requests, asked())

    assert str(refused.value) == f"{what} {NO_CLONES} Cannot ask for {word!r} without a terminal; pass --yes to confirm"
    assert (states.started, watching.watched) == ([], [])
    assert existing(target) == NO_CLONES


@pytest.mark.parametrize(
    ("request_", "options", "planned"),
    [
        (OFFICIAL, {}, ["official"]),
        (OFFICIAL, {"skip_plan": True}, []),
        (CATCH_UP, {}, []),
        (VERIFICATION, {}, []),
    ],
)
def test_only_migrations_are_planned_first(
    watching: Watching, request_: Request, options: dict[str, bool], planned: list[str]
) -> None:
    target, states = account()

    begin(target, [request_], asked(yes=True, **options))

    assert watching.planned == planned
    assert [name for _, name, _ in states.started] == [f"rates-{request_.word}"]


def test_a_verification_is_not_asked_for(watching: Watching) -> None:
    target, states = account()

    begin(target, [VERIFICATION], asked())

    assert [name for _, name, _ in states.started] == ["rates-verification"]
    assert watching.watched == [(["rates-verification"], None, False)]


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        (Request("rates", parallelism=0), "--parallelism"),
        (Request("rates", "official", requested_by="ada", approved_by="ada"), "a second person has to approve it"),
        (Request("availability"), "no state machine migration-test-availability in account"),
    ],
)
def test_one_request_that_is_wrong_starts_none(watching: Watching, bad: Request, sentence: str) -> None:
    target, states = account()

    with pytest.raises(UsageError, match=sentence):
        begin(target, [REHEARSAL, bad], asked(yes=True))

    assert (states.started, watching.planned) == ([], [])


def test_a_catch_up_needs_the_second_machine_of_its_domain(watching: Watching, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catch_ups, "MACHINES", ("migration-test-rates",))
    target, states = account()

    with pytest.raises(UsageError) as refused:
        begin(target, [REHEARSAL, CATCH_UP], asked())

    assert str(refused.value) == (
        "no state machine migration-test-rates-catch-up in account 971779422973; deployed are: migration-test-rates"
    )
    assert (states.started, watching.planned) == ([], [])


def test_a_detached_start_tells_a_program_what_runs(watching: Watching, capsys: pytest.CaptureFixture[str]) -> None:
    target, _ = account()

    begin(target, [REHEARSAL, CATCH_UP], asked(yes=True, detach=True, as_json=True))

    written = capsys.readouterr()
    executions = json.loads(written.out)["executions"]
    assert [(each["domain"], each["input"]) for each in executions] == [
        ("rates", REHEARSAL.input()),
        ("rates", CATCH_UP.input()),
    ]
    lines = ["the plan", *(f"started {each['arn']}" for each in executions)]
    assert (written.err.splitlines(), watching.watched) == (lines, [])


def test_a_detached_start_prints_what_it_started_and_ends(
    watching: Watching, capsys: pytest.CaptureFixture[str]
) -> None:
    begin(account()[0], [REHEARSAL], asked(detach=True, skip_plan=True))

    written = capsys.readouterr()
    assert written.out.startswith(f"started {ARN}:migration-test-rates:rates-rehearsal-")
    assert (len(written.out.splitlines()), written.err, watching.watched) == (1, "", [])


def test_a_program_follows_in_lines_of_json(watching: Watching, capsys: pytest.CaptureFixture[str]) -> None:
    begin(account()[0], [REHEARSAL], asked(as_json=True))

    assert watching.watched == [(["rates-rehearsal"], None, True)]
    assert capsys.readouterr().out == ""
