"""What a report is made of: the documents of a run, its executions, and what stands now."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - a dataclass's field
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runner.clones import Clone
    from runner.progress import Phase
    from runner.registry import Lock

Document = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One execution of the run, and what its history names."""

    arn: str
    status: str
    given: Document  # its input
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
    failures: tuple[Document, ...] = ()  # Map items that did not end well: name, error, cause
    imports: dict[str, Document] = field(default_factory=dict)  # by ARN, as described last
    exports: dict[str, Document] = field(default_factory=dict)
    job_runs: dict[str, str] = field(default_factory=dict)  # job run id -> application id

    @property
    def name(self) -> str:
        """Return the execution's name."""
        return self.arn.rsplit(":", 1)[1]

    @property
    def machine(self) -> str:
        """Return the ARN of its state machine."""
        return self.arn.replace(":execution:", ":stateMachine:").rsplit(":", 1)[0]


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
