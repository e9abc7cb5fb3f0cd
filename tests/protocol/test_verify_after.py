"""No order of steps lets a domain go live before its verdict on tables that lack changes, or lets a run write to it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from run_registry.cut_over import MATCH, PENDING, Live
from run_registry.documents import Status, status_key
from run_registry.service import RunRegistry

from tests.protocol.cases import VERIFIED, Case
from tests.protocol.explore import Explorer, UnsafeError

if TYPE_CHECKING:
    from run_registry.callers import Caller
    from run_registry.store import Stored

Answer = dict[str, Any]


@pytest.mark.parametrize("case", VERIFIED, ids=str)
def test_no_interleaving_goes_live_on_less_than_all_changes_or_writes_afterwards(case: Case) -> None:
    explored = Explorer().explore(case.world())

    assert explored.interleavings > 10_000
    assert explored.stuck == []


class GoesLiveOnAnyLock(RunRegistry):
    """Takes the lock of a run that still writes for one that has applied its changes."""

    def _basis(self, caller: Caller, *, verify_after: bool) -> str | Answer:
        stored = self._store.get(status_key(caller.domain))
        if stored is not None and verify_after and Status.read(stored.body).run == caller.run:
            return "some instant"
        return super()._basis(caller, verify_after=verify_after)


class LooksForTheLockOnce(RunRegistry):
    """Confirms the mark without a second look at the lock."""

    def cut_over(self, caller: Caller, instant: str, *, verify_after: bool = False) -> Answer:
        basis = self._basis(caller, verify_after=verify_after)
        if not isinstance(basis, str):
            return basis
        mark = Live(caller.domain, caller.run, instant, caller.execution, applied=basis, verdict=PENDING)
        self._write_mark(mark, "")
        return mark.answer()


class RepairsWhatIsCalledApplied(RunRegistry):
    """Lets a repair write under a lock that says that all changes are applied."""

    def _replace(self, key: str, etag: str, text: str) -> None:
        held = self._store.get(key)
        assert held is not None
        if key == status_key("rates") and (applied := Status.read(held.body).applied):
            text = replace(Status.read(text), applied=applied).text()
        super()._replace(key, etag, text)


class LetsARepairIn(RunRegistry):
    """Opens a live domain to every run of its run id."""

    def _admission(self, own: Status) -> Answer:
        mark = self._live(own.domain)
        return {"status": "OWNED"} if mark is not None and mark.run == own.run else super()._admission(own)

    def begin(self, caller: Caller) -> Answer:
        mark = self._live(caller.domain)
        return super().begin(caller) if mark is None or mark.run != caller.run else self._enter(caller)

    def _enter(self, caller: Caller) -> Answer:
        own = self._take_lock(caller)
        return {"status": "OWNED", "began": own.began} if isinstance(own, Status) else own


class ForgetsWhatIsApplied(LetsARepairIn):
    """Resumes a run of a live domain as if it had still to write."""

    def _take_over(self, owner: Status, held: Stored, wanted: Status) -> Status | Answer:
        return super()._take_over(replace(owner, applied=""), held, wanted)


class SettlesAtTheCutOverAlone(RunRegistry):
    """Lets the end of a run say nothing to a domain that is live already."""

    def _settle_verdict(self, caller: Caller) -> Answer | None:
        return super()._settle_verdict(caller) if caller.is_operator else None


class SettlesAtTheEndAlone(RunRegistry):
    """Lets a cut-over say nothing of a run that ended meanwhile."""

    def _settle_verdict(self, caller: Caller) -> Answer | None:
        return None if caller.is_operator else super()._settle_verdict(caller)


class SaysMatchAtOnce(RunRegistry):
    """Calls a domain verified once it is live."""

    def _verdict(self, mark: Live) -> str:
        assert mark.run
        return MATCH


class TrustsAFreeLock(RunRegistry):
    """Goes live on a run that nobody holds the domain for any more, and that was given up."""

    def _basis(self, caller: Caller, *, verify_after: bool) -> str | Answer:
        basis = super()._basis(caller, verify_after=verify_after)
        is_free = self._store.get(status_key(caller.domain)) is None
        return "some instant" if verify_after and is_free and not isinstance(basis, str) else basis


WITH_ITS_RUN = Case(("c1", "operator:ver-r"))
WITH_A_RESUME = Case(("c3", "operator:ver-r"), applied=True)
WITH_A_REPAIR = Case(("p3", "operator:ver-r"), applied=True)


@pytest.mark.parametrize(
    ("registry", "case", "unsafe"),
    [
        (GoesLiveOnAnyLock, WITH_ITS_RUN, "live tables stand at run-0, and nobody said that all changes are in them"),
        (LooksForTheLockOnce, WITH_A_REPAIR, "p3 writes to live tables|p3 owns rates, which is live"),
        (
            RepairsWhatIsCalledApplied,
            Case(("p3", "c3", "operator:ver-r"), applied=True),
            r"live tables stand at \?run-c, and nobody said that all changes are in them",
        ),
        (LetsARepairIn, WITH_A_REPAIR, "p3 owns rates, which is live|p3 writes to live tables"),
        (ForgetsWhatIsApplied, WITH_A_RESUME, "c3 owns rates, which is live|c3 writes to live tables"),
        (SettlesAtTheCutOverAlone, WITH_ITS_RUN, "a run has proven what is live, and the live mark says PENDING"),
        (SettlesAtTheEndAlone, WITH_ITS_RUN, "a run has proven what is live, and the live mark says PENDING"),
        (SaysMatchAtOnce, WITH_ITS_RUN, "a live mark says MATCH, and no comparison did"),
        (TrustsAFreeLock, WITH_ITS_RUN, "live tables stand at run-0, and nobody said that all changes are in them"),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_each_part_of_a_cut_over_before_the_verdict_is_needed(
    registry: type[RunRegistry], case: Case, unsafe: str
) -> None:
    with pytest.raises(UnsafeError, match=unsafe):
        Explorer(registry).explore(case.world())
