"""What the command cut-over asks, does and prints, whole."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from runner.commands import load
from runner.errors import UsageError
from tests.unit.runner.commands.test_cut_over import (
    INSTANT,
    NAMES,
    PROVEN_AT,
    TABLES,
    TAGGED,
    Account,
    Dynamo,
    live,
    proven,
)
from tests.unit.runner.commands.test_last_verification import APPLIED, EXECUTION, LOCK, account

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MODULE = "runner.commands.cut_over.command"
LISTED = ", ".join(sorted(NAMES))
PROTECTED = [name for name in sorted(NAMES) if {table.name: table for table in TABLES}[name].deletion_protection]
NEXT = [
    "Switch the readers to DynamoDB, then the writers; keep the source clusters until you need no way back.",
    "  the steps, and the way back: docs/cut-over.md",
]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Call the command on an account, let the followed run end so, and return the followed executions."""

    def run(target: Account, *arguments: str, mark: dict[str, Any] | None = None) -> list[str]:
        followed: list[str] = []

        def follow(_states: object, arns: list[str], _view: object) -> None:
            followed.extend(arns)
            target.environment.clients["s3"].objects |= {} if mark is None else {"live/rates.json": mark}

        monkeypatch.setattr(f"{MODULE}.load_environment", lambda _name: target.environment)
        monkeypatch.setattr(f"{MODULE}.follow", follow)
        monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
        code = load()(["cut-over", "-e", "test", "--domain", "rates", *arguments], standalone_mode=False)
        if code:
            raise SystemExit(code)
        return followed

    return run


def refusal(command: Callable[..., list[str]], target: Account, *arguments: str) -> str:
    with pytest.raises(UsageError) as refused:
        command(target, *arguments)
    assert (target.functions.calls, target.dynamodb.calls) == ([], [])
    return str(refused.value)


def test_the_operator_reads_what_goes_live_as_what_before_confirming(command: Callable[..., list[str]]) -> None:
    assert refusal(command, Account()) == (
        "This marks rates in test, account 971779422973, live as the run r-1 proved it at "
        f"{PROVEN_AT:%Y-%m-%d %H:%MZ}: no run writes to {LISTED} any more. Only an administrator undoes it. "
        "Cannot ask for 'rates' without a terminal; pass --yes rates to confirm"
    )


def test_the_operator_reads_that_writers_must_have_stopped_before_confirming_ahead_of_the_verdict(
    command: Callable[..., list[str]],
) -> None:
    begun = (
        "This marks rates in test, account 971779422973, live as soon as the catch-up c-2 has applied every change, "
        "before its verdict. It carries nothing that was written to the source clusters after it began, {}: every "
        "writer must have stopped before. Only an administrator undoes it. "
        "Cannot ask for 'rates' without a terminal; pass --yes rates to confirm"
    )

    assert refusal(command, account(), "--verify-after") == begun.format("2026-02-03 03:00:00Z")
    later = {name: value for name, value in LOCK.items() if name != "began"}
    assert refusal(command, account(later), "--verify-after") == begun.format("2026-02-03 04:00:00Z")


def test_refusals_of_the_command_line_come_before_everything(command: Callable[..., list[str]]) -> None:
    never = Account(proven=None)
    never_live = Account(proven=None, live=live())

    assert refusal(command, never, "--domain", "rate") == "'rate' is not a domain of test: availability, rates"
    assert refusal(command, never, "--yes", "rate") == "--yes rate is not the domain rates; nothing was done"
    unmatched = "no official run of rates has matched: there is nothing to cut over"
    for target in (never, never_live):
        assert refusal(command, target, "--yes", "rates") == unmatched
        assert refusal(command, target, "--yes", "rates", "--verify-after") == unmatched
    guarded = Account()
    guarded.environment = replace(guarded.environment, second_person=True)
    assert refusal(command, guarded, "--yes", "rates") == (
        "the cut-over of rates needs a second person's approval in test (secondPerson in the stack file): "
        "add --approved-by NAME"
    )
    assert refusal(command, Account(live=live(confirmed=False), proven=proven(changing="c-2"))).startswith(
        "the run c-2 has begun to write to the tables of rates"
    )


def test_a_replaced_table_is_refused_before_the_mark_ahead_of_the_verdict(command: Callable[..., list[str]]) -> None:
    target = account()
    target.environment.clients["dynamodb"] = target.dynamodb = Dynamo(table_id="new-")

    assert refusal(command, target, "--yes", "rates", "--verify-after").startswith(
        f"the table {min(NAMES)} is not the one that was proven"
    )


@pytest.mark.parametrize("arguments", [(), ("--approved-by", "Bo")])
def test_a_proven_domain_goes_live_with_its_approval(
    command: Callable[..., list[str]], capsys: pytest.CaptureFixture[str], arguments: Sequence[str]
) -> None:
    target = Account(Dynamo(protected=False))

    assert command(target, "--yes", "rates", *arguments) == []

    ((_, event),) = target.functions.calls
    assert "verifyAfter" not in event
    assert event.get("approvedBy") == (arguments[1] if arguments else None)
    assert capsys.readouterr().out.splitlines() == [
        f"rates is live since {INSTANT}, as the run r-1 proved it at {PROVEN_AT:%H:%M:%SZ}.",
        f"  tagged migration:live: {LISTED}",
        *([f"  protected from deletion: {', '.join(PROTECTED)}"] if PROTECTED else []),
        *NEXT,
    ]


@pytest.mark.parametrize(("hours", "is_refused"), [(23.9, False), (24.1, True)])
def test_a_proof_of_a_day_is_enough_by_itself(
    command: Callable[..., list[str]], hours: float, *, is_refused: bool
) -> None:
    proven_at = (dt.datetime.now(dt.UTC) - dt.timedelta(hours=hours)).isoformat()
    target = Account(proven=proven(provenAt=proven_at))
    if is_refused:
        assert "and at most 24 are allowed" in refusal(command, target, "--yes", "rates")
    else:
        command(target, "--yes", "rates")
        assert target.dynamodb.calls == TAGGED


def test_the_wait_is_said_where_a_program_reads_no_document(
    command: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    waited: list[list[str]] = []

    def wait(tables: list[Any], tell: Callable[[str], None], now: dt.datetime) -> None:
        assert abs(dt.datetime.now(dt.UTC) - now) < dt.timedelta(minutes=5)
        waited.append([table.table_name for table in tables])
        tell("waiting 7 s")

    monkeypatch.setattr(f"{MODULE}.wait_out_exports", wait)
    command(Account(), "--yes", "rates")
    assert capsys.readouterr().out.startswith("waiting 7 s\n")
    command(Account(), "--yes", "rates", "--json")
    written = capsys.readouterr()
    assert (written.err, json.loads(written.out)["live"]) == ("waiting 7 s\n", INSTANT)
    assert waited == [sorted(NAMES)] * 2


AHEAD = f"rates is live since {INSTANT}, as the run c-2 applied it; its verdict: PENDING."
MATCHED = "rates: MATCH. The tables held, at the instant of the cut-over, exactly what the clusters held."
DIFFERS = (
    "rates: MISMATCH AFTER GOING LIVE. The tables lacked or had something at the instant of the cut-over. Nothing was "
    "changed, and nothing of this system writes to them. Read the report now: migrate report c-2 --environment test; "
    "and decide about the way back (docs/cut-over.md)"
)
OPEN = (
    "rates is live, and its verdict is still to come: the run ended before. Resume it, which exports and compares "
    "alone: migrate resume {} --environment test"
)


def of_c2(verdict: str) -> dict[str, Any]:
    return live(run="c-2", applied=APPLIED.isoformat(), verdict=verdict)


@pytest.mark.parametrize(
    ("mark", "last", "code"),
    [
        (of_c2("MATCH"), MATCHED, 0),
        (of_c2("MISMATCH"), DIFFERS, 1),
        (of_c2("PENDING"), OPEN.format("c-2"), 1),
        (None, OPEN.format(""), 1),
    ],
)
def test_a_domain_that_goes_live_ahead_is_followed_to_its_verdict(
    command: Callable[..., list[str]],
    capsys: pytest.CaptureFixture[str],
    mark: dict[str, Any] | None,
    last: str,
    code: int,
) -> None:
    target, followed, ended = account(), list[str](), 0
    try:
        followed = command(target, "--yes", "rates", "--verify-after", "--approved-by", "Bo", mark=mark)
    except SystemExit as end:
        ended = int(str(end.code))

    ((_, event),) = target.functions.calls
    assert (event["approvedBy"], event["verifyAfter"], event["run"]) == ("Bo", True, "c-2")
    assert (followed, ended) == ([EXECUTION] if code == 0 else [], code)
    assert capsys.readouterr().out.splitlines() == [
        "waiting until the run c-2 has applied every change",
        AHEAD,
        f"  tagged migration:live: {LISTED}",
        *NEXT,
        last,
    ]


def test_a_run_that_has_proven_the_tables_since_matched_whatever_its_mark_says(
    command: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    target = account()
    objects = target.environment.clients["s3"].objects

    command_objects = {**objects, "proven/rates/official.json": proven(run="c-2")}
    target.environment.clients["s3"].objects = command_objects
    command(target, "--yes", "rates", "--verify-after", mark=of_c2("PENDING"))

    assert capsys.readouterr().out.splitlines()[-1] == MATCHED


def test_what_the_last_export_held_says_nothing_ahead_of_the_next_one(command: Callable[..., list[str]]) -> None:
    target = account()
    target.environment.clients["dynamodb"] = target.dynamodb = Dynamo(items=9, exports=0)

    command(target, "--yes", "rates", "--verify-after", mark=of_c2("MATCH"))

    assert target.dynamodb.calls == TAGGED


def test_a_program_gets_the_mark_ahead_of_the_verdict_in_one_document(
    command: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    target = account()
    assert command(target, "--yes", "rates", "--verify-after", "--json", mark=of_c2("MISMATCH")) == []

    ((_, event),) = target.functions.calls
    assert "approvedBy" not in event
    written = capsys.readouterr()
    assert json.loads(written.out) == {
        "domain": "rates",
        "live": INSTANT,
        "run": "c-2",
        "provenAt": None,
        "verdict": "PENDING",
        "tables": sorted(NAMES),
        "protected": [],
    }
    assert written.err == "waiting until the run c-2 has applied every change\n"


def test_a_live_domain_is_completed_with_its_own_instant(
    command: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    for options in ((), ("--verify-after",)):
        again = Account(live=live(instant="2026-02-03T00:00:00Z"))
        command(again, *options)
        assert again.functions.calls == []
        assert capsys.readouterr().out.startswith("rates is live since 2026-02-03T00:00:00Z, as the run r-1 proved it ")
