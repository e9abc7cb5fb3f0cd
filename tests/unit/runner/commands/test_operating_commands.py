"""What stop and release-clones ask, do and print, whole."""

from __future__ import annotations

import datetime as dt
import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import EndpointConnectionError
from rich.console import Console

from runner.account.clones import Clone, clones, cost_text, show_clones
from runner.account.prices import load_prices
from runner.commands import load
from runner.commands.attempts import failed_attempts
from runner.errors import UsageError
from tests.unit.runner.commands.test_release_clones import FAILED_RATES, Aws
from tests.unit.runner.commands.test_status import LOCK, stack_with
from tests.unit.runner.commands.test_stop import StoppableStates, answers
from tests.unit.runner.fakes import (
    BEGAN,
    Bucket,
    FakeEnvironment,
    Functions,
    MissingError,
    Rds,
    States,
    cluster,
    environment,
)

if TYPE_CHECKING:
    from collections.abc import Callable

PRICES = f"prices of {load_prices().date} for {load_prices().region}; storage and I/O come on top"


@pytest.fixture
def migrate(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Call a command on an environment without a terminal, and return its exit code."""

    def run(target: FakeEnvironment, *arguments: str) -> int:
        for module in ("stop", "release_clones"):
            monkeypatch.setattr(f"runner.commands.{module}.command.load_environment", lambda _name: target)
        for wait in ("_FIRST_WAIT_SECONDS", "_LONGEST_WAIT_SECONDS"):
            monkeypatch.setattr(f"runner.commands.release_clones.release.{wait}", 0.0)
        monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
        return load()([*arguments, "-e", "test"], standalone_mode=False) or 0

    return run


def refusal(migrate: Callable[..., int], target: FakeEnvironment, *arguments: str) -> str:
    with pytest.raises(UsageError) as refused:
        migrate(target, *arguments)
    return str(refused.value)


def two_domains(*clusters: dict[str, Any], status: str = "RUNNING") -> FakeEnvironment:
    """Return an account in which both domains have an execution of the run `shared`."""
    states = StoppableStates()
    states.add("availability", "a-1", status, {"runId": "shared"})
    states.add("rates", "r-1", status, {"runId": "shared"})
    target = environment(stepfunctions=states, s3=Bucket(), rds=Rds(*clusters))
    target.clients["lambda"] = Functions(answers({"status": "RECORDED"}, {"status": "NOT_OWNER"}))
    return target


def test_a_stop_asks_for_each_domain_that_it_stops(migrate: Callable[..., int]) -> None:
    target = two_domains()

    assert refusal(migrate, target, "stop", "shared") == (
        "This stops availability (run shared) and rates (run shared) in test, account 971779422973. What it has done "
        "stays, and can be resumed. Cannot ask for 'availability rates' without a terminal; pass --yes to confirm"
    )
    assert refusal(migrate, target, "stop", "shared", "--domain", "rates") == (
        "This stops rates (run shared) in test, account 971779422973. What it has done "
        "stays, and can be resumed. Cannot ask for 'rates' without a terminal; pass --yes to confirm"
    )
    assert refusal(migrate, target, "stop", "shared", "--domain", "all").startswith("This stops availability (run sha")
    assert refusal(migrate, target, "stop", "shared", "--domain", "other") == "nothing to stop in shared: none of other"
    assert target.clients["lambda"].calls == []


def test_a_stop_says_of_each_run_whether_it_held_a_lock_and_what_remains(
    migrate: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert migrate(two_domains(cluster("p1")), "stop", "shared", "--yes") == 0

    written = capsys.readouterr()
    assert written.out.splitlines() == [
        "availability: the execution a-1 is stopped",
        "rates: the execution r-1 is stopped",
        "availability: run shared is stopped; its lock is marked RunStopped.",
        "  resume it: migrate resume shared --environment test",
        "rates: run shared is stopped; it holds no lock.",
        "  resume it: migrate resume shared --environment test",
        f"1 clones are kept: 0.29 USD an hour for the instances of 1 clones ({PRICES}).",
        "  destroy them if nobody resumes: migrate release-clones --environment test",
    ]
    assert written.err == ""


def test_a_stop_tells_a_program_in_one_document(
    migrate: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    migrate(two_domains(), "stop", "shared", "--yes", "--json")

    written = capsys.readouterr()
    assert json.loads(written.out) == {
        "stopped": [
            {"domain": "availability", "run": "shared", "held": True},
            {"domain": "rates", "run": "shared", "held": False},
        ],
        "clones": [],
    }
    assert written.err.splitlines() == [
        "availability: the execution a-1 is stopped",
        "rates: the execution r-1 is stopped",
    ]


def test_a_stop_without_clones_says_nothing_of_them(
    migrate: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    migrate(two_domains(), "stop", "shared", "--yes", "--domain", "rates")

    assert "clones" not in capsys.readouterr().out


def test_nothing_is_stopped_if_one_of_the_runs_succeeded(migrate: Callable[..., int]) -> None:
    target = two_domains()
    arn = target.clients["stepfunctions"].add("rates", "r-2", "SUCCEEDED", {"runId": "shared"})

    assert refusal(migrate, target, "stop", "shared", "--yes") == "nothing to stop in shared: rates succeeded (r-2)"
    assert target.clients["stepfunctions"].executions[arn]["status"] == "SUCCEEDED"
    assert target.clients["lambda"].calls == []


def test_nothing_is_resumed_if_no_run_failed_and_each_is_named() -> None:
    with pytest.raises(UsageError) as refused:
        failed_attempts(two_domains(status="SUCCEEDED"), "shared", "resume")

    assert str(refused.value) == ("nothing to resume in shared: availability succeeded (a-1), rates succeeded (r-1)")


def test_the_newest_attempt_of_each_run_is_resumed_if_it_failed() -> None:
    target = two_domains(status="FAILED")
    states = target.clients["stepfunctions"]
    states.add("rates", "again", "SUCCEEDED", {"runId": "shared"})
    states.add("availability", "later", "ABORTED", {"runId": "shared"})

    assert [run.name for run in failed_attempts(target, "shared", "resume")] == ["later"]
    assert [run.name for run in failed_attempts(target, "a-1", "resume")] == ["later"]


def test_a_release_of_nothing_is_said(migrate: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert migrate(Aws().stack({}), "release-clones") == 0
    assert capsys.readouterr().out == "There are no clones, and no run to give up.\n"
    assert migrate(Aws().stack({}), "release-clones", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"destroyed": [], "kept": {}}


def test_a_release_asks_with_all_that_it_gives_up_and_destroys(
    migrate: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    unproven = {"isClone": False, "status": "PRESENT", "reason": "it has no clone group"}
    proven = {"isClone": True, "status": "PRESENT", "reason": ""}
    locks = {
        "status/in-progress/availability.json": {**LOCK, "domain": "availability", "run": "a-1", "error": "",
                                                 "state": "RUNNING"},
        **FAILED_RATES,
    }  # fmt: skip

    assert refusal(
        migrate, Aws(verify=[proven, unproven]).stack(locks, cluster("p1"), cluster("p2")), "release-clones"
    ) == (
        "This destroys 1 clones in test, account 971779422973, and gives up availability (run a-1: RUNNING), rates "
        "(run r-1: JarNotFound). Cannot ask for 'test' without a terminal; pass --yes to confirm"
    )
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "Clones made by run run-1"
    assert lines[-2:] == [
        f"They cost 0.57 USD an hour for the instances of 2 clones ({PRICES}).",
        "p2-clone is not destroyed: it has no clone group",
    ]


def test_a_release_without_a_run_to_give_up_names_none(migrate: Callable[..., int]) -> None:
    assert refusal(migrate, Aws().stack({}, cluster("p1")), "release-clones") == (
        "This destroys 1 clones in test, account 971779422973. Cannot ask for 'test' without a terminal; "
        "pass --yes to confirm"
    )


def test_a_release_that_leaves_a_clone_says_which_and_fails(
    migrate: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    answer = {"isClone": False, "status": "PRESENT", "reason": "it has no clone group"}
    aws = Aws(verify=[{"isClone": True, "status": "PRESENT", "reason": ""}, answer])

    assert migrate(aws.stack({}, cluster("p1"), cluster("p2")), "release-clones", "--yes") == 1

    written = capsys.readouterr()
    assert written.out.splitlines() == [
        "availability: run none is given up",
        "p1-clone: destroying",
        "p1-clone: gone",
        "1 clones are destroyed.",
    ]
    assert written.err.splitlines()[-1] == "p2-clone is left: it has no clone group"
    assert {event["clone"] for _, event in aws.functions.calls if event["operation"] == "destroy"} == {"p1-clone"}
    assert [event for _, event in aws.functions.calls if "approvedBy" in event] == []


def test_a_domain_whose_execution_ended_is_given_up(migrate: Callable[..., int]) -> None:
    aws = Aws()
    stack = aws.stack({}, cluster("p1"))
    arn = stack.clients["stepfunctions"].add("rates", "r-9", "FAILED", stopDate=BEGAN)
    stack.clients["s3"].objects["status/in-progress/rates.json"] = {**LOCK, "execution": arn, "run": "r-9"}

    assert migrate(stack, "release-clones", "--yes") == 0
    assert [event["run"] for _, event in aws.functions.calls if event["operation"] == "release"] == ["r-9"]


def test_a_release_that_another_makes_says_so_and_fails(
    migrate: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    stack = Aws(release={"status": "DONE"}).stack(FAILED_RATES, cluster("p1"))

    assert migrate(stack, "release-clones", "--yes") == 1
    assert capsys.readouterr().err.splitlines()[-1] == "another is destroying the clones; look at it with status"
    assert migrate(stack, "release-clones", "--yes", "--json") == 1
    written = capsys.readouterr()
    assert json.loads(written.out) == {
        "domains": ["rates"], "destroyed": [], "kept": {},
        "told": "another is destroying the clones; look at it with status",
    }  # fmt: skip
    assert written.err.splitlines()[-1] == "rates: run r-1 is given up"


@pytest.mark.parametrize("approver", [None, "Bo"])
def test_a_release_is_made_with_its_approval(
    migrate: Callable[..., int], approver: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    aws = Aws()
    guarded = replace(aws.stack({}, cluster("p1")), second_person=True)
    options = ["--approved-by", approver] if approver else []

    if approver is None:
        assert refusal(migrate, guarded, "release-clones", "--yes") == (
            "the release of clones needs a second person's approval in test (secondPerson in the stack file): "
            "add --approved-by NAME"
        )
        assert aws.functions.calls == []
        return
    assert migrate(guarded, "release-clones", "--yes", *options) == 0
    (asked,) = [event for _, event in aws.functions.calls if event["operation"] == "release"]
    assert (asked["approvedBy"], capsys.readouterr().out.splitlines()[-1]) == ("Bo", "1 clones are destroyed.")


RIGHT_ENDS = (
    "The right to destroy ends 00:20:00Z by itself; until then nobody gets new clones. "
    "What is left: migrate status --environment test"
)
SEAL = {"domain": "rates", "run": "r-1", "execution": "operator:ana", "since": "2026-01-01T00:00:00+00:00"}


@pytest.mark.parametrize(
    ("seal", "lines"),
    [
        (
            {**SEAL, "expires": "2026-01-01T00:20:00+00:00"},
            [RIGHT_ENDS],
        ),
        (SEAL, []),
        (None, []),
    ],
)
def test_a_release_whose_call_died_says_how_long_its_right_lasts(
    migrate: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    seal: dict[str, Any] | None,
    lines: list[str],
) -> None:
    aws = Aws(destroy={"errorType": "Sandbox.Timedout", "errorMessage": "Task timed out"})
    stack = aws.stack({"status/teardown-seal.json": seal} if seal else {}, cluster("p1"))

    assert refusal(migrate, stack, "release-clones", "--yes") == (
        "migration-test-aurora-clone: Sandbox.Timedout: Task timed out; some clones may be left: call it again"
    )
    assert [line for line in capsys.readouterr().err.splitlines() if line.startswith("The right")] == lines


def test_a_release_that_is_interrupted_says_how_long_its_right_lasts(
    migrate: Callable[..., int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("runner.commands.release_clones.command.Release.carry_out", interrupt)
    seal = {**SEAL, "expires": "2026-01-01T00:20:00+00:00"}

    code = migrate(Aws().stack({"status/teardown-seal.json": seal}, cluster("p1")), "release-clones", "--yes")
    assert code == 130
    assert "The right to destroy ends 00:20:00Z by itself" in capsys.readouterr().err


def test_a_running_domain_is_named_with_how_to_follow_it(migrate: Callable[..., int]) -> None:
    states = States()
    arn = states.add("rates-catch-up", "c-2", "RUNNING")
    lock = {**LOCK, "execution": arn, "state": "RUNNING", "run": "c-2"}
    target = environment(
        stepfunctions=states, s3=Bucket(**{"status/in-progress/rates.json": lock}), rds=Rds(cluster("p1"))
    )

    assert refusal(migrate, target, "release-clones", "--yes") == (
        f"rates is running (run c-2) and needs the clones; nothing was destroyed. Follow it: migrate follow {arn}"
    )


def made(name: str, *classes: str) -> Clone:
    return Clone(f"{name}-clone", name, "r-1", "available", BEGAN, classes, {})


def test_the_cost_of_clones_leaves_out_what_has_no_price_and_names_it() -> None:
    known, unknown, bare = made("a", "db.r6g.large", "db.r6g.large"), made("b", "db.r6g.large", "db.x9.huge"), made("c")

    assert [clone.usd_per_hour for clone in (known, unknown, bare)] == [0.572, None, 0]
    assert cost_text([known, unknown, made("d", "db.x9.huge"), bare]) == (
        f"0.57 USD an hour for the instances of 4 clones, without b-clone, d-clone, whose class has no price ({PRICES})"
    )


def test_clones_are_those_with_the_tags_of_the_stack_by_name() -> None:
    own = {"system": "rates-avail-migration-bootstrap", "stack": "test", "source": "b"}

    def tagged(tags: dict[str, str], name: str = "b", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - RDS's facts
        return cluster(name, TagList=[{"Key": f"migration:{k}", "Value": v} for k, v in tags.items()], **more)

    foreign = [tagged(own | {"system": "x"}), tagged(own | {"stack": "prod"}), cluster("q", TagList=[])]
    unnamed = tagged({name: own[name] for name in ("system", "stack")})
    bare = {name: fact for name, fact in tagged(own, ClusterCreateTime=None).items() if name != "DBClusterMembers"}
    target = stack_with({}, cluster("c"), *foreign, unnamed, {**bare, "DBClusterMembers": []}, cluster("a"))

    listed = clones(target)

    tags = {f"migration:{name}": value for name, value in own.items()}
    assert [clone.name for clone in listed] == ["a-clone", "b-clone", "c-clone"]
    assert listed[1] == Clone("b-clone", "b", "", "available", None, (), tags)
    whole = {"migration:run": "run-1", **tags, "migration:source": "c"}
    assert listed[2] == Clone("c-clone", "c", "run-1", "available", BEGAN, ("db.r6g.large",), whole)
    assert (listed[2].domain, listed[2].mode) == ("", "")
    assert clones(stack_with({})) == []


@pytest.mark.parametrize(
    "error", [MissingError(), EndpointConnectionError(endpoint_url="https://rds")], ids=["a refusal", "no connection"]
)
def test_clones_that_cannot_be_listed_are_an_error_of_the_account(error: Exception) -> None:
    class Refusing:
        def get_paginator(self, _operation: str) -> None:
            raise error

    with pytest.raises(UsageError) as refused:
        clones(environment(rds=Refusing()))

    assert str(refused.value) == f"the clones cannot be listed: {error}"


def test_a_terminal_shows_the_run_as_it_is_named_and_its_clones_by_name() -> None:
    file = io.StringIO()
    out = Console(file=file, force_terminal=True, width=40)
    named = [replace(made(name, "db.r6g.large"), run=f"[bold]{'r' * 40}-1") for name in "ba"]

    show_clones(named, BEGAN, out)

    title, *rows = file.getvalue().splitlines()
    assert title == f"Clones made by run [bold]{'r' * 40}-1"
    assert [row.split()[0] for row in rows if "-clone" in row] == ["a-clone", "b-clone"]


def test_clones_of_a_run_without_a_domain_are_of_its_mode() -> None:
    file = io.StringIO()

    show_clones([replace(made("a"), tags={"migration:mode": "official"})], BEGAN, Console(file=file, width=100))

    assert file.getvalue().splitlines()[0] == "Clones made by run r-1 (official)"


def test_the_figures_of_clones_stand_in_columns() -> None:
    file = io.StringIO()
    shown = [
        replace(made("a", "db.r6g.large"), created=None),
        made("longer", "db.r6g.large", "db.r6g.large"),
        made("c"),
    ]

    show_clones([*shown, made("d", "db.x9.huge")], BEGAN + dt.timedelta(seconds=5), Console(file=file, width=100))

    assert [line.rstrip() for line in file.getvalue().splitlines()] == [
        "Clones made by run r-1",
        "",
        " clone          status             age   class                        USD an hour",
        f" {'─' * 80}",
        " a-clone        available   being made   db.r6g.large                       0.286",
        " c-clone        available          5 s   no instance                        0.000",
        " d-clone        available          5 s   db.x9.huge                      no price",
        " longer-clone   available          5 s   db.r6g.large, db.r6g.large         0.572",
        "",
    ]


def test_clones_are_shown_below_their_creators_with_age_class_and_price(
    migrate: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    created = dt.datetime.now(dt.UTC) - dt.timedelta(hours=3, minutes=20)
    tags = [*cluster("b")["TagList"][:-1]]
    official = [{"Key": "migration:mode", "Value": "official"}, {"Key": "migration:run", "Value": "o-1"}]
    rates = {"Key": "migration:domain", "Value": "rates"}
    first = cluster("b", TagList=[*tags, *official, rates], ClusterCreateTime=created)
    stack = Aws().stack({}, first, cluster("c", ClusterCreateTime=None), cluster("a", ClusterCreateTime=created))

    refusal(migrate, stack, "release-clones")

    lines = [" ".join(line.split()) for line in capsys.readouterr().err.splitlines()]
    rows = [line for line in lines if line and set(line) - {"─", " "}]
    assert rows[:-1] == [
        "Clones made by run o-1 (official of rates)",
        "clone status age class USD an hour",
        "b-clone available 3 h 20 min db.r6g.large 0.286",
        "Clones made by run run-1",
        "clone status age class USD an hour",
        "a-clone available 3 h 20 min db.r6g.large 0.286",
        "c-clone available being made db.r6g.large 0.286",
    ]
