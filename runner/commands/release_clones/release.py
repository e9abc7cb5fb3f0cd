"""Release of failed runs through the registry, and destruction of their clones through the clone service."""

from __future__ import annotations

import getpass
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.errors import FunctionError, UsageError
from runner.labels import CLONE_STAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from runner.account.clones import Clone
    from runner.account.functions import Functions
    from runner.account.registry import Lock

_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 2.0, 15.0
_OWNER_ENDS_SECONDS = 600.0  # a dead owner's Lambda call may run for five more minutes, while its jobs are cancelled
_REFUSALS = ("NotACloneError", "InvalidEventError")


@dataclass
class Released:
    """The result of a release."""

    domains: list[str] = field(default_factory=list)
    destroyed: list[str] = field(default_factory=list)
    kept: dict[str, str] = field(default_factory=dict)  # the reason, by clone
    reason: str = ""  # the reason why nothing, or not everything, was destroyed

    def document(self) -> dict[str, Any]:
        """Return the document of `release-clones --json`."""
        return {"domains": self.domains, "destroyed": self.destroyed, "kept": self.kept, "told": self.reason}

    @property
    def whole(self) -> bool:
        """Return whether nothing is left."""
        return not self.kept and not self.reason


@dataclass(frozen=True)
class Right:
    """An operator's right to destroy the clones."""

    holder: str
    domain: str
    run: str
    etag: str


class Release:
    """A release with a unique name."""

    def __init__(
        self,
        functions: Functions,
        tell: Callable[[str], None],
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        *,
        approved_by: str = "",
    ) -> None:
        self._approval = {"approvedBy": approved_by} if approved_by else {}
        self._functions = functions
        self._tell = tell
        self._sleep = sleep
        self._clock = clock
        self._stages: dict[str, str] = {}
        self._holder = f"operator:{getpass.getuser()}-{uuid.uuid4().hex[:12]}"

    def proofs(self, clones: Sequence[Clone]) -> dict[str, str]:
        """Return the clones that the clone service would not destroy, each with the reason.

        Raises:
            FunctionError: The clone service raised an error.
        """
        looks = {clone.name: self._functions.clone("verify", source=clone.source, clone=clone.name) for clone in clones}
        return {name: "" if look["isClone"] else str(look["reason"]) for name, look in looks.items()}

    def carry_out(self, locks: Sequence[Lock], clones: Sequence[Clone], any_domain: str) -> Released:
        """Release the locks one after another, and destroy the clones with the right that the last one brings.

        Raises:
            UsageError: A domain is running; locks released before stay released, and those runs can resume.
        """
        released = Released()
        owners = [(lock.domain, lock.run) for lock in locks] or [(any_domain, "none")]
        for domain, run in owners:
            answer = self._give_up(domain, run)
            released.domains += [domain] if locks else []
        match answer["status"]:
            case "DESTROY":
                self._destroy(Right(self._holder, domain, run, answer["etag"]), clones, released)
            case "DONE":
                released.reason = "another is destroying the clones; look at it with status"
            case _:
                others = ", ".join(f"{other['domain']} (run {other['run']})" for other in answer["others"])
                released.reason = f"the clones are needed by {others}, which began meanwhile; they stay"
        return released

    def _give_up(self, domain: str, run: str) -> dict[str, Any]:
        limit, waits = self._clock() + _OWNER_ENDS_SECONDS, _waits()
        while True:
            try:
                answer = self._functions.registry(
                    "release", domain=domain, run=run, execution=self._holder, **self._approval
                )
            except FunctionError as error:
                if error.name == "StillRunningError":
                    raise UsageError(f"nothing was destroyed: {error.message}") from error
                raise
            if answer["status"] != "WAIT":
                self._tell(f"{domain}: run {run} is given up")
                return answer
            if self._clock() > limit:
                raise UsageError(f"nothing was destroyed: {answer['reason']}; try again in a few minutes")
            self._tell(f"{domain}: waiting, since {answer['reason']}")
            self._sleep(next(waits))

    def _destroy(self, right: Right, clones: Sequence[Clone], released: Released) -> None:
        """Destroy the clones step by step; lift the seal only if every call returned."""
        left, waits = list(clones), _waits()
        try:
            while left:
                for clone in list(left):
                    if self._step(right, clone, released):
                        left.remove(clone)
                if left:
                    self._sleep(next(waits))
        except FunctionError as error:
            if error.name != "SealNotHeldError":  # the call may have died: the seal expires by itself
                raise
            released.reason = error.message
            released.kept |= {clone.name: "the right to destroy ended before it was gone" for clone in left}
        self._functions.registry("lift", domain=right.domain, run=right.run, execution=right.holder, etag=right.etag)

    def _step(self, right: Right, clone: Clone, released: Released) -> bool:
        """Take a clone's next step, and return whether nothing is left to do for it."""
        seal = {"etag": right.etag, "execution": right.holder}
        try:
            answer = self._functions.clone("destroy", source=clone.source, clone=clone.name, runId=right.run, seal=seal)
        except FunctionError as error:
            if error.name not in _REFUSALS:
                raise
            released.kept[clone.name] = error.message
            self._tell(f"{clone.name}: kept: {error.message}")
            return True
        gone = bool(answer["status"] == "UNAVAILABLE")
        if gone:
            released.destroyed.append(clone.name)
        self._say(clone.name, CLONE_STAGES["CloneDestroyed" if gone else "DestroyClone"])
        return gone

    def _say(self, clone: str, stage: str) -> None:
        if self._stages.get(clone) != stage:
            self._stages[clone] = stage
            self._tell(f"{clone}: {stage}")


def _waits() -> Iterator[float]:
    wait = _FIRST_WAIT_SECONDS
    while True:
        yield wait
        wait = min(wait * 2, _LONGEST_WAIT_SECONDS)
