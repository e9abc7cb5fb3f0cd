"""`verify` and `start --table`: the execution's input, and the requests that fail before a start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from runner.commands import load
from runner.errors import UsageError
from tests.unit.runner.commands.test_catch_up import Started, stack_of

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def states(monkeypatch: pytest.MonkeyPatch) -> Iterator[Started]:
    made = Started()
    for command in ("verify", "start.command", "resume", "repair"):
        monkeypatch.setattr(f"runner.commands.{command}.load_environment", lambda _name: stack_of(made))
    monkeypatch.setattr("runner.account.requests.getpass.getuser", lambda: "ada")
    return made


def run(*arguments: str) -> None:
    load()([*arguments, "-e", "test", "--detach"], standalone_mode=False)


def test_a_verification_has_the_mode_of_its_run_and_asks_nothing(states: Started) -> None:
    states.add("rates", "r-1", "SUCCEEDED", {"mode": "official", "parallelism": 4})

    run("verify", "r-1")

    run_input = {
        "mode": "official", "parallelism": 9, "runId": "r-1", "keepClones": False, "requestedBy": "ada", "verify": True,
    }  # fmt: skip
    assert states.started == [("migration-test-rates", "rates-verification", run_input)]


def test_a_catch_up_is_verified_by_the_machine_of_migrations(states: Started) -> None:
    states.add("rates-catch-up", "c-1", "SUCCEEDED")

    run("verify", "c-1")

    ((machine, _, run_input),) = states.started
    assert (machine, run_input["mode"], run_input["runId"]) == ("migration-test-rates", "official", "c-1")


def test_a_run_that_goes_on_is_not_verified(states: Started) -> None:
    states.add("rates", "r-1", "RUNNING")

    with pytest.raises(UsageError, match=r"the run r-1 of rates is running\. Follow it: migrate follow arn:"):
        run("verify", "r-1")
    assert states.started == []


def test_a_verification_that_failed_is_resumed_as_one_and_repaired_as_none(states: Started) -> None:
    states.add("rates", "r-1", "SUCCEEDED", {"mode": "official"})
    states.add("rates", "v-1", "FAILED", {"mode": "official", "runId": "r-1", "verify": True}, error="ExportFailed")

    run("resume", "r-1", "--yes")
    run("repair", "r-1", "--yes")

    (_, resumed_as, resumed), (machine, _, repaired) = states.started
    assert (resumed_as, resumed["verify"], resumed["runId"]) == ("rates-verification", True, "r-1")
    assert (machine, repaired["repair"], "verify" in repaired) == ("migration-test-rates-catch-up", True, False)


def test_a_rehearsal_of_some_tables_names_them_once_and_is_resumed_with_them(states: Started) -> None:
    tables = ("--table", "BaseRate", "--table", "BaseRate")

    run("start", "--domain", "rates", *tables, "--skip-plan")
    states.add("rates", "r-1", "FAILED", {"tables": ["BaseRate"]}, error="ExportFailed")
    run("resume", "r-1", "--skip-plan")

    assert [run_input["tables"] for _, _, run_input in states.started] == [["BaseRate"], ["BaseRate"]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--domain", "rates", "--table", "Other"),
            "--table: Other is not a table of rates; its tables are BaseRate, BaseRateAssociation",
        ),
        (
            ("--domain", "rates", "--table", "BaseRate", "--mode", "official"),
            "--table is for a rehearsal: an official run migrates every table of its domain",
        ),
        (("--domain", "all", "--table", "BaseRate"), "--table: name only the domain that has these tables, not "),
    ],
)
def test_tables_that_cannot_be_rehearsed_are_refused_before_the_start(
    states: Started, arguments: tuple[str, ...], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        run("start", *arguments, "--skip-plan", "--yes")
    assert states.started == []
