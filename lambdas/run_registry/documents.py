"""The two documents of the protocol: a domain's status and the seal."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

STATUS_PREFIX = "status/in-progress/"
SEAL_KEY = "status/teardown-seal.json"
RUNNING, FAILED = "RUNNING", "FAILED"


def status_key(domain: str) -> str:
    """Return the place of a domain's status."""
    return f"{STATUS_PREFIX}{domain}.json"


@dataclass(frozen=True)
class Status:
    """A domain's lock: who runs it, since when, and how it ended if it failed."""

    domain: str
    run: str
    execution: str
    since: str
    state: str = RUNNING
    error: str = ""
    cause: str = ""
    version: int = 1

    def text(self) -> str:
        """Return the document."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def read(cls, text: str) -> Status:
        """Return the status of a document."""
        return cls(**json.loads(text))

    def holder(self) -> dict[str, Any]:
        """Return what another is told of this owner."""
        return {"domain": self.domain, "run": self.run, "execution": self.execution, "since": self.since}


@dataclass(frozen=True)
class Seal:
    """The right to destroy the clones: of an execution while it lives, or of an operator until a moment."""

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
