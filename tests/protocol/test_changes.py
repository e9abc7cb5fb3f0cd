"""No order of steps lets two runs write to a domain's tables, or marks tables proven or live that are not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from run_registry.cut_over import Live, live_key
from run_registry.documents import CATCH_UP, OFFICIAL, Status, status_key
from run_registry.executions import REMEMBERED, Execution
from run_registry.proven import Proven, proven_key
from run_registry.service import RunRegistry

from tests.protocol.cases import CHANGES, Case
from tests.protocol.explore import Explorer, UnsafeError

if TYPE_CHECKING:
    from datetime import timedelta

    from run_registry.callers import Caller
    from run_registry.store import Stored

Answer = dict[str, Any]


@pytest.mark.parametrize("case", CHANGES, ids=str)
def test_no_interleaving_writes_to_tables_that_are_anothers_or_live(case: Case) -> None:
    explored = Explorer().explore(case.world())

    assert explored.interleavings > 10_000
    assert explored.stuck == []


class CutsOverAtOnce(RunRegistry):
    """Looks for a lock before the live mark is written, and never again."""

    def cut_over(self, caller: Caller, instant: str, *, verify_after: bool = False) -> Answer:
        basis = self._basis(caller, verify_after=verify_after)
        if not isinstance(basis, str):
            return basis
        mark = Live(caller.domain, caller.run, instant, caller.execution)
        self._write_mark(mark, "")
        return mark.answer()


class LooksForLiveBeforeItsLock(RunRegistry):
    """Looks for the live mark before the lock is written, and never again."""

    def _admission(self, own: Status) -> Answer:
        return super()._admission(own) if own.kind == CATCH_UP else {"status": "OWNED"}


class ReadsTheProofBeforeTheLock(RunRegistry):
    """Reads the proven state, and the lock after it: a run may begin to write and end in between."""

    def _basis(self, caller: Caller, *, verify_after: bool) -> str | Answer:
        assert not verify_after
        stored = self._store.get(proven_key(caller.domain, OFFICIAL))
        lock = self._store.get(status_key(caller.domain))
        proven = None if stored is None else Proven.read(stored.body)
        if lock is not None or proven is None or proven.changing or proven.run != caller.run:
            return {"status": "NOT_PROVEN", "reason": ""}
        return ""


class WithdrawsConfirmedMarks(RunRegistry):
    """Withdraws a mark whoever wrote it, once it meets a lock."""

    def cut_over(self, caller: Caller, instant: str, *, verify_after: bool = False) -> Answer:
        held = self._store.get(live_key(caller.domain))
        basis = self._basis(caller, verify_after=verify_after)
        if held is not None and not isinstance(basis, str):
            self._store.delete_if(live_key(caller.domain), held.etag)
            return basis
        return super().cut_over(caller, instant, verify_after=verify_after)


class ConfirmsBeforeItsSecondLook(RunRegistry):
    """Writes a confirmed mark at once, and withdraws it where the second look finds a lock."""

    def _write_mark(self, mark: Live, etag: str) -> str | None:
        return super()._write_mark(replace(mark, confirmed=True), etag)


class ProvesAfterItsLock(RunRegistry):
    """Gives the lock back, and writes then what the run proved."""

    def finish(self, caller: Caller, proven: Proven | None = None) -> Answer:
        self._require_running(caller)
        held = self._store.get(status_key(caller.domain))
        if held is not None:
            own = self._own_lock(caller, held)
            self._store.delete_if(status_key(caller.domain), held.etag)
            if proven is not None:
                self._write_proof(own, proven)
        return self._seal_if_last(caller)


class MarksItsLockAlone(RunRegistry):
    """Writes to tables that the proven state calls unchanged."""

    def _mark_proven(self, own: Status) -> None:
        assert own.changing in (True, False)


class MarksTheProvenStateAlone(RunRegistry):
    """Writes to tables under a lock that any run takes over."""

    def change(self, caller: Caller) -> Answer:
        self._require_running(caller)
        self._mark_proven(self._held(caller)[1])
        return {"status": "CHANGING"}


class MarksTheProvenStateFirst(RunRegistry):
    """Marks the proven state before the lock."""

    def change(self, caller: Caller) -> Answer:
        held = self._store.get(status_key(caller.domain))
        if held is not None and Status.read(held.body).execution == caller.execution:
            self._mark_proven(Status.read(held.body))
        return super().change(caller)


class TakesUnfinishedRunsOver(RunRegistry):
    """Takes a dead run's lock over though its run had begun to write."""

    def _take_over(self, owner: Status, held: Stored, wanted: Status) -> Status | Answer:
        return super()._take_over(replace(owner, changing=False), held, wanted)


class ForgetsTheMark(RunRegistry):
    """Resumes a run that had begun to write under a lock that does not say so."""

    def _take_over(self, owner: Status, held: Stored, wanted: Status) -> Status | Answer:
        return super()._take_over(replace(owner, changing=owner.changing and owner.run != wanted.run), held, wanted)


class GivesAnyBase(RunRegistry):
    """Begins a catch-up on tables that another run left between two instants."""

    def _admission(self, own: Status) -> Answer:
        admission = super()._admission(own)
        stored = self._store.get(proven_key(own.domain, own.mode))
        if admission["status"] != "NO_BASE" or stored is None:
            return admission
        return {"status": "OWNED", "base": Proven.read(stored.body).document}


class ProvesWhateverIsSaid(RunRegistry):
    """Lets a run of long ago replace what is proven."""

    def _write_proof(self, own: Status, proven: Proven) -> None:
        key = proven_key(own.domain, own.mode)
        held = self._store.get(key)
        assert held is not None
        self._replace(key, held.etag, proven.stored(self._now()).text())


class DoesNotWaitForTheWriter(RunRegistry):
    """Takes a dead run's lock over while a call of its may still write."""

    def _still_ending(self, owner: Status, execution: Execution, forgotten_after: timedelta = REMEMBERED) -> str:
        return self._stop_work(owner, execution, forgotten_after)[0]


CUT = Case(("r1", "operator:cut-r"))
CUT_CATCH_UP = Case(("c1", "operator:cut-r"))
CUT_TWICE = Case(("r1", "operator:cut-r", "operator:cut-r3"))
UNFINISHED = Case(("c3", "r1"), crashes=1, unfinished=True)


@pytest.mark.parametrize(
    ("registry", "case", "unsafe"),
    [
        (CutsOverAtOnce, CUT, "r1 owns rates, which is live"),
        (LooksForLiveBeforeItsLock, CUT, "r1 owns rates, which is live"),
        (ReadsTheProofBeforeTheLock, CUT_CATCH_UP, "another state is live than the one that was cut over"),
        (WithdrawsConfirmedMarks, CUT_TWICE, "a domain that a person was told is live has no mark"),
        (ConfirmsBeforeItsSecondLook, CUT_TWICE, "a domain that a person was told is live has no mark"),
        (ProvesAfterItsLock, Case(("c1",)), "nobody holds the domain, and its proven state is marked by run-c"),
        (MarksItsLockAlone, Case(("c1",)), r"the proven state is run-0, but the tables stand at \?run-c"),
        (MarksTheProvenStateAlone, Case(("c1", "r1"), crashes=1), r"r1 owns tables that stand at \?run-c"),
        (MarksTheProvenStateFirst, Case(("c1", "r1"), crashes=1), "nobody holds the domain, and its proven state is"),
        (TakesUnfinishedRunsOver, UNFINISHED, r"r1 owns tables that stand at \?run-c"),
        (ForgetsTheMark, UNFINISHED, r"r1 owns tables that stand at \?run-c"),
        (
            GivesAnyBase,
            Case(("operator:r", "d1"), unfinished=True),
            r"d1 has the base run-0 of tables that stand at \?run-c",
        ),
        (
            ProvesWhateverIsSaid,
            Case(("operator:r", "z1"), unfinished=True),
            r"the proven state is run-0, but the tables stand at \?run-c",
        ),
        (DoesNotWaitForTheWriter, Case(("c1", "c2"), crashes=1), "c1 may still write, and c2 owns rates"),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_each_part_of_the_marks_is_needed(registry: type[RunRegistry], case: Case, unsafe: str) -> None:
    with pytest.raises(UnsafeError, match=unsafe):
        Explorer(registry).explore(case.world())
