"""What a report is made of: the documents of a run, its executions, and what stands now."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - a dataclass's field
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.account.environments import is_catch_up

if TYPE_CHECKING:
    from runner.account.clones import Clone
    from runner.account.registry import Lock
    from runner.live.history.progress import Phase

Document = dict[str, Any]
# The kinds of run that write to existing tables.
CHANGING = ("catch-up", "repair")


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One execution of the run, and what its history names."""

    arn: str
    status: str
    input: Document  # its input
    started: dt.datetime
    ended: dt.datetime | None
    error: str = ""
    cause: str = ""
    output: Document = field(default_factory=dict)
    phases: tuple[Phase, ...] = ()
    transitions: int = 0
    lambda_seconds: float = 0.0
    snapshots: dict[str, str] = field(default_factory=dict)  # cluster -> createdAt of its clone
    destroyed: dict[str, dt.datetime] = field(default_factory=dict)  # cluster -> when its clone was gone
    stages: dict[str, str] = field(default_factory=dict)  # table -> how far it came, in words
    migrated: dict[str, Document] = field(default_factory=dict)  # table -> what its Map item ended with
    failures: tuple[Document, ...] = ()  # Map items that did not end well: name, error, cause, execution
    imports: dict[str, Document] = field(default_factory=dict)  # by ARN, as described last
    exports: dict[str, Document] = field(default_factory=dict)
    job_runs: dict[str, str] = field(default_factory=dict)  # job run id -> application id
    writes: dict[str, dict[str, int]] = field(default_factory=dict)  # table -> what its changes were settled as

    @property
    def kind(self) -> str:
        """Return bootstrap, verification, catch-up or repair."""
        return kind_of(self.arn, self.input)

    @property
    def name(self) -> str:
        """Return the execution's name."""
        return self.arn.rsplit(":", 1)[1]

    @property
    def machine(self) -> str:
        """Return the ARN of its state machine."""
        return self.arn.replace(":execution:", ":stateMachine:").rsplit(":", 1)[0]


@dataclass(frozen=True, kw_only=True)
class EarlierRun:
    """A catch-up or repair of the same tables before this run."""

    run: str
    kind: str
    status: str
    error: str
    started: dt.datetime
    stopped: dt.datetime | None
    tables: dict[str, Document] = field(default_factory=dict)  # table -> its counts, as Delta counted them


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Everything that was found of a run."""

    environment: str
    account: str
    region: str
    domain: str
    run: str
    looked_at: dt.datetime
    bucket: str
    table_names: tuple[str, ...]  # of the catalog
    limits: dict[str, dict[str, int]] = field(default_factory=dict)  # table -> count -> the catalog's maximum
    attempts: tuple[Attempt, ...] = ()  # oldest first
    manifest: Document | None = None  # processed/…/manifest.json
    verdict: Document | None = None  # reports/…/verdict.json
    comparison: Document | None = None  # reports/…/report.json, Compare's own
    progress: tuple[Document, ...] = ()  # progress/…/<job>.json
    changes: Document | None = None  # changes/…/<attempt>/summary.json
    changes_manifest: Document | None = None  # changes/…/<attempt>/manifest.json
    base_verdict: Document | None = None  # of the run that the changes begin from
    proven: Document | None = None  # proven/<domain>/<mode>.json
    live: Document | None = None  # live/<domain>.json
    earlier: tuple[EarlierRun, ...] = ()  # newest first
    repository: str = ""  # owner/name at GitHub
    job_runs: tuple[Document, ...] = ()  # GetJobRun
    clones: tuple[Clone, ...] = ()  # that stand now
    locks: tuple[Lock, ...] = ()
    tables: tuple[Document, ...] = ()  # that exist now: name, arn, status, run, settings
    clone_class: str = ""  # what the stack makes clones of
    problems: tuple[str, ...] = ()  # what could not be looked at, and why

    @property
    def is_verification(self) -> bool:
        """Tell whether the verdict holds the export against what the run landed, and not against its clones."""
        return (self.verdict or {}).get("against") == "raw"

    @property
    def reports(self) -> str:
        """Return the folder of the verdict: a verification has one of its own."""
        own = f"/verifications/{(self.verdict or {})['attempt']}" if self.is_verification else ""
        return f"reports/{self.domain}/{self.run}{own}"

    @property
    def last(self) -> Attempt | None:
        """Return the newest attempt."""
        return self.attempts[-1] if self.attempts else None

    @property
    def kind(self) -> str:
        """Return bootstrap, verification, catch-up or repair: what the newest attempt was."""
        if self.last is not None:
            return self.last.kind
        if self.changes is None:
            return "bootstrap"
        return "catch-up" if (self.changes_manifest or {}).get("base", {}).get("run") else "repair"

    @property
    def mode(self) -> str:
        """Return rehearsal or official."""
        request = self.last.input if self.last else {}
        identity = self.verdict or self.manifest or {}
        return str(request.get("mode") or identity.get("mode") or default_mode(self.kind))


def kind_of(arn: str, request: Document) -> str:
    """Return what an execution is: bootstrap, verification, catch-up or repair."""
    if not is_catch_up(arn):
        return "verification" if request.get("verify") is True else "bootstrap"
    return "repair" if request.get("repair") is True else "catch-up"


def default_mode(kind: str) -> str:
    """Return the mode of a run whose input names none."""
    return "official" if kind in CHANGING else "rehearsal"
