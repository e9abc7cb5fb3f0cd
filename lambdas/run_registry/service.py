"""The lock and seal protocol: of a starter and a destroyer at least one sees the other.

A starter writes its lock and then reads the seal; a destroyer writes the seal and then lists the locks again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from run_registry.callers import OPERATOR
from run_registry.changing import Changing
from run_registry.documents import (
    CATCH_UP,
    FAILED,
    OFFICIAL,
    SEAL_KEY,
    STATUS_PREFIX,
    VERIFICATION,
    Seal,
    Status,
    status_key,
)
from run_registry.errors import InvalidEventError, NotAnOperatorError, StillRunningError
from run_registry.executions import LONGEST_LIFE
from run_registry.sealing import LAMBDA_TIMEOUT, OWNED, Answer

if TYPE_CHECKING:
    from run_registry.callers import Caller
    from run_registry.proven import Proven

CAUSE_CHARACTERS = 4000
MISMATCH = "DataMismatch"  # the failure of a verification that found differences
STOPPED = "RunStopped"  # the error of a run that a person stopped


class RunRegistry(Changing):
    """Locks of domains and the seal of the teardown, over a store, a clock and a view of executions."""

    def begin(self, caller: Caller) -> Answer:
        """Take the domain's lock, then look for a live mark, for a catch-up's base and for a seal.

        Returns:
            status OWNED (began, officialRuns, of a catch-up or a verification base: the proven state, and of a catch-up
            that has applied its changes applied: the instant to export), BUSY (holder), SEALED (holder), WAIT (reason:
            a dead owner's work is still ending), LIVE (instant), UNFINISHED (holder: a dead run that had begun to write
            to the tables), NO_BASE or NOT_PROVEN (reason).
        """
        self._refuse_unfit(caller)
        mark = self._live(caller.domain)  # looked for before the lock too, so that no refused run disturbs a finish
        if mark is not None and not mark.awaits(caller):
            self._give_back(caller)
            return mark.answer()
        own = self._take_lock(caller)
        if not isinstance(own, Status):
            return own
        admission = self._admission(own)
        if admission["status"] != OWNED:
            self._give_back(caller)
            return admission
        answer = self._pass_seal()
        if answer["status"] != OWNED:
            return answer
        applied = {"applied": own.applied} if own.applied and own.kind == CATCH_UP else {}
        return {**admission, **applied, "began": own.began, "officialRuns": self._official_runs(caller)}

    def finish(self, caller: Caller, proven: Proven | None = None) -> Answer:
        """Write what the run proved, then give the lock back; the last one gets the seal: the right to destroy clones.

        Returns:
            status OTHERS (others), DONE (another is destroying) or DESTROY (etag of the seal).

        Raises:
            LockLostError: The lock is another's, or gone without this execution's doing.
            InvalidEventError: What is proven is of another mode than the lock, or a run that wrote to tables proves
                nothing.
        """
        self._refuse_unfit(caller)
        held = self._store.get(status_key(caller.domain))
        # Only `finish` deletes a living owner's lock: none there means that an earlier answer to this call was lost,
        # and that what is proven was written before. Another run may have changed it since.
        if held is not None:
            own = self._own_lock(caller, held)
            if proven is not None:
                self._prove(own, proven)
            elif own.changing and not self._is_proven(own):
                raise InvalidEventError(f"proven: is missing, and the run {own.run} has written to existing tables")
            self._store.delete_if(status_key(caller.domain), held.etag)
        self._settle_verdict(caller)
        return self._seal_if_last(caller)

    def fail(self, caller: Caller, error: str, cause: str) -> Answer:
        """Note in the own lock that the run failed; it stays, and with it the clones for the next try."""
        self._refuse_unfit(caller)
        own = self._store.get(status_key(caller.domain))
        if own is None or Status.read(own.body).execution != caller.execution:
            return {"status": "NOT_OWNER"}
        if Status.read(own.body).kind == VERIFICATION and error == MISMATCH:
            # What was proven holds no longer: no cut-over goes live with it, and no catch-up begins from it.
            self._mark_proven(Status.read(own.body))
        failed = replace(Status.read(own.body), state=FAILED, error=error, cause=cause[:CAUSE_CHARACTERS])
        written = self._store.put_if(status_key(caller.domain), failed.text(), own.etag)
        if not written and not self._is(status_key(caller.domain), failed.text()):
            return {"status": "NOT_OWNER"}
        self._settle_verdict(caller)
        return {"status": "RECORDED"}

    def lift(self, caller: Caller, etag: str) -> Answer:
        """Delete the own seal; never for a redriven caller, of whose first life a deletion may still be under way.

        An operator lifts it only after each call of the clone service has answered.
        """
        if not caller.is_operator:
            self._refuse_unfit(caller)
        seal = self._store.get(SEAL_KEY)
        if seal is None or seal.etag != etag or Seal.read(seal.body).execution != caller.execution:
            return {"status": "NOT_HELD"}
        self._store.delete_if(SEAL_KEY, etag)
        return {"status": "LIFTED"}

    def release(self, caller: Caller) -> Answer:
        """Give up a domain for its dead owner, as `finish` would; the seal is an operator's and ends by itself.

        The mark of a run that had begun to write stays in the proven state: no other catch-up has a base then.

        Returns:
            As `finish`, or WAIT (reason).

        Raises:
            StillRunningError: The owner is alive.
            NotAnOperatorError: The caller is an execution, which gives back its lock with `finish`.
        """
        if not caller.is_operator:
            raise NotAnOperatorError(
                f"execution: {caller.execution!r} must begin with {OPERATOR!r} to release a domain"
            )
        lock = self._store.get(status_key(caller.domain))
        if lock is not None:
            owner = Status.read(lock.body)
            found = self._executions.find(owner.execution)
            if found.living:
                raise StillRunningError(f"the domain {caller.domain} is running: {owner.holder()}")
            # A person asks: what cannot live any longer need not be forgotten first.
            reason = self._still_ending(owner, found, LONGEST_LIFE + LAMBDA_TIMEOUT)
            if reason:
                return {"status": "WAIT", "reason": reason}
            self._store.delete_if(status_key(caller.domain), lock.etag)
        return self._seal_if_last(caller)

    def stop(self, caller: Caller) -> Answer:
        """Mark the lock of a run whose execution was stopped, and stop what the execution left running.

        The lock stays, and with it the clones, until the run is resumed or given up.

        Returns:
            status RECORDED, NOT_OWNER (the lock is gone, or another run's), or WAIT (reason: the run's work is still
            ending; call again).

        Raises:
            StillRunningError: The owner is alive: its execution is stopped first.
            NotAnOperatorError: The caller is an execution, which notes its failure with `fail`.
        """
        if not caller.is_operator:
            raise NotAnOperatorError(f"execution: {caller.execution!r} must begin with {OPERATOR!r} to stop a run")
        lock = self._store.get(status_key(caller.domain))
        if lock is None or Status.read(lock.body).run != caller.run:
            return {"status": "NOT_OWNER"}
        owner = Status.read(lock.body)
        found = self._executions.find(owner.execution)
        if found.living:
            raise StillRunningError(f"the domain {caller.domain} is running: {owner.holder()}")
        left, _ = self._stop_work(owner, found, LONGEST_LIFE + LAMBDA_TIMEOUT)
        if left:
            return {"status": "WAIT", "reason": left}
        if owner.state == FAILED:
            return {"status": "RECORDED"}
        cause = f"{caller.execution.removeprefix(OPERATOR)} stopped the run; its clones are kept for the next attempt"
        stopped = replace(owner, state=FAILED, error=STOPPED, cause=cause)
        written = self._store.put_if(status_key(caller.domain), stopped.text(), lock.etag)
        return {"status": "RECORDED" if written or self._is(status_key(caller.domain), stopped.text()) else "NOT_OWNER"}

    def _official_runs(self, caller: Caller) -> list[str]:
        """Return the living official runs of other domains, whose clones an official run may share."""
        if caller.mode != OFFICIAL:
            return []
        found = []
        for key in self._store.list(STATUS_PREFIX):
            stored = self._store.get(key)
            other = None if stored is None else Status.read(stored.body)
            if other is None or other.domain == caller.domain or other.mode != OFFICIAL:
                continue
            if self._executions.find(other.execution).living:
                found.append(f"{other.domain}/{other.run}")
        return found
