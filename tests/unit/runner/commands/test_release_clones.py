"""Only the clone service destroys clones, under the registry's seal."""

from __future__ import annotations

import getpass
import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from runner.account.clones import clones
from runner.account.functions import Functions
from runner.account.registry import locks
from runner.commands import load
from runner.commands.release_clones.release import Release, Released
from runner.errors import FunctionError, UsageError
from tests.unit.runner import fakes
from tests.unit.runner.commands.test_status import LOCK, stack_with
from tests.unit.runner.fakes import Bucket, Rds, States, cluster, environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from runner.account.clones import Clone
    from runner.account.registry import Lock
    from tests.unit.runner.fakes import FakeEnvironment

Answer = dict[str, Any]
FAILED_RATES = {"status/in-progress/rates.json": LOCK}


class Aws:
    """Both Lambdas; a clone needs three calls to disappear."""

    def __init__(self, **answers: Answer | list[Answer]) -> None:
        self.answers = answers
        self.looks: Counter[str] = Counter()
        self.functions = fakes.Functions(self.answer)

    def answer(self, function: str, event: dict[str, Any]) -> Answer:
        operation = event["operation"]
        prepared = self.answers.get(operation)
        if isinstance(prepared, list):
            return prepared.pop(0)
        if prepared is not None:
            return prepared
        if function == "migration-test-run-registry":
            return {"release": {"status": "DESTROY", "etag": "e"}, "lift": {"status": "LIFTED"}}[operation]
        if operation == "verify":
            return {"isClone": True, "status": "PRESENT", "reason": ""}
        self.looks[event["clone"]] += 1
        return {"status": "UNAVAILABLE" if self.looks[event["clone"]] == 3 else "DELETING"}

    def stack(self, objects: dict[str, dict[str, Any]], *clusters: dict[str, Any]) -> FakeEnvironment:
        stack = stack_with(objects, *clusters)
        stack.clients["lambda"] = self.functions
        return stack

    def operations(self) -> list[str]:
        return [event["operation"] for _, event in self.functions.calls]


def release(
    stack: FakeEnvironment,
    messages: list[str] | None = None,
    waits: list[float] | None = None,
    times: Iterable[int] = range(0, 100_000, 60),
    approved_by: str = "",
) -> Release:
    moments = iter(times)
    return Release(
        Functions(stack),
        (messages if messages is not None else []).append,
        (waits if waits is not None else []).append,
        clock=lambda: float(next(moments)),
        approved_by=approved_by,
    )


def locks_and_clones(stack: FakeEnvironment) -> tuple[list[Lock], list[Clone]]:
    return locks(stack), clones(stack)


def test_each_clone_is_destroyed_under_the_operators_seal_and_the_seal_is_lifted() -> None:
    aws, messages = Aws(), list[str]()
    stack = aws.stack(FAILED_RATES, cluster("p1"), cluster("p2"))

    released = release(stack, messages).carry_out(*locks_and_clones(stack), "rates")

    assert (released.domains, released.destroyed, released.whole) == (["rates"], ["p1-clone", "p2-clone"], True)
    (_, asked), *destroys, (_, lifted) = aws.functions.calls
    assert (asked["operation"], asked["domain"], asked["run"]) == ("release", "rates", "r-1")
    assert re.fullmatch(rf"operator:{re.escape(getpass.getuser())}-[0-9a-f]{{12}}", asked["execution"])
    seal = {"etag": "e", "execution": asked["execution"]}
    assert destroys == [
        (
            "migration-test-aurora-clone",
            {"operation": "destroy", "source": source, "clone": f"{source}-clone", "runId": "r-1", "seal": seal},
        )
        for source in ("p1", "p2") * 3
    ]
    assert lifted == {**asked, "operation": "lift", "etag": "e"}
    assert messages == [
        "rates: run r-1 is given up",
        "p1-clone: destroying",
        "p2-clone: destroying",
        "p1-clone: gone",
        "p2-clone: gone",
    ]


def test_every_failed_domain_is_given_up_and_the_last_gives_the_right() -> None:
    others = {"status": "OTHERS", "others": [{"domain": "rates", "run": "r-1"}]}
    aws = Aws(release=[others, {"status": "DESTROY", "etag": "e"}])
    availability = {**LOCK, "domain": "availability", "run": "a-1"}
    stack = aws.stack({"status/in-progress/availability.json": availability, **FAILED_RATES}, cluster("p1"))

    released = release(stack).carry_out(*locks_and_clones(stack), "rates")

    assert released.domains == ["availability", "rates"]
    assert released.destroyed == ["p1-clone"]


def test_a_domain_that_began_meanwhile_keeps_its_clones() -> None:
    others = [{"domain": "availability", "run": "a-2"}, {"domain": "stays", "run": "s-1"}]
    aws = Aws(release={"status": "OTHERS", "others": others})
    stack = aws.stack(FAILED_RATES, cluster("p1"))

    released = release(stack).carry_out(*locks_and_clones(stack), "rates")

    assert released.reason == (
        "the clones are needed by availability (run a-2), stays (run s-1), which began meanwhile; they stay"
    )
    assert aws.operations() == ["release"]


def test_what_a_dead_owner_left_running_is_waited_out() -> None:
    waiting = {"status": "WAIT", "reason": "a Lambda call may still be running"}
    aws, messages = Aws(release=[waiting, {"status": "DESTROY", "etag": "e"}]), list[str]()
    stack = aws.stack(FAILED_RATES)

    released = release(stack, messages).carry_out(*locks_and_clones(stack), "rates")

    assert released.whole
    assert messages[0] == "rates: waiting, since a Lambda call may still be running"
    with pytest.raises(UsageError, match="nothing was destroyed: a Lambda call may still be running; try again"):
        release(Aws(release=waiting).stack({})).carry_out([], [], "rates")


def test_waiting_for_a_dead_owner_and_for_clones_doubles_up_to_a_quarter_of_a_minute() -> None:
    waiting, deleting, waits = {"status": "WAIT", "reason": "a call"}, {"status": "DELETING"}, list[float]()
    destroyed = {"status": "UNAVAILABLE"}
    aws = Aws(release=[waiting] * 5 + [{"status": "DESTROY", "etag": "e"}], destroy=[deleting] * 2 + [destroyed])
    stack = aws.stack({}, cluster("p1"))

    release(stack, waits=waits).carry_out(*locks_and_clones(stack), "rates")

    assert waits == [2, 4, 8, 15, 15, 2, 4]


def test_a_dead_owner_is_waited_for_ten_minutes_and_no_longer() -> None:
    aws = Aws(release={"status": "WAIT", "reason": "a call"})

    with pytest.raises(UsageError, match="nothing was destroyed: a call; try again in a few minutes"):
        release(aws.stack({}), times=(0, 600, 601)).carry_out([], [], "rates")

    assert aws.operations() == ["release"] * 2


@pytest.mark.parametrize(
    ("approval", "approved"), [("", {}), ("Ann", {"approvedBy": "Ann"})], ids=["none", "an approval"]
)
def test_clones_without_a_failed_run_are_destroyed_under_any_domain(approval: str, approved: dict[str, str]) -> None:
    aws = Aws()
    stack = aws.stack({}, cluster("p1"))

    released = release(stack, approved_by=approval).carry_out(*locks_and_clones(stack), "rates")

    assert (released.domains, released.destroyed) == ([], ["p1-clone"])
    (function, asked), *_ = aws.functions.calls
    assert function == "migration-test-run-registry"
    assert asked == {
        "operation": "release", "domain": "rates", "run": "none", "execution": asked["execution"], **approved,
    }  # fmt: skip


def test_a_release_is_nobodys_approval_by_itself() -> None:
    aws = Aws()
    Release(Functions(aws.stack({})), lambda _: None).carry_out([], [], "rates")

    assert [event["operation"] for _, event in aws.functions.calls if "approvedBy" in event] == []
    assert aws.operations() == ["release", "lift"]


def test_clones_that_another_is_destroying_are_left_to_it() -> None:
    aws = Aws(release={"status": "DONE"})
    stack = aws.stack(FAILED_RATES, cluster("p1"))

    released = release(stack).carry_out(*locks_and_clones(stack), "rates")

    assert released == Released(["rates"], reason="another is destroying the clones; look at it with status")
    assert aws.operations() == ["release"]


def test_an_error_of_the_registry_is_not_mistaken_for_a_living_owner() -> None:
    aws = Aws(release={"errorType": "RegistryError", "errorMessage": "no bucket"})

    with pytest.raises(FunctionError, match="run-registry: RegistryError: no bucket"):
        release(aws.stack({})).carry_out([], [], "rates")


def test_a_clone_that_does_not_prove_itself_has_a_reason() -> None:
    proven = {"isClone": True, "status": "PRESENT", "reason": "unused"}
    unproven = {"isClone": False, "status": "PRESENT", "reason": "it has no clone group"}
    aws = Aws(verify=[proven, unproven])
    stack = aws.stack({}, cluster("p1"), cluster("p2"))

    assert release(stack).proofs(clones(stack)) == {"p1-clone": "", "p2-clone": "it has no clone group"}
    assert [event for _, event in aws.functions.calls] == [
        {"operation": "verify", "source": source, "clone": f"{source}-clone"} for source in ("p1", "p2")
    ]


def test_a_living_owner_ends_the_release() -> None:
    aws = Aws(release={"errorType": "StillRunningError", "errorMessage": "the domain rates is running"})
    stack = aws.stack(FAILED_RATES, cluster("p1"))

    with pytest.raises(UsageError, match="nothing was destroyed: the domain rates is running"):
        release(stack).carry_out(*locks_and_clones(stack), "rates")


@pytest.mark.parametrize("kind", ["NotACloneError", "InvalidEventError"])
def test_what_does_not_prove_itself_stays_and_the_others_go(kind: str) -> None:
    refusal = {"errorType": kind, "errorMessage": "p1-clone has no clone group; it was not touched"}
    messages: list[str] = []
    gone = {"status": "UNAVAILABLE"}
    aws = Aws(destroy=[refusal, gone])
    stack = aws.stack({}, cluster("p1"), cluster("p2"))

    released = release(stack, messages).carry_out(*locks_and_clones(stack), "rates")

    assert messages[1] == "p1-clone: kept: p1-clone has no clone group; it was not touched"
    assert not released.whole
    assert released.kept == {"p1-clone": "p1-clone has no clone group; it was not touched"}
    assert released.destroyed == ["p2-clone"]
    assert aws.operations()[-1] == "lift"


def test_a_right_that_ended_leaves_the_rest_and_says_so() -> None:
    ended = {"errorType": "SealNotHeldError", "errorMessage": "the operator's right to destroy ended"}
    aws = Aws(destroy=[{"status": "DELETING"}, ended])
    stack = aws.stack({}, cluster("p1"))

    released = release(stack).carry_out(*locks_and_clones(stack), "rates")

    assert released.reason == "the operator's right to destroy ended"
    assert released.kept == {"p1-clone": "the right to destroy ended before it was gone"}
    assert not released.whole
    assert aws.operations() == ["release", "destroy", "destroy", "lift"]


def test_a_call_that_died_leaves_the_seal_to_end_by_itself() -> None:
    aws = Aws(destroy={"errorType": "Sandbox.Timedout", "errorMessage": "Task timed out after 300.00 seconds"})
    stack = aws.stack({}, cluster("p1"))

    with pytest.raises(FunctionError, match=r"aurora-clone: Sandbox.Timedout: Task timed out"):
        release(stack).carry_out(*locks_and_clones(stack), "rates")

    assert aws.operations() == ["release", "destroy"]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def run(stack: FakeEnvironment, *arguments: str) -> None:
        monkeypatch.setattr("runner.commands.release_clones.command.load_environment", lambda _name: stack)
        for wait in ("_FIRST_WAIT_SECONDS", "_LONGEST_WAIT_SECONDS"):
            monkeypatch.setattr(f"runner.commands.release_clones.release.{wait}", 0.0)
        load()(["release-clones", "-e", "test", *arguments], standalone_mode=False)

    return run


def test_the_command_shows_what_it_would_destroy_and_wants_a_yes(
    command: Callable[..., None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    aws = Aws()
    stack = aws.stack(FAILED_RATES, cluster("p1"))

    with pytest.raises(UsageError) as refused:
        command(stack)

    assert str(refused.value) == (
        "This destroys 1 clones in test, account 971779422973, and gives up rates (run r-1: JarNotFound). "
        "Cannot ask for 'test' without a terminal; pass --yes to confirm"
    )
    assert "0.29 USD an hour" in capsys.readouterr().err
    assert aws.operations() == ["verify"]


def test_giving_up_a_run_that_has_begun_to_write_says_what_it_leaves(
    command: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    lock = {**LOCK, "kind": "catch-up", "changing": True}

    command(Aws().stack({"status/in-progress/rates.json": lock}, cluster("p1")), "--yes")

    assert (
        "rates: the catch-up r-1 has begun to write. Given up, its tables stay between two instants, and no catch-up "
        "has a base until it is repaired or the domain is bootstrapped again.\n"
    ) in capsys.readouterr().err


@pytest.mark.parametrize("machine", ["rates", "rates-catch-up"])
def test_a_domain_that_either_of_its_machines_runs_is_refused(command: Callable[..., None], machine: str) -> None:
    states = States()
    arn = states.add(machine, "r-2", "RUNNING")
    lock = {**LOCK, "execution": arn, "state": "RUNNING", "run": "r-2"}
    stack = environment(
        stepfunctions=states, s3=Bucket(**{"status/in-progress/rates.json": lock}), rds=Rds(cluster("p1"))
    )
    stack.clients["lambda"] = Aws().functions

    with pytest.raises(UsageError, match=r"rates is running \(run r-2\) and needs the clones; nothing was destroyed"):
        command(stack, "--yes")


def test_the_command_answers_in_json(command: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    command(Aws().stack(FAILED_RATES, cluster("p1")), "--yes", "--json")

    assert json.loads(capsys.readouterr().out) == {
        "domains": ["rates"],
        "destroyed": ["p1-clone"],
        "kept": {},
        "told": "",
    }


def test_a_running_domain_is_refused_before_anything_is_given_up(command: Callable[..., None]) -> None:
    states = States()
    arn = states.add("rates", "r-2", "RUNNING")
    lock = {**LOCK, "execution": arn, "state": "RUNNING", "run": "r-2"}
    aws = Aws()
    stack = environment(
        stepfunctions=states, s3=Bucket(**{"status/in-progress/rates.json": lock}), rds=Rds(cluster("p1"))
    )
    stack.clients["lambda"] = aws.functions

    with pytest.raises(UsageError, match=r"rates is running \(run r-2\) and needs the clones; nothing was destroyed"):
        command(stack, "--yes")

    assert aws.operations() == []
