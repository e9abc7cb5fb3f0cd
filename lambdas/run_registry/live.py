"""The live mark of a domain: from then on an application writes to its tables, and no run ever does again.

A starter writes its lock and then looks for the mark; a cut-over writes the mark and then looks for a lock. Of both at
least one sees the other.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from run_registry.callers import OPERATOR
from run_registry.documents import OFFICIAL, Status, status_key
from run_registry.errors import NotAnOperatorError
from run_registry.proven import Proven, proven_key
from run_registry.sealing import Answer, Sealing

if TYPE_CHECKING:
    from run_registry.callers import Caller


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
    version: int = 1

    def text(self) -> str:
        """Return the document."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def read(cls, text: str) -> Live:
        """Return the mark of a document."""
        return cls(**json.loads(text))

    def answer(self) -> Answer:
        """Return what a starter or an operator learns of the mark."""
        return {"status": "LIVE", "instant": self.instant}


class CuttingOver(Sealing):
    """The operation `cutOver`, and the look for its mark."""

    def cut_over(self, caller: Caller, instant: str) -> Answer:
        """Mark the domain's official tables live, as the run proved them.

        A confirmed mark is never withdrawn. One that a lost call left unconfirmed is taken over, and withdrawn where
        the domain turns out to be in use.

        Returns:
            status LIVE (instant: of the first cut-over), BUSY (holder) or NOT_PROVEN (reason).

        Raises:
            NotAnOperatorError: The caller is an execution.
        """
        if not caller.is_operator:
            raise NotAnOperatorError(f"execution: {caller.execution!r} must begin with {OPERATOR!r} to cut over")
        key = live_key(caller.domain)
        held = self._store.get(key)
        if held is not None and Live.read(held.body).confirmed:
            return Live.read(held.body).answer()
        refusal = self._cut_over_refusal(caller)
        if refusal is not None and held is None:
            return refusal
        mark = Live(caller.domain, caller.run, instant, caller.execution, confirmed=False)
        etag = self._write_mark(mark, held.etag if held else "")
        if etag is None:
            return self._other_cut_over(caller)
        # A starter that had its lock before the mark was there is seen now; one that comes later sees the mark.
        refusal = self._cut_over_refusal(caller)
        if refusal is not None:
            self._store.delete_if(key, etag)
            return refusal
        if self._write_mark(replace(mark, confirmed=True), etag) is None:
            return self._other_cut_over(caller)
        return mark.answer()

    def _live(self, domain: str) -> Answer | None:
        """Return what a starter learns of the domain's live mark, or None where there is none."""
        stored = self._store.get(live_key(domain))
        return None if stored is None else Live.read(stored.body).answer()

    def _cut_over_refusal(self, caller: Caller) -> Answer | None:
        """Return why the domain cannot go live as that run proved it, or None.

        The lock is read before the proven state: without a lock, no run changes that state any more.
        """
        lock = self._store.get(status_key(caller.domain))
        if lock is not None:
            return {"status": "BUSY", "holder": Status.read(lock.body).holder()}
        stored = self._store.get(proven_key(caller.domain, OFFICIAL))
        if stored is None:
            return {"status": "NOT_PROVEN", "reason": f"no official run of {caller.domain} has matched"}
        reason = Proven.read(stored.body).reason_against(caller.run)
        return {"status": "NOT_PROVEN", "reason": reason} if reason else None

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
