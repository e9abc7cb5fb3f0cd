"""The lock of a domain: an execution takes it, may take it over from an ended one, and releases it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from run_registry.cut_over import CutOver
from run_registry.documents import CATCH_UP, FAILED, VERIFICATION, WRITE_NOTHING, Status, status_key
from run_registry.errors import (
    ExecutionEndedError,
    ExecutionUnknownError,
    LockLostError,
    RedriveRefusedError,
)
from run_registry.proven import Proven, proven_key
from run_registry.sealing import OWNED, Answer

if TYPE_CHECKING:
    from run_registry.callers import Caller
    from run_registry.executions import Execution
    from run_registry.store import Stored

LIVE = "DomainIsLive"  # the error of a run that was overtaken by a cut-over
_ATTEMPTS, _PAUSE_SECONDS = 3, 1.0


class Locking(CutOver):
    """Operations on the lock, with a store, a clock and a view of executions."""

    def _take_lock(self, caller: Caller) -> Status | Answer:
        """Write the caller's lock, over an ended owner's if necessary; return it, or why it could not be written."""
        key = status_key(caller.domain)
        now = self._now()
        wanted = Status(
            caller.domain,
            caller.run,
            caller.execution,
            now.isoformat(timespec="seconds"),
            mode=caller.mode,
            # Compared with a clone's time: rounded to a second, an older clone could look newer.
            began=now.isoformat(timespec="milliseconds"),
            kind=caller.kind,
        )
        if self._store.put_new(key, wanted.text()):
            return wanted
        held = self._store.get(key)
        if held is None:
            return {"status": "WAIT", "reason": "the domain's lock is being released"}
        owner = Status.read(held.body)
        if owner.execution == caller.execution:  # the response of an earlier write was lost
            return owner
        if owner.is_same_run(wanted) and owner.began:
            wanted = replace(wanted, began=owner.began)
        return self._take_over(owner, held, wanted)

    def _take_over(self, owner: Status, held: Stored, wanted: Status) -> Status | Answer:
        execution = self._executions.find(owner.execution)
        if execution.living:
            return {"status": "BUSY", "holder": owner.holder()}
        reason = self._still_ending(owner, execution)
        if reason:
            return {"status": "WAIT", "reason": reason}
        if owner.changing:
            # A bootstrap would replace tables, or adopt an export from before the changes.
            if wanted.kind in WRITE_NOTHING or not owner.is_same_run(wanted):
                return {"status": "UNFINISHED", "holder": owner.holder()}
            wanted = replace(wanted, changing=True, applied=owner.applied)
        admission = self._admission(wanted)
        if admission["status"] != OWNED:
            return admission
        key = status_key(wanted.domain)
        if self._store.put_if(key, wanted.text(), held.etag) or self._is_stored(key, wanted.text()):
            return wanted
        return {"status": "WAIT", "reason": "another run took the lock first; the lock is checked again"}

    def _admission(self, own: Status) -> Answer:
        """Return OWNED, with the base of a catch-up or a verification, or why such a run may not own the domain.

        The refusals are LIVE, NO_BASE and NOT_PROVEN. A domain that went live before its verdict is open to the run
        that owes the verdict, which writes no more.
        """
        mark = self._live(own.domain)
        if mark is not None and not (mark.awaits(own) and own.applied):
            return mark.answer()
        if own.kind == VERIFICATION:
            return self._proof_of(own)
        return self._base_of(own) if own.kind == CATCH_UP else {"status": OWNED}

    def _base_of(self, own: Status) -> Answer:
        """Return OWNED, with the proven state from which a catch-up starts, or NO_BASE."""
        stored = self._store.get(proven_key(own.domain, own.mode))
        if stored is None:
            reason = f"no {own.mode} run of {own.domain} has matched; bootstrap it first"
            return {"status": "NO_BASE", "reason": reason}
        base = Proven.read(stored.body)
        if base.changing in ("", own.run):
            return {"status": OWNED, "base": base.document}
        if base.changing == base.run:
            reason = f"{base.reason_against(base.run)}: migrate repair {base.run}, or bootstrap {own.domain} anew"
            return {"status": "NO_BASE", "reason": reason}
        return {
            "status": "NO_BASE",
            "reason": f"the run {base.changing} began to write to the tables and was given up, so the tables are "
            f"between two instants: migrate repair {base.changing}, or bootstrap {own.domain} anew",
        }

    def _proof_of(self, own: Status) -> Answer:
        """Return OWNED, with what the run proved, or NOT_PROVEN if the tables have changed since."""
        stored = self._store.get(proven_key(own.domain, own.mode))
        if stored is None:
            return {"status": "NOT_PROVEN", "reason": f"no {own.mode} run of {own.domain} has matched"}
        proven = Proven.read(stored.body)
        reason = proven.reason_against(own.run)
        return {"status": "NOT_PROVEN", "reason": reason} if reason else {"status": OWNED, "base": proven.document}

    def _release_lock(self, caller: Caller) -> None:
        """Release the caller's lock, if it has one, because its run is refused before it began.

        The lock of a run that has written stays, as the lock of a failed catch-up, because its tables are not proven.
        Only a repair that a cut-over overtook can have such a lock here.
        """
        key = status_key(caller.domain)
        held = self._store.get(key)
        if held is None:
            return
        own = Status.read(held.body)
        if own.execution != caller.execution:
            return
        if own.changing:
            failed = replace(own, kind=CATCH_UP, state=FAILED, error=LIVE, cause="the domain went live meanwhile")
            self._store.put_if(key, failed.text(), held.etag)
        else:
            self._store.delete_if(key, held.etag)

    def _own_lock(self, caller: Caller, held: Stored) -> Status:
        """Return the caller's lock.

        Raises:
            LockLostError: Another execution owns the lock.
        """
        owner = Status.read(held.body)
        if owner.execution != caller.execution:
            raise LockLostError(f"the domain {caller.domain} now belongs to {owner.holder()}; nothing was touched")
        return owner

    def _require_running(self, caller: Caller) -> None:
        execution = self._find_caller(caller)
        if execution.redriven:
            raise RedriveRefusedError(f"{caller.execution} was redriven; start a new execution with runId {caller.run}")
        if not execution.living:
            raise ExecutionEndedError(f"{caller.execution} has ended; the registry does nothing more for it")

    def _find_caller(self, caller: Caller) -> Execution:
        """Return the caller's execution, which Step Functions may not know in its first seconds.

        Raises:
            ExecutionUnknownError: No attempt found it.
        """
        for attempt in range(_ATTEMPTS):
            if attempt:
                self._pause(_PAUSE_SECONDS)
            execution = self._executions.find(caller.execution)
            if execution.known:
                return execution
        raise ExecutionUnknownError(f"Step Functions does not know {caller.execution} yet; call again in a few seconds")

    def _is_stored(self, key: str, text: str) -> bool:
        stored = self._store.get(key)
        return stored is not None and stored.body == text
