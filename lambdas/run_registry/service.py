"""The lock and seal protocol: of a starter and a destroyer at least one sees the other.

A starter writes its lock and then reads the seal; a destroyer writes the seal and then lists the locks again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from run_registry.callers import OPERATOR
from run_registry.documents import FAILED, OFFICIAL, SEAL_KEY, STATUS_PREFIX, Seal, Status, status_key
from run_registry.errors import (
    ExecutionEndedError,
    ExecutionUnknownError,
    LockLostError,
    NotAnOperatorError,
    RedriveRefusedError,
    StillRunningError,
)
from run_registry.executions import LONGEST_LIFE
from run_registry.sealing import LAMBDA_TIMEOUT, OWNED, Answer, Sealing

if TYPE_CHECKING:
    from run_registry.callers import Caller
    from run_registry.executions import Execution
    from run_registry.store import Stored

CAUSE_CHARACTERS = 4000
STOPPED = "RunStopped"  # the error of a run that a person stopped
_LOOKS, _PAUSE_SECONDS = 3, 1.0


class RunRegistry(Sealing):
    """Locks of domains and the seal of the teardown, over a store, a clock and a view of executions."""

    def begin(self, caller: Caller) -> Answer:
        """Take the domain's lock, then look for a seal.

        Returns:
            status OWNED (began, officialRuns), BUSY (holder), SEALED (holder) or WAIT (reason: a dead owner's work is
            still ending).
        """
        self._refuse_unfit(caller)
        own = self._take_lock(caller)
        if not isinstance(own, Status):
            return own
        answer = self._pass_seal()
        if answer["status"] != OWNED:
            return answer
        return {**answer, "began": own.began, "officialRuns": self._official_runs(caller)}

    def finish(self, caller: Caller) -> Answer:
        """Give the lock back; the last one gets the seal, which is the right to destroy the clones.

        Returns:
            status OTHERS (others), DONE (another is destroying) or DESTROY (etag of the seal).

        Raises:
            LockLostError: The lock is another's, or gone without this execution's doing.
        """
        self._refuse_unfit(caller)
        own = self._store.get(status_key(caller.domain))
        # Only `finish` deletes a living owner's lock: none there means that an earlier answer to this call was lost.
        if own is not None:
            owner = Status.read(own.body)
            if owner.execution != caller.execution:
                raise LockLostError(f"the domain {caller.domain} now belongs to {owner.holder()}; nothing was touched")
            self._store.delete_if(status_key(caller.domain), own.etag)
        return self._seal_if_last(caller)

    def fail(self, caller: Caller, error: str, cause: str) -> Answer:
        """Note in the own lock that the run failed; it stays, and with it the clones for the next try."""
        self._refuse_unfit(caller)
        own = self._store.get(status_key(caller.domain))
        if own is None or Status.read(own.body).execution != caller.execution:
            return {"status": "NOT_OWNER"}
        failed = replace(Status.read(own.body), state=FAILED, error=error, cause=cause[:CAUSE_CHARACTERS])
        written = self._store.put_if(status_key(caller.domain), failed.text(), own.etag)
        return {"status": "RECORDED" if written or self._is(status_key(caller.domain), failed.text()) else "NOT_OWNER"}

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

    def _refuse_unfit(self, caller: Caller) -> None:
        found = self._find_caller(caller)
        if found.redriven:
            raise RedriveRefusedError(f"{caller.execution} was redriven; start a new execution with runId {caller.run}")
        if not found.living:
            raise ExecutionEndedError(f"{caller.execution} has ended; nothing is done for it any more")

    def _find_caller(self, caller: Caller) -> Execution:
        """Return the caller's execution, which Step Functions may not know in its first seconds.

        Raises:
            ExecutionUnknownError: It was not known at any look.
        """
        for look in range(_LOOKS):
            if look:
                self._pause(_PAUSE_SECONDS)
            found = self._executions.find(caller.execution)
            if found.known:
                return found
        raise ExecutionUnknownError(f"Step Functions does not know {caller.execution} yet; call again in some seconds")

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

    def _take_lock(self, caller: Caller) -> Status | Answer:
        """Write the own lock, over a dead owner's if need be; return it, or why not."""
        key = status_key(caller.domain)
        now = self._now()
        wanted = Status(
            caller.domain,
            caller.run,
            caller.execution,
            now.isoformat(timespec="seconds"),
            mode=caller.mode,
            # A clone's time is compared with it: rounded to a second, an older clone could pass for a new one.
            began=now.isoformat(timespec="milliseconds"),
        )
        if self._store.put_new(key, wanted.text()):
            return wanted
        held = self._store.get(key)
        if held is None:
            return {"status": "WAIT", "reason": "the domain's lock is just being given back"}
        owner = Status.read(held.body)
        if owner.execution == caller.execution:  # the response of an earlier write was lost
            return owner
        if owner.is_same_run(wanted) and owner.began:
            wanted = replace(wanted, began=owner.began)
        return self._take_over(owner, held, wanted)

    def _take_over(self, owner: Status, held: Stored, wanted: Status) -> Status | Answer:
        found = self._executions.find(owner.execution)
        if found.living:
            return {"status": "BUSY", "holder": owner.holder()}
        reason = self._still_ending(owner, found)
        if reason:
            return {"status": "WAIT", "reason": reason}
        key = status_key(wanted.domain)
        if self._store.put_if(key, wanted.text(), held.etag) or self._is(key, wanted.text()):
            return wanted
        return {"status": "WAIT", "reason": "another starter was faster; its lock is looked at again"}

    def _is(self, key: str, text: str) -> bool:
        stored = self._store.get(key)
        return stored is not None and stored.body == text
