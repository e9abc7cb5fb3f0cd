"""The live mark of a domain: from the cut-over on, an application writes to its tables and no run ever does again.

A starter writes its lock and then looks for the mark; a cut-over writes the mark and then looks for a lock. At least
one of them sees the other. A domain may go live beside the lock of a catch-up that has applied all its changes: that
run writes no more, and its verdict follows.
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
    """A domain's live mark; until it is confirmed, the cut-over has not yet looked for a lock."""

    domain: str
    run: str
    instant: str
    by: str
    confirmed: bool = True
    applied: str = ""  # of a cut-over before the verdict: the instant of the export that the verdict is about
    verdict: str = ""  # of such a cut-over: PENDING, MATCH or MISMATCH; any other follows a MATCH
    version: int = 1

    def text(self) -> str:
        """Return the document; it has a verdict only for a cut-over before the verdict."""
        document = asdict(self)
        if not self.applied:
            del document["applied"], document["verdict"]
        return json.dumps(document, sort_keys=True)

    @classmethod
    def read(cls, text: str) -> Live:
        """Return the mark of a document."""
        return cls(**json.loads(text))

    def answer(self) -> Answer:
        """Return the mark as an answer to a starter or an operator."""
        verdict = {"verdict": self.verdict} if self.applied else {}
        return {"status": "LIVE", "instant": self.instant, **verdict}

    def awaits(self, run: Caller | Status) -> bool:
        """Return whether the run's verdict is still to come: it may own the domain to export and compare."""
        is_its_own = (run.run, run.mode, run.kind) == (self.run, OFFICIAL, CATCH_UP)
        return is_its_own and bool(self.applied) and self.verdict != MATCH


class CutOver(Sealing):
    """The operation `cutOver`, the search for its mark, and the verdict that follows it."""

    def cut_over(self, caller: Caller, instant: str, *, verify_after: bool = False) -> Answer:
        """Mark the domain's official tables live as the run proved them or, with `verify_after`, as it applied them.

        A confirmed mark is never withdrawn. The call takes over a mark that a lost call left unconfirmed, and withdraws
        it if the domain turns out to be in use.

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
        basis = self._basis(caller, verify_after=verify_after)
        if not isinstance(basis, str) and held is None:
            return basis
        mark = Live(caller.domain, caller.run, instant, caller.execution, confirmed=False)
        if isinstance(basis, str) and basis:
            mark = replace(mark, applied=basis, verdict=PENDING)
        etag = self._write_mark(mark, held.etag if held else "")
        if etag is None:
            return self._other_cut_over(caller)
        # A starter that wrote its lock before the mark is visible now; a later one sees the mark.
        basis = self._basis(caller, verify_after=bool(mark.applied))
        if not isinstance(basis, str):
            self._store.delete_if(key, etag)
            return basis
        if self._write_mark(replace(mark, confirmed=True), etag) is None:
            return self._other_cut_over(caller)
        return self._settle_verdict(caller) or mark.answer()

    def _live(self, domain: str) -> Live | None:
        """Return the domain's live mark, or None."""
        stored = self._store.get(live_key(domain))
        return None if stored is None else Live.read(stored.body)

    def _basis(self, caller: Caller, *, verify_after: bool) -> str | Answer:
        """Return the basis on which the domain may go live, or why it may not.

        The lock is read before the proven state, because without a lock no run changes that state any more.

        Returns:
            An empty text if the run has proven the tables, the instant of its export if it has applied its changes, or
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
        """Write the run's result into a live mark that waits for a verdict; return the mark's answer, if it has one.

        A run writes its proof or its failure and then looks for the mark; a cut-over confirms the mark and then looks
        for these. At least one of them writes the verdict.
        """
        held = self._store.get(live_key(caller.domain))
        if held is None:
            return None
        mark = Live.read(held.body)
        if not (mark.confirmed and mark.applied):
            return None
        if mark.verdict == MATCH:
            return mark.answer()
        settled = replace(mark, verdict=self._verdict(mark))
        if settled.verdict != mark.verdict and not self._store.put_if(live_key(mark.domain), settled.text(), held.etag):
            return self._settle_verdict(caller)  # another call has settled it meanwhile: no verdict changes twice
        return settled.answer()

    def _verdict(self, mark: Live) -> str:
        """Return the verdict of the run that a live domain waits for.

        The proven state comes first, because a refused run may hold the lock for a moment.
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
        """Write the mark, over the one of `etag` if given; return its ETag, or None if another mark exists."""
        key, text = live_key(mark.domain), mark.text()
        written = self._store.put_if(key, text, etag) if etag else self._store.put_new(key, text)
        if written:
            return written
        held = self._store.get(key)  # the response of our write may have been lost
        return held.etag if held is not None and held.body == text else None

    def _other_cut_over(self, caller: Caller) -> Answer:
        """Return the state of the domain after another, faster cut-over."""
        held = self._store.get(live_key(caller.domain))
        mark = None if held is None else Live.read(held.body)
        if mark is not None and mark.confirmed:
            # The other call may not have looked for the verdict yet.
            return self._settle_verdict(caller) or mark.answer()
        by, since = (mark.by, mark.instant) if mark else ("another cut-over, which was withdrawn", "")
        return {
            "status": "BUSY",
            "holder": {"domain": caller.domain, "run": caller.run, "execution": by, "since": since},
        }
