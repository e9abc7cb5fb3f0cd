"""The lock of a domain: taken by one execution, taken over from a dead one, given back by its holder."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from run_registry.documents import CATCH_UP, FAILED, VERIFICATION, WRITE_NOTHING, Status, status_key
from run_registry.errors import (
    ExecutionEndedError,
    ExecutionUnknownError,
    LockLostError,
    RedriveRefusedError,
)
from run_registry.live import CuttingOver
from run_registry.proven import Proven, proven_key
from run_registry.sealing import OWNED, Answer

if TYPE_CHECKING:
    from run_registry.callers import Caller
    from run_registry.executions import Execution
    from run_registry.store import Stored

LIVE = "DomainIsLive"  # the error of a run that a cut-over overtook
_LOOKS, _PAUSE_SECONDS = 3, 1.0


class Locking(CuttingOver):
    """The lock, over a store, a clock and a view of executions."""

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
            kind=caller.kind,
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
        if owner.changing:
            # A bootstrap would import over tables, or adopt an export, from before the changes.
            if wanted.kind in WRITE_NOTHING or not owner.is_same_run(wanted):
                return {"status": "UNFINISHED", "holder": owner.holder()}
            wanted = replace(wanted, changing=True, applied=owner.applied)
        admission = self._admission(wanted)
        if admission["status"] != OWNED:
            return admission
        key = status_key(wanted.domain)
        if self._store.put_if(key, wanted.text(), held.etag) or self._is(key, wanted.text()):
            return wanted
        return {"status": "WAIT", "reason": "another starter was faster; its lock is looked at again"}

    def _admission(self, own: Status) -> Answer:
        """Return OWNED, with the base of a catch-up or a verification, or why no run of that kind may have the domain.

        That is LIVE, NO_BASE or NOT_PROVEN. A domain that went live before its verdict is open to the run whose verdict
        it is, which writes no more.
        """
        mark = self._live(own.domain)
        if mark is not None and not (mark.awaits(own) and own.applied):
            return mark.answer()
        if own.kind == VERIFICATION:
            return self._proof_of(own)
        return self._base_of(own) if own.kind == CATCH_UP else {"status": OWNED}

    def _base_of(self, own: Status) -> Answer:
        """Return OWNED, with the proven state that a catch-up begins from, or NO_BASE."""
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
            "reason": f"the run {base.changing} began to write to the tables and was given up, so that they stand "
            f"between two instants: migrate repair {base.changing}, or bootstrap {own.domain} anew",
        }

    def _proof_of(self, own: Status) -> Answer:
        """Return OWNED, with what the run proved, or NOT_PROVEN where the tables are not as it left them."""
        stored = self._store.get(proven_key(own.domain, own.mode))
        if stored is None:
            return {"status": "NOT_PROVEN", "reason": f"no {own.mode} run of {own.domain} has matched"}
        proven = Proven.read(stored.body)
        reason = proven.reason_against(own.run)
        return {"status": "NOT_PROVEN", "reason": reason} if reason else {"status": OWNED, "base": proven.document}

    def _give_back(self, caller: Caller) -> None:
        """Give back the own lock, if there is one, of a run that is refused before it began.

        The lock of a run that had written stays, as that of a catch-up that failed: its tables are not proven. Only a
        repair comes here with one, where a cut-over was faster.
        """
        key = status_key(caller.domain)
        held = self._store.get(key)
        own = None if held is None else Status.read(held.body)
        if held is None or own is None or own.execution != caller.execution:
            return
        if own.changing:
            failed = replace(own, kind=CATCH_UP, state=FAILED, error=LIVE, cause="the domain went live meanwhile")
            self._store.put_if(key, failed.text(), held.etag)
        else:
            self._store.delete_if(key, held.etag)

    def _own_lock(self, caller: Caller, held: Stored) -> Status:
        """Return the lock as the caller's.

        Raises:
            LockLostError: It is another's.
        """
        owner = Status.read(held.body)
        if owner.execution != caller.execution:
            raise LockLostError(f"the domain {caller.domain} now belongs to {owner.holder()}; nothing was touched")
        return owner

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

    def _is(self, key: str, text: str) -> bool:
        stored = self._store.get(key)
        return stored is not None and stored.body == text
