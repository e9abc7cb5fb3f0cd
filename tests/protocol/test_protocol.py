"""No order of steps makes a domain lose its clones, or leaves a domain waiting for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from run_registry.documents import FAILED, SEAL_KEY, Seal, Status, status_key
from run_registry.executions import REMEMBERED, Execution
from run_registry.service import STOPPED, RunRegistry

from tests.protocol.cases import QUICK, Case
from tests.protocol.explore import Explorer, UnsafeError
from tests.protocol.world import Call as Pending
from tests.protocol.world import World, advance, apply

if TYPE_CHECKING:
    from run_registry.callers import Caller
    from run_registry.store import Stored


class WithoutSecondListing(RunRegistry):
    """Destroys on the first listing alone."""

    def _seal_if_last(self, caller: Caller) -> dict[str, Any]:
        if self._others():
            return {"status": "OTHERS"}
        etag = self._take_seal(caller)
        return {"status": "DESTROY", "etag": etag} if etag else {"status": "DONE"}


class SealBeforeStatus(RunRegistry):
    """Looks for the seal before the lock is written."""

    def begin(self, caller: Caller) -> dict[str, Any]:
        self._require_running(caller)
        passed = self._check_seal()
        if passed["status"] != "OWNED":
            return passed
        own = self._take_lock(caller)
        return passed if isinstance(own, Status) else own


class UnconditionalDelete(RunRegistry):
    """Deletes a dead seal whoever holds it by now."""

    def _clear_dead_seal(self, stored: Stored) -> dict[str, Any] | None:
        seal = Seal.read(stored.body)
        execution = self._executions.find(seal.execution)
        if execution.living:
            return {"status": "SEALED"}
        reason = self._still_ending(Status(seal.domain, seal.run, seal.execution, seal.since), execution)
        if reason:
            return {"status": "WAIT"}
        self._store._ask("delete", SEAL_KEY)  # type: ignore[attr-defined]  # the replaying store
        return None


class UnknownIsDead(RunRegistry):
    """Takes an owner that Step Functions does not know for a dead one."""

    def _still_ending(self, owner: Status, execution: Execution, forgotten_after: timedelta = REMEMBERED) -> str:
        return super()._still_ending(owner, replace(execution, known=True), forgotten_after)


class UnknownHasEnded(RunRegistry):
    """Takes a caller that Step Functions does not know for one that has ended."""

    def _find_caller(self, caller: Caller) -> Execution:
        return replace(self._executions.find(caller.execution), known=True)


class ClearedAtItsEnd(RunRegistry):
    """Gives the clones to others at the end of an operator's time, though a deletion may still be under way."""

    def _until_expired(self, seal: Seal) -> dict[str, Any] | None:
        return {"status": "SEALED"} if self._now() < datetime.fromisoformat(seal.expires) else None


@pytest.mark.parametrize("case", QUICK, ids=str)
def test_no_interleaving_is_unsafe_or_without_a_way_out(case: Case) -> None:
    explored = Explorer().explore(case.world())

    assert explored.interleavings > 10_000
    assert explored.stuck == []


def test_an_operator_needs_an_end_that_is_held_and_outlived() -> None:
    case = Case(("operator:r", "a1"), failed="rates")

    with pytest.raises(UnsafeError, match="operator:r destroys the clones that a1 works on"):
        Explorer(timed=False).explore(case.world())
    with pytest.raises(UnsafeError, match="operator:r destroys the clones that a1 works on"):
        Explorer(ClearedAtItsEnd).explore(case.world())


class StopsTheLiving(RunRegistry):
    """Marks a lock as stopped whether or not its owner lives."""

    def stop(self, caller: Caller) -> dict[str, Any]:
        lock = self._store.get(status_key(caller.domain))
        if lock is None:
            return {"status": "NOT_OWNER"}
        stopped = replace(Status.read(lock.body), state=FAILED, error=STOPPED)
        self._store.put_if(status_key(caller.domain), stopped.text(), lock.etag)
        return {"status": "RECORDED"}


def test_no_running_domain_is_marked_as_stopped() -> None:
    with pytest.raises(UnsafeError, match="operator:stop-r marks r1 as stopped, which works on"):
        Explorer(StopsTheLiving).explore(Case(("operator:stop-r", "r1"), crashes=1).world())


@pytest.mark.parametrize(
    ("registry", "sealed", "case"),
    [
        (WithoutSecondListing, True, Case(("r1", "a1"))),
        (SealBeforeStatus, True, Case(("r1", "a1"))),
        (UnconditionalDelete, True, Case(("r1", "a1"), dead_seal=True, begun="r1")),
        (RunRegistry, False, Case(("r1", "r2"), crashes=1, redrives=1)),
        (UnknownIsDead, True, Case(("r1", "a1"), stale=1)),
    ],
    ids=[
        "without-second-listing",
        "seal-before-status",
        "unconditional-delete",
        "no-seal-check-at-destruction",
        "unknown-seal-is-dead",
    ],
)
def test_each_part_of_the_protocol_is_needed(registry: type[RunRegistry], sealed: bool, case: Case) -> None:  # noqa: FBT001 - a parameter of the test
    with pytest.raises(UnsafeError, match=r"destroys the clones that .* works on|both may destroy"):
        Explorer(registry, sealed=sealed).explore(case.world())


@pytest.mark.parametrize(
    ("registry", "unsafe"),
    [(UnknownIsDead, "r1 and r3 both own rates|r3 and r1 both own rates"), (UnknownHasEnded, "is refused as ended")],
)
def test_a_young_execution_that_is_not_known_yet_is_neither_dead_nor_ended(
    registry: type[RunRegistry], unsafe: str
) -> None:
    with pytest.raises(UnsafeError, match=unsafe):
        Explorer(registry).explore(Case(("r1", "r3"), stale=1).world())


def test_a_failed_domain_that_nobody_resumes_is_given_up_by_release() -> None:
    failed = Status("rates", "run-rates", "gone", "2025-01-01T11:00:00+00:00", state=FAILED).text()
    world = Case(("a1",)).world()
    world, _ = world.put(status_key("rates"), failed)

    stuck_with, answer = _finished(world, "finish")
    assert answer["status"] == "OTHERS"
    released, answer = _finished(Case(("operator:r",)).world().put(status_key("rates"), failed)[0], "release")

    assert answer["status"] == "DESTROY"
    assert stuck_with.object(status_key("rates")) is not None
    assert released.object(status_key("rates")) is None


def _finished(world: World, operation: str) -> tuple[World, dict[str, Any]]:
    """Run one operation to its end, undisturbed."""
    call = Pending(world.runs[0][0], operation)
    while True:
        kind, what = advance(world, call)
        if kind != "ask":
            return world, what
        world, answer = apply(world, what)
        call = Pending(call.execution, operation, (*call.answers, answer))
