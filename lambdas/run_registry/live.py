"""The live mark of a domain: from then on an application writes to its tables, and no run ever does again.

A starter writes its lock and then looks for the mark; a cut-over writes the mark and then looks for a lock. Of both at
least one sees the other. A domain may go live beside the lock of a catch-up that has applied all its changes: that run
writes no more, and its verdict follows.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from run_registry.callers import OPERATOR
from run_registry.documents import CATCH_UP, DIFFERS, OFFICIAL, RUNNING, Status, status_key
from run_registry.errors import NotAnOperatorError
from run_registry.proven import Proven, proven_key
from run_registry.sealing import Answer, Sealing

if TYPE_CHECKING:
    from run_registry.callers import Caller

PENDING, MATCH, MISMATCH = "PENDING", "MATCH", "MISMATCH"


def live_key(domain: str) -> str:
    """Return the key of a domain's live mark."""
    return f"live/{domain}.json"


@dataclass(frozen=True)
class Live:
    """A domain's live mark; while it is not confirmed, the cut-over has not yet looked for a lock."""

    domain: str
    run: str
    instant: str
    by: str
    confirmed: bool = True
    applied: str = ""  # of a cut-over before the verdict: the instant of the export that the verdict is about
    verdict: str = ""  # of such a cut-over: PENDING, MATCH or MISMATCH; any other follows a MATCH
    version: int = 1

    def text(self) -> str:
        """Return the document, which says of a verdict only where one followed."""
        document = asdict(self)
        if not self.applied:
            del document["applied"], document["verdict"]
        return json.dumps(document, sort_keys=True)

    @classmethod
    def read(cls, text: str) -> Live:
        """Return the mark of a document."""
        return cls(**json.loads(text))

    def answer(self) -> Answer:
        """Return what a starter or an operator learns of the mark."""
        verdict = {"verdict": self.verdict} if self.applied else {}
        return {"status": "LIVE", "instant": self.instant, **verdict}

    def awaits(self, run: Caller | Status) -> bool:
        """Say whether the verdict of that run is still to come: it may have the domain to export and to compare."""
        is_its_own = (run.run, run.mode, run.kind) == (self.run, OFFICIAL, CATCH_UP)
        return is_its_own and bool(self.applied) and self.verdict != MATCH


class CuttingOver(Sealing):
    """The operation `cutOver`, the look for its mark, and the verdict that follows it."""

    def cut_over(self, caller: Caller, instant: str, *, verify_after: bool = False) -> Answer:
        """Mark the domain's official tables live, as the run proved them, or with `verify_after` as it applied them.

        A confirmed mark is never withdrawn. One that a lost call left unconfirmed is taken over, and withdrawn where
        the domain turns out to be in use.

        Returns:
            status LIVE (instant: of the first cut-over; verdict, of one before it), BUSY (holder) or NOT_PROVEN
            (reason).

        Raises:
            NotAnOperatorError: The caller is an execution.
        """
        if not caller.is_operator:
            raise NotAnOperatorError(f"execution: {caller.execution!r} must begin with {OPERATOR!r} to cut over")
        key = live_key(caller.domain)
        held = self._store.get(key)
        if held is not None and Live.read(held.body).confirmed:
            return self._settle_verdict(caller) or Live.read(held.body).answer()
        ground = self._ground(caller, verify_after=verify_after)
        if not isinstance(ground, str) and held is None:
            return ground
        mark = Live(caller.domain, caller.run, instant, caller.execution, confirmed=False)
        if isinstance(ground, str) and ground:
            mark = replace(mark, applied=ground, verdict=PENDING)
        etag = self._write_mark(mark, held.etag if held else "")
        if etag is None:
            return self._other_cut_over(caller)
        # A starter that had its lock before the mark was there is seen now; one that comes later sees the mark.
        ground = self._ground(caller, verify_after=bool(mark.applied))
        if not isinstance(ground, str):
            self._store.delete_if(key, etag)
            return ground
        if self._write_mark(replace(mark, confirmed=True), etag) is None:
            return self._other_cut_over(caller)
        return self._settle_verdict(caller) or mark.answer()

    def _live(self, domain: str) -> Live | None:
        """Return the domain's live mark, or None where there is none."""
        stored = self._store.get(live_key(domain))
        return None if stored is None else Live.read(stored.body)

    def _ground(self, caller: Caller, *, verify_after: bool) -> str | Answer:
        """Return what the domain may go live on, or why it may not.

        The lock is read before the proven state: without a lock, no run changes that state any more.

        Returns:
            Nothing where the run has proven the tables, the instant of its export where it has applied its changes, or
            status BUSY or NOT_PROVEN.
        """
        stored = self._store.get(status_key(caller.domain))
        if stored is not None:
            lock = Status.read(stored.body)
            is_its_own = (lock.run, lock.mode, lock.kind) == (caller.run, OFFICIAL, CATCH_UP)
            if verify_after and is_its_own and lock.state == RUNNING and lock.applied:
                return lock.applied
            return {"status": "BUSY", "holder": lock.holder()}
        stored = self._store.get(proven_key(caller.domain, OFFICIAL))
        if stored is None:
            return {"status": "NOT_PROVEN", "reason": f"no official run of {caller.domain} has matched"}
        reason = Proven.read(stored.body).reason_against(caller.run)
        return {"status": "NOT_PROVEN", "reason": reason} if reason else ""

    def _settle_verdict(self, caller: Caller) -> Answer | None:
        """Write into a live mark that waits for a verdict what became of its run; return what the mark says then.

        A run leaves its proof or its failure and then looks for the mark; a cut-over confirms the mark and then looks
        for these. Of both at least one writes the verdict.
        """
        held = self._store.get(live_key(caller.domain))
        mark = None if held is None else Live.read(held.body)
        if held is None or mark is None or not (mark.confirmed and mark.applied) or mark.verdict == MATCH:
            return None
        settled = replace(mark, verdict=self._verdict(mark))
        if settled.verdict != mark.verdict and not self._store.put_if(live_key(mark.domain), settled.text(), held.etag):
            # Another call has settled it meanwhile, and no verdict changes twice.
            settled = self._live(mark.domain) or settled
            return self._settle_verdict(caller) or settled.answer()
        return settled.answer()

    def _verdict(self, mark: Live) -> str:
        """Return what became of the run that a live domain's verdict comes from.

        What is proven comes first: a run that is refused may hold the lock for a moment.
        """
        stored = self._store.get(proven_key(mark.domain, OFFICIAL))
        proven = None if stored is None else Proven.read(stored.body)
        if proven is not None and (proven.run, proven.changing) == (mark.run, ""):
            return MATCH
        stored = self._store.get(status_key(mark.domain))
        lock = None if stored is None else Status.read(stored.body)
        differs = lock is not None and (lock.run, lock.error) == (mark.run, DIFFERS)
        return MISMATCH if differs else mark.verdict

    def _write_mark(self, mark: Live, etag: str) -> str | None:
        """Write the mark, over the one of `etag` if there is one; return its ETag, or None where another's is there."""
        key, text = live_key(mark.domain), mark.text()
        written = self._store.put_if(key, text, etag) if etag else self._store.put_new(key, text)
        if written:
            return written
        held = self._store.get(key)  # the response of the own write may have been lost
        return held.etag if held is not None and held.body == text else None

    def _other_cut_over(self, caller: Caller) -> Answer:
        """Return what another cut-over, which was faster, has made of the domain so far."""
        held = self._store.get(live_key(caller.domain))
        mark = None if held is None else Live.read(held.body)
        if mark is not None and mark.confirmed:
            return mark.answer()
        by, since = (mark.by, mark.instant) if mark else ("another cut-over, which was withdrawn", "")
        return {
            "status": "BUSY",
            "holder": {"domain": caller.domain, "run": caller.run, "execution": by, "since": since},
        }
