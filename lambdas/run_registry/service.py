"""The lock and seal protocol: of a starter and a destroyer at least one sees the other.

A starter writes its lock and then reads the seal; a destroyer writes the seal and then lists the locks again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from run_registry.callers import OPERATOR
from run_registry.documents import FAILED, SEAL_KEY, STATUS_PREFIX, Seal, Status, status_key
from run_registry.errors import (
    ExecutionEndedError,
    LockLostError,
    NotAnOperatorError,
    RedriveRefusedError,
    StillRunningError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from run_registry.callers import Caller
    from run_registry.executions import Execution, Executions
    from run_registry.store import Store, Stored

LAMBDA_TIMEOUT = timedelta(seconds=300)  # a Lambda may outlive the execution that called it by so much
LEASE = timedelta(minutes=30)  # an operator's right to destroy; as long as the state machine tries to
CAUSE_CHARACTERS = 4000
Answer = dict[str, Any]


class RunRegistry:
    """Locks of domains and the seal of the teardown, over a store, a clock and a view of executions."""

    def __init__(
        self, store: Store, executions: Executions, now: Callable[[], datetime], lease: timedelta = LEASE
    ) -> None:
        self._store = store
        self._executions = executions
        self._now = now
        self._lease = lease

    def begin(self, caller: Caller) -> Answer:
        """Take the domain's lock, then look for a seal.

        Returns:
            status OWNED, BUSY (holder), SEALED (holder) or WAIT (reason: a dead owner's work is still ending).
        """
        self._refuse_unfit(caller)
        refusal = self._take_lock(caller)
        return refusal or self._pass_seal()

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
            reason = self._still_ending(owner, found)
            if reason:
                return {"status": "WAIT", "reason": reason}
            self._store.delete_if(status_key(caller.domain), lock.etag)
        return self._seal_if_last(caller)

    def _refuse_unfit(self, caller: Caller) -> None:
        found = self._executions.find(caller.execution)
        if found.redriven:
            raise RedriveRefusedError(f"{caller.execution} was redriven; start a new execution with runId {caller.run}")
        if not found.living:
            raise ExecutionEndedError(f"{caller.execution} has ended; nothing is done for it any more")

    def _take_lock(self, caller: Caller) -> Answer | None:
        """Write the own lock, over a dead owner's if need be; return why not, or None."""
        key = status_key(caller.domain)
        wanted = Status(caller.domain, caller.run, caller.execution, self._now().isoformat(timespec="seconds"))
        if self._store.put_new(key, wanted.text()):
            return None
        held = self._store.get(key)
        if held is None:
            return {"status": "WAIT", "reason": "the domain's lock is just being given back"}
        owner = Status.read(held.body)
        if owner.execution == caller.execution:  # the response of an earlier write was lost
            return None
        return self._take_over(owner, held, wanted)

    def _take_over(self, owner: Status, held: Stored, wanted: Status) -> Answer | None:
        found = self._executions.find(owner.execution)
        if found.living:
            return {"status": "BUSY", "holder": owner.holder()}
        reason = self._still_ending(owner, found)
        if reason:
            return {"status": "WAIT", "reason": reason}
        key = status_key(wanted.domain)
        if self._store.put_if(key, wanted.text(), held.etag) or self._is(key, wanted.text()):
            return None
        return {"status": "WAIT", "reason": "another starter was faster; its lock is looked at again"}

    def _pass_seal(self) -> Answer:
        """Say OWNED if nobody is destroying the clones."""
        stored = self._store.get(SEAL_KEY)
        if stored is None:
            return {"status": "OWNED"}
        refusal = self._clear_dead_seal(stored)
        return refusal or {"status": "OWNED"}

    def _seal_if_last(self, caller: Caller) -> Answer:
        others = self._others()
        if others:
            return {"status": "OTHERS", "others": others}
        etag = self._take_seal(caller)
        if etag is None:
            return {"status": "DONE"}
        others = self._others()  # somebody may have started between the listing and the seal
        if others:
            self._store.delete_if(SEAL_KEY, etag)
            return {"status": "OTHERS", "others": others}
        return {"status": "DESTROY", "etag": etag}

    def _take_seal(self, caller: Caller) -> str | None:
        now = self._now()
        expires = (now + self._lease).isoformat(timespec="seconds") if caller.is_operator else ""
        seal = Seal(caller.domain, caller.run, caller.execution, now.isoformat(timespec="seconds"), expires)
        etag = self._store.put_new(SEAL_KEY, seal.text())
        if etag:
            return etag
        held = self._store.get(SEAL_KEY)
        if held is None:
            return self._store.put_new(SEAL_KEY, seal.text())
        if Seal.read(held.body).execution == caller.execution:  # the response of an earlier write was lost
            return held.etag
        if self._clear_dead_seal(held):
            return None
        return self._store.put_new(SEAL_KEY, seal.text())

    def _clear_dead_seal(self, stored: Stored) -> Answer | None:
        """Delete a dead owner's seal once nothing of it can still run; return why not yet, or None."""
        seal = Seal.read(stored.body)
        if seal.expires:
            return self._until_expired(seal) or self._delete_seal(stored)
        found = self._executions.find(seal.execution)
        if found.living:
            return {"status": "SEALED", "holder": {"domain": seal.domain, "run": seal.run, "since": seal.since}}
        reason = self._still_ending(Status(seal.domain, seal.run, seal.execution, seal.since), found)
        if reason:
            return {"status": "WAIT", "reason": reason}
        return self._delete_seal(stored)

    def _until_expired(self, seal: Seal) -> Answer | None:
        """Say why an operator's seal must stay yet: its time, and that of a deletion which began right before its end.

        The clone service refuses it from its end on, whether or not it is still there.
        """
        expires = datetime.fromisoformat(seal.expires)
        if self._now() < expires:
            holder = {"domain": seal.domain, "run": seal.run, "since": seal.since, "expires": seal.expires}
            return {"status": "SEALED", "holder": holder}
        if self._now() - expires < LAMBDA_TIMEOUT:
            return {"status": "WAIT", "reason": f"a deletion under the seal that ended {seal.expires} may still run"}
        return None

    def _delete_seal(self, stored: Stored) -> Answer | None:
        if self._store.delete_if(SEAL_KEY, stored.etag) or self._store.get(SEAL_KEY) is None:
            return None
        return {"status": "WAIT", "reason": "another took the seal over; it is looked at again"}

    def _still_ending(self, owner: Status, found: Execution) -> str:
        """Stop what a dead owner left running; say what of it has not ended yet.

        `found` is the very look that said that it is dead: a second one might meet it redriven, without an end.
        """
        open_jobs = self._executions.cancel_jobs(owner.domain, owner.execution)
        if open_jobs:
            return f"{open_jobs} Spark job runs of the ended run {owner.run} are being cancelled"
        if found.stopped is not None and self._now() - found.stopped < LAMBDA_TIMEOUT:
            ended = f"{found.stopped.astimezone(UTC):%H:%M:%SZ}"
            return f"a Lambda call of the run {owner.run}, ended {ended}, may still be running"
        return ""

    def _others(self) -> list[dict[str, Any]]:
        """Return what is in the way of a teardown; a failed one counts, since its clones stay for the next try."""
        others = []
        for key in self._store.list(STATUS_PREFIX):
            stored = self._store.get(key)
            if stored is None:
                continue
            status = Status.read(stored.body)
            age = self._now() - datetime.fromisoformat(status.since)
            others.append(
                {
                    "domain": status.domain,
                    "run": status.run,
                    "state": status.state,
                    "ageSeconds": int(age.total_seconds()),
                }
            )
        return others

    def _is(self, key: str, text: str) -> bool:
        stored = self._store.get(key)
        return stored is not None and stored.body == text
