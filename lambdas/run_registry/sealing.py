"""The seal, the right to destroy the clones: the last domain takes it, and a new run waits until it is gone."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from run_registry.documents import SEAL_KEY, STATUS_PREFIX, Seal, Status
from run_registry.executions import REMEMBERED, may_be_unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from run_registry.callers import Caller
    from run_registry.executions import Execution, Executions
    from run_registry.store import Store, Stored

LAMBDA_TIMEOUT = timedelta(seconds=300)  # a Lambda call may outlive its execution by this much
LEASE = timedelta(minutes=30)  # an operator's right to destroy; as long as the state machine keeps trying
Answer = dict[str, Any]
OWNED = "OWNED"


class Sealing:
    """Operations on the seal, with a store, a clock and a view of executions."""

    def __init__(
        self,
        store: Store,
        executions: Executions,
        now: Callable[[], datetime],
        lease: timedelta = LEASE,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store = store
        self._executions = executions
        self._now = now
        self._lease = lease
        self._pause = pause

    def _check_seal(self) -> Answer:
        """Return OWNED if nobody is destroying the clones."""
        stored = self._store.get(SEAL_KEY)
        if stored is None:
            return {"status": OWNED}
        refusal = self._clear_dead_seal(stored)
        return refusal or {"status": OWNED}

    def _seal_if_last(self, caller: Caller) -> Answer:
        others = self._others()
        if others:
            return {"status": "OTHERS", "others": others}
        etag = self._take_seal(caller)
        if etag is None:
            return {"status": "DONE"}
        others = self._others()  # a run may have started between the listing and the seal
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
        """Delete an ended owner's seal once nothing of it can still run; return why not yet, or None."""
        seal = Seal.read(stored.body)
        if seal.expires:
            return self._until_expired(seal) or self._delete_seal(stored)
        execution = self._executions.find(seal.execution)
        if execution.living:
            return {"status": "SEALED", "holder": {"domain": seal.domain, "run": seal.run, "since": seal.since}}
        reason = self._still_ending(Status(seal.domain, seal.run, seal.execution, seal.since), execution)
        if reason:
            return {"status": "WAIT", "reason": reason}
        return self._delete_seal(stored)

    def _until_expired(self, seal: Seal) -> Answer | None:
        """Return why an operator's seal must stay: it is valid, or a deletion that began just before may still run.

        The clone service refuses an expired seal, whether or not it still exists.
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
        return {"status": "WAIT", "reason": "another run took the seal over; the seal is checked again"}

    def _still_ending(self, owner: Status, execution: Execution, forgotten_after: timedelta = REMEMBERED) -> str | None:
        """Stop an ended owner's work; return what may still run, or that the owner may be running, or None."""
        reason, items_stopped = self._stop_work(owner, execution, forgotten_after)
        if reason:
            return reason
        stopped = max((end for end in (execution.stopped, items_stopped) if end is not None), default=None)
        if stopped is None or self._now() - stopped >= LAMBDA_TIMEOUT:
            return None
        ended = f"{stopped.astimezone(UTC):%H:%M:%SZ}"
        return f"a Lambda call of the run {owner.run}, ended {ended}, may still be running"

    def _stop_work(
        self, owner: Status, execution: Execution, forgotten_after: timedelta
    ) -> tuple[str, datetime | None]:
        """Stop an ended owner's items and cancel its job runs.

        `execution` is the description that showed the end; a second one might show a redriven execution without an end.

        Returns:
            What has not ended yet, or that the owner may be running (empty if neither), and when the last item ended.
        """
        if may_be_unknown(execution, owner.since, self._now(), forgotten_after):
            wrote = f"of the run {owner.run} yet, which wrote {owner.since}"
            return f"Step Functions does not know {owner.execution} {wrote}", None
        items = self._executions.stop_items(owner.execution)
        if items.open:
            return f"{items.open} clones and tables of the ended run {owner.run} are being stopped", None
        open_jobs = self._executions.cancel_jobs(owner.domain, owner.execution)
        if open_jobs:
            return f"{open_jobs} Spark job runs of the ended run {owner.run} are being cancelled", None
        return "", items.stopped

    def _others(self) -> list[dict[str, Any]]:
        """Return the runs that prevent a teardown; a failed one counts, because the next attempt needs its clones."""
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
