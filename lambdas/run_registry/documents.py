"""Documents of the protocol: a domain's status and the seal."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

OFFICIAL = "official"
MODES = ("rehearsal", OFFICIAL)
KINDS = BOOTSTRAP, CATCH_UP, REPAIR, VERIFICATION = ("bootstrap", "catch-up", "repair", "verification")
# The kinds of run that write to no existing table.
WRITE_NOTHING = (BOOTSTRAP, VERIFICATION)
STATUS_PREFIX = "status/in-progress/"
SEAL_KEY = "status/teardown-seal.json"
RUNNING, FAILED = "RUNNING", "FAILED"
DIFFERS = "DataMismatch"  # the error of a run whose comparison found a difference


def status_key(domain: str) -> str:
    """Return the key of a domain's status."""
    return f"{STATUS_PREFIX}{domain}.json"


@dataclass(frozen=True)
class Status:
    """A domain's lock: its owner, the owner's start, and the failure if the run failed.

    `since` is when this attempt took the lock, `began` when the run's first attempt took it. `changing` means that the
    run has begun to write to existing tables, which are therefore between two instants. `applied` is an instant before
    which the run had applied all its changes; it writes no more.
    """

    domain: str
    run: str
    execution: str
    since: str
    state: str = RUNNING
    error: str = ""
    cause: str = ""
    mode: str = ""  # of a status that an earlier release wrote: unknown
    began: str = ""
    kind: str = BOOTSTRAP
    changing: bool = False
    applied: str = ""  # the instant of the export that proves the run
    version: int = 1

    def text(self) -> str:
        """Return the document.

        A bootstrap's lock has no `kind` and no `changing`, so that a release that knows neither can read it, but cannot
        take over the lock of a run that writes to existing tables. `applied` is present only if it is set.
        """
        document = asdict(self)
        if not self.applied:
            del document["applied"]
        if self.kind == BOOTSTRAP:
            del document["kind"], document["changing"]
        return json.dumps(document, sort_keys=True)

    @classmethod
    def read(cls, text: str) -> Status:
        """Return the status of a document."""
        return cls(**json.loads(text))

    def is_same_run(self, other: Status) -> bool:
        """Return whether both are attempts of one run: the same id in the same mode."""
        return (self.domain, self.run, self.mode) == (other.domain, other.run, other.mode)

    def holder(self) -> dict[str, Any]:
        """Return the owner's description for other callers."""
        return {"domain": self.domain, "run": self.run, "execution": self.execution, "since": self.since}


@dataclass(frozen=True)
class Seal:
    """The right to destroy the clones: an execution's while it runs, or an operator's until it expires."""

    domain: str
    run: str
    execution: str
    since: str
    expires: str = ""  # of an operator's alone
    version: int = 1

    def text(self) -> str:
        """Return the document."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def read(cls, text: str) -> Seal:
        """Return the seal of a document."""
        return cls(**json.loads(text))
