"""`cut-over --verify-after` goes live once the last catch-up has applied its changes, and follows it to its verdict."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest

from runner.account.registry import locks
from runner.commands import load
from runner.commands.cut_over.last_verification import wait_until_applied
from runner.errors import UsageError
from tests.unit.runner.commands.test_cut_over import INSTANT, NOW, TAGGED, Account, live, proven

if TYPE_CHECKING:
    from collections.abc import Callable

EXECUTION = "arn:aws:states:eu-west-1:971779422973:execution:migration-test-rates-catch-up:c-2"
APPLIED = NOW - dt.timedelta(minutes=2)
LOCK: dict[str, Any] = {
    "domain": "rates",
    "run": "c-2",
    "execution": EXECUTION,
    "since": "2026-02-03T04:00:00+00:00",
    "began": "2026-02-03T03:00:00.123+00:00",
    "state": "RUNNING",
    "error": "",
    "cause": "",
    "mode": "official",
    "kind": "catch-up",
    "changing": True,
    "applied": APPLIED.isoformat(),
    "version": 1,
}
LOCKED = "status/in-progress/rates.json"


def account(lock: dict[str, Any] | None = None, *, status: str = "RUNNING", **objects: Any) -> Account:  # noqa: ANN401 - JSON
    """Return an account with a running catch-up, which has begun to change the proven state."""
    target = Account(**{"proven": proven(changing="c-2"), LOCKED: lock or LOCK, **objects})
    target.states.add("rates-catch-up", "c-2", status, {"mode": "official"})
    return target


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Call the command with a verdict for the live mark; return the followed executions."""

    def run(target: Account, *arguments: str, verdict: str = "MATCH") -> list[str]:
        followed: list[str] = []

        def follow(_states: object, arns: list[str], _view: object) -> None:
            followed.extend(arns)
            document = live(run="c-2", applied=APPLIED.isoformat(), verdict=verdict)
            target.environment.clients["s3"].objects["live/rates.json"] = document

        monkeypatch.setattr("runner.commands.cut_over.command.load_environment", lambda _name: target.environment)
        monkeypatch.setattr("runner.commands.cut_over.command.follow", follow)
        options = ["cut-over", "-e", "test", "--domain", "rates", "--yes", "rates", "--verify-after"]
        code = load()([*options, *arguments], standalone_mode=False)
        if code:
            raise SystemExit(code)
        return followed

    return run


def test_the_domain_goes_live_beside_its_catch_up_which_is_followed_to_its_verdict(
    command: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    target = account()

    followed = command(target)

    ((_, event),) = target.functions.calls
    assert {name: event[name] for name in ("operation", "domain", "run", "verifyAfter")} == {
        "operation": "cutOver",
        "domain": "rates",
        "run": "c-2",
        "verifyAfter": True,
    }
    assert target.dynamodb.calls == TAGGED
    assert followed == [EXECUTION]
    shown = capsys.readouterr().out
    assert f"rates is live since {INSTANT}, as the run c-2 applied it; its verdict: PENDING." in shown
    assert shown.splitlines()[-1].startswith("rates: MATCH. The tables held, at the instant of the cut-over, exactly")


@pytest.mark.parametrize(
    ("verdict", "sentence"),
    [
        ("MISMATCH", "rates: MISMATCH AFTER GOING LIVE."),
        ("PENDING", "rates is live, and its verdict is still to come: the run ended before. Resume it"),
    ],
)
def test_without_a_match_afterwards_the_command_fails_loudly(
    command: Callable[..., list[str]], capsys: pytest.CaptureFixture[str], verdict: str, sentence: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        command(account(), verdict=verdict)

    assert ended.value.code == 1
    assert sentence in capsys.readouterr().out


def test_a_program_gets_the_pending_verdict_at_once(
    command: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    followed = command(account(), "--json")

    document = json.loads(capsys.readouterr().out)
    assert (document["live"], document["run"], document["verdict"], document["provenAt"]) == (
        INSTANT,
        "c-2",
        "PENDING",
        None,
    )
    assert followed == []


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        (Account(), "no catch-up of rates is under way. Stop every writer to the source clusters, then: migrate catch"),
        (account(proven=None), "no official run of rates has matched: there is nothing to cut over"),
        (account({**LOCK, "kind": "repair"}), "rates is held by the run c-2, which is no official catch-up"),
        (
            account({**LOCK, "state": "FAILED", "error": "DataMismatch"}, status="FAILED"),
            "the catch-up c-2 of rates ended FAILED DataMismatch. Resume it: migrate resume c-2",
        ),
        (account(status="ABORTED"), "the catch-up c-2 of rates ended ABORTED. Resume it: migrate resume c-2"),
    ],
    ids=["no-run", "never-proven", "repair", "failed", "stopped"],
)
def test_nothing_is_marked_without_a_catch_up_under_way(
    command: Callable[..., list[str]], target: Account, sentence: str
) -> None:
    with pytest.raises(UsageError) as refused:
        command(target)

    assert str(refused.value).startswith(sentence)
    assert (target.functions.calls, target.dynamodb.calls) == ([], [])


def test_the_changes_and_the_minute_around_the_export_are_waited_for() -> None:
    target = account({**LOCK, "applied": ""})
    objects = target.environment.clients["s3"].objects
    (held,) = locks(target.environment)
    sleeps: list[float] = []

    def sleep(seconds: float) -> None:
        sleeps.append(round(seconds))
        if len(sleeps) == 2:
            objects[LOCKED] = {**LOCK, "applied": dt.datetime.now(dt.UTC).isoformat()}

    applied = wait_until_applied(target.environment, held, lambda _: None, sleep)

    assert sleeps == [5, 5, 61]
    assert applied.applied is not None
