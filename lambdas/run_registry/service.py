"""Operations of the registry: the lock and seal protocol, in which a starter or a destroyer sees the other.

A starter writes its lock and then reads the seal; a destroyer writes the seal and then lists the locks again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from run_registry.callers import OPERATOR
from run_registry.change_marks import ChangeMarks
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
MISMATCH = "DataMismatch"  # the failure of a verification with differences
STOPPED = "RunStopped"  # the error of a run that a person stopped


class RunRegistry(ChangeMarks):
    """Locks of domains and the teardown seal, with a store, a clock and a view of executions."""

    def begin(self, caller: Caller) -> Answer:
        """Take the domain's lock, then check for a live mark, a catch-up's base and a seal.

        Returns:
            status OWNED (began, officialRuns; for a catch-up or a verification also base: the proven state; for a
            catch-up that has applied its changes also applied: the instant to export), BUSY (holder), SEALED (holder),
            WAIT (reason: an ended owner's work is still ending), LIVE (instant), UNFINISHED (holder: an ended run that
            had begun to write to the tables), NO_BASE or NOT_PROVEN (reason).
        """
        self._require_running(caller)
        mark = self._live(caller.domain)  # checked before the lock too, so that a refused run disturbs no finish
        if mark is not None and not mark.awaits(caller):
            self._release_lock(caller)
            return mark.answer()
        own = self._take_lock(caller)
        if not isinstance(own, Status):
            return own
        admission = self._admission(own)
        if admission["status"] != OWNED:
            self._release_lock(caller)
            return admission
        answer = self._check_seal()
        if answer["status"] != OWNED:
            return answer
        applied = {"applied": own.applied} if own.applied and own.kind == CATCH_UP else {}
        return {**admission, **applied, "began": own.began, "officialRuns": self._official_runs(caller)}

    def finish(self, caller: Caller, proven: Proven | None = None) -> Answer:
        """Write what the run proved and release the lock; the last run gets the seal, the right to destroy the clones.

        Returns:
            status OTHERS (others), DONE (another is destroying) or DESTROY (etag of the seal).

        Raises:
            LockLostError: Another execution owns the lock, or it is gone without this execution's action.
            InvalidEventError: The proven state's mode is not the lock's, or a run that wrote to tables proves nothing.
        """
        self._require_running(caller)
        held = self._store.get(status_key(caller.domain))
        # Only `finish` deletes a running owner's lock. A missing lock means that an earlier answer to this call was
        # lost and the proven state was already written. Another run may have changed it since.
        if held is not None:
            own = self._own_lock(caller, held)
            if proven is not None:
                self._write_proof(own, proven)
            elif own.changing and not self._is_proven(own):
                raise InvalidEventError(f"proven: is missing, and the run {own.run} has written to existing tables")
            self._store.delete_if(status_key(caller.domain), held.etag)
        self._settle_verdict(caller)
        return self._seal_if_last(caller)

    def fail(self, caller: Caller, error: str, cause: str) -> Answer:
        """Record the failure in the run's lock; the lock stays, and with it the clones for the next attempt."""
        self._require_running(caller)
        own = self._store.get(status_key(caller.domain))
        if own is None or Status.read(own.body).execution != caller.execution:
            return {"status": "NOT_OWNER"}
        if Status.read(own.body).kind == VERIFICATION and error == MISMATCH:
            # The proof no longer holds: no cut-over may use it, and no catch-up may start from it.
            self._mark_proven(Status.read(own.body))
        failed = replace(Status.read(own.body), state=FAILED, error=error, cause=cause[:CAUSE_CHARACTERS])
        written = self._store.put_if(status_key(caller.domain), failed.text(), own.etag)
        if not written and not self._is_stored(status_key(caller.domain), failed.text()):
            return {"status": "NOT_OWNER"}
        self._settle_verdict(caller)
        return {"status": "RECORDED"}

    def lift(self, caller: Caller, etag: str) -> Answer:
        """Delete the caller's seal; never for a redriven caller, whose earlier deletions may still be running.

        An operator lifts the seal only after every call of the clone service has answered.
        """
        if not caller.is_operator:
            self._require_running(caller)
        seal = self._store.get(SEAL_KEY)
        if seal is None or seal.etag != etag or Seal.read(seal.body).execution != caller.execution:
            return {"status": "NOT_HELD"}
        self._store.delete_if(SEAL_KEY, etag)
        return {"status": "LIFTED"}

    def release(self, caller: Caller) -> Answer:
        """Give up a domain for its ended owner, as `finish` would; the seal is an operator's and expires by itself.

        The mark of a run that had begun to write stays in the proven state, so no other catch-up has a base.

        Returns:
            As `finish`, or WAIT (reason).

        Raises:
            StillRunningError: The owner is running.
            NotAnOperatorError: The caller is an execution, which releases its lock with `finish`.
        """
        if not caller.is_operator:
            raise NotAnOperatorError(
                f"execution: {caller.execution!r} must begin with {OPERATOR!r} to release a domain"
            )
        lock = self._store.get(status_key(caller.domain))
        if lock is not None:
            owner = Status.read(lock.body)
            execution = self._executions.find(owner.execution)
            if execution.living:
                raise StillRunningError(f"the domain {caller.domain} is running: {owner.holder()}")
            # A person asks, so an execution that cannot be running any longer need not be forgotten first.
            reason = self._still_ending(owner, execution, LONGEST_LIFE + LAMBDA_TIMEOUT)
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
            StillRunningError: The owner is running; stop its execution first.
            NotAnOperatorError: The caller is an execution, which records its failure with `fail`.
        """
        if not caller.is_operator:
            raise NotAnOperatorError(f"execution: {caller.execution!r} must begin with {OPERATOR!r} to stop a run")
        lock = self._store.get(status_key(caller.domain))
        if lock is None or Status.read(lock.body).run != caller.run:
            return {"status": "NOT_OWNER"}
        owner = Status.read(lock.body)
        execution = self._executions.find(owner.execution)
        if execution.living:
            raise StillRunningError(f"the domain {caller.domain} is running: {owner.holder()}")
        left, _ = self._stop_work(owner, execution, LONGEST_LIFE + LAMBDA_TIMEOUT)
        if left:
            return {"status": "WAIT", "reason": left}
        if owner.state == FAILED:
            return {"status": "RECORDED"}
        cause = f"{caller.execution.removeprefix(OPERATOR)} stopped the run; its clones are kept for the next attempt"
        stopped = replace(owner, state=FAILED, error=STOPPED, cause=cause)
        written = self._store.put_if(status_key(caller.domain), stopped.text(), lock.etag)
        return {
            "status": "RECORDED"
            if written or self._is_stored(status_key(caller.domain), stopped.text())
            else "NOT_OWNER"
        }

    def _official_runs(self, caller: Caller) -> list[str]:
        """Return the official runs of other domains that are running, whose clones an official run may share."""
        if caller.mode != OFFICIAL:
            return []
        official_runs = []
        for key in self._store.list(STATUS_PREFIX):
            stored = self._store.get(key)
            other = None if stored is None else Status.read(stored.body)
            if other is None or other.domain == caller.domain or other.mode != OFFICIAL:
                continue
            if self._executions.find(other.execution).living:
                official_runs.append(f"{other.domain}/{other.run}")
        return official_runs
