"""Marks of a run that writes to existing tables: before its first write, after its last; its proof clears them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from run_registry.documents import CATCH_UP, WRITE_NOTHING, Status, status_key
from run_registry.errors import InvalidEventError, LockLostError
from run_registry.locking import Locking
from run_registry.proven import Proven, proven_key

if TYPE_CHECKING:
    from run_registry.callers import Caller
    from run_registry.sealing import Answer
    from run_registry.store import Stored


class ChangeMarks(Locking):
    """The operations `change` and `applied`, and the proven state that `finish` writes."""

    def change(self, caller: Caller) -> Answer:
        """Mark lock and proven state: the caller begins to write to the domain's tables.

        The lock comes first. If a call is lost in between, its run has written to no table, and giving the run up
        leaves the proven state usable. The call sets both marks before it answers; a repeated call sets a missing one.
        A repair of a run that had applied all its changes removes that mark, because it begins to write.

        Returns:
            status CHANGING.

        Raises:
            LockLostError: The lock is gone or another's, or somebody changed the proven state meanwhile.
            InvalidEventError: The lock is a bootstrap's, which writes to no existing table, or that of a catch-up that
                has applied its changes, on which a cut-over may rely.
        """
        self._require_running(caller)
        held, own = self._held(caller)
        if own.kind in WRITE_NOTHING:
            raise InvalidEventError(f"operation: the run {own.run} is a {own.kind}, which changes no existing table")
        if own.kind == CATCH_UP and own.applied:
            raise InvalidEventError(
                f"operation: the run {own.run} has applied its changes before {own.applied}, and writes no more"
            )
        if not own.changing or own.applied:
            self._replace(status_key(caller.domain), held.etag, replace(own, changing=True, applied="").text())
        self._mark_proven(own)
        return {"status": "CHANGING"}

    def applied(self, caller: Caller, instant: str) -> Answer:
        """Mark in the lock that the caller has applied all its changes and writes no more.

        From now on the domain may go live beside the lock. A resume keeps the mark and only exports and compares.

        Args:
            caller: The execution that has applied its changes.
            instant: The instant of the export that will prove them.

        Returns:
            status APPLIED (instant: that of the first call).

        Raises:
            LockLostError: The lock is gone or another's.
            InvalidEventError: The run has not begun to write.
        """
        self._require_running(caller)
        held, own = self._held(caller)
        if not own.changing:
            raise InvalidEventError(f"operation: the run {own.run} has not begun to write, so it has applied nothing")
        if not own.applied:
            self._replace(status_key(caller.domain), held.etag, replace(own, applied=instant).text())
        return {"status": "APPLIED", "instant": own.applied or instant}

    def _held(self, caller: Caller) -> tuple[Stored, Status]:
        """Return the caller's lock, as stored and as parsed.

        Raises:
            LockLostError: It is gone or another's.
        """
        held = self._store.get(status_key(caller.domain))
        if held is None:
            raise LockLostError(f"the domain {caller.domain} has no owner; nothing was touched")
        return held, self._own_lock(caller, held)

    def _mark_proven(self, own: Status) -> None:
        key = proven_key(own.domain, own.mode)
        stored = self._store.get(key)
        if stored is not None and Proven.read(stored.body).changing != own.run:
            self._replace(key, stored.etag, Proven.read(stored.body).changed_by(own.run).text())

    def _is_proven(self, own: Status) -> bool:
        """Return whether the run has proven its writes: its `finish` was lost before the lock went."""
        stored = self._store.get(proven_key(own.domain, own.mode))
        proven = None if stored is None else Proven.read(stored.body)
        return proven is not None and (proven.run, proven.changing) == (own.run, "")

    def _write_proof(self, own: Status, proven: Proven) -> None:
        """Write the run's proven state, unless the stored one is newer.

        An old run that is started again adopts its own verdict. Its proof replaces no later proof and removes no mark
        of a run that has written since.

        Raises:
            InvalidEventError: The state's mode is not the lock's.
            LockLostError: Another run has written it meanwhile.
        """
        if proven.mode != own.mode:
            raise InvalidEventError(f"proven.mode: {proven.mode!r} is not {own.mode!r}, the mode of the run's lock")
        key = proven_key(own.domain, own.mode)
        wanted = proven.stored(self._now())
        held = self._store.get(key)
        if held is None:
            if not self._store.put_new(key, wanted.text()) and not self._is_stored(key, wanted.text()):
                raise LockLostError(f"{key} was written by another run meanwhile; the lock stays")
            return
        current = Proven.read(held.body)
        is_marked_by_other = bool(current.changing) and not (current.changing == own.run and own.changing)
        if wanted.is_older_than(current) or (is_marked_by_other and not wanted.is_newer_than(current)):
            return
        if current.changing or not wanted.is_same_state(current):
            self._replace(key, held.etag, wanted.text())

    def _replace(self, key: str, etag: str, text: str) -> None:
        """Replace an object that only the holder of the lock writes.

        Raises:
            LockLostError: Another run has written it.
        """
        if not self._store.put_if(key, text, etag) and not self._is_stored(key, text):
            raise LockLostError(f"{key} was written by another run meanwhile; the lock is no longer the caller's")
