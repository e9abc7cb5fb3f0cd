"""The evidence of a run: its documents, its executions, and what exists now."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - a dataclass's field
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runner.account.environments import is_catch_up
from runner.report.inputs.execution import Request

if TYPE_CHECKING:
    from runner.account.clones import Clone
    from runner.account.registry import Lock
    from runner.live.history.progress import Phase
    from runner.live.jobs.progress import JobProgress
    from runner.report.inputs.aws import ExportDescription, ImportDescription, JobRun
    from runner.report.inputs.base import Kind, Mode
    from runner.report.inputs.changes import ChangesManifest, ChangesSummary, TableCounts
    from runner.report.inputs.comparison import Comparison, Verdict
    from runner.report.inputs.execution import FailedItem, MigratedTable
    from runner.report.inputs.manifest import Manifest
    from runner.report.inputs.marks import LiveMark, ProvenMark
    from runner.report.model.counts import Limits
    from runner.report.model.remains import ExistingTable

# The kinds of run that write to existing tables.
CHANGING = ("catch-up", "repair")


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One execution of the run, and the resources that its history names."""

    arn: str
    status: str
    input: Request = field(default_factory=Request)
    started: dt.datetime
    ended: dt.datetime | None
    error: str = ""
    cause: str = ""
    phases: tuple[Phase, ...] = ()
    transitions: int = 0
    lambda_seconds: float = 0.0
    snapshots: dict[str, str] = field(default_factory=dict)  # cluster -> ISO time of its clone
    destroyed: dict[str, dt.datetime] = field(default_factory=dict)  # cluster -> when its clone was gone
    stages: dict[str, str] = field(default_factory=dict)  # table -> the last stage that it reached, in words
    migrated: dict[str, MigratedTable] = field(default_factory=dict)  # table -> output of its Map item
    failures: tuple[FailedItem, ...] = ()
    imports: dict[str, ImportDescription] = field(default_factory=dict)  # by ARN, as described last
    exports: dict[str, ExportDescription] = field(default_factory=dict)
    job_runs: dict[str, str] = field(default_factory=dict)  # job run id -> application id
    writes: dict[str, dict[str, int]] = field(default_factory=dict)  # table -> outcome -> changes

    @property
    def kind(self) -> Kind:
        """Return the kind of the execution."""
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
    kind: Kind
    status: str
    error: str
    started: dt.datetime
    stopped: dt.datetime | None
    tables: dict[str, TableCounts] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All evidence of a run; a document that does not exist is None."""

    environment: str
    account: str
    region: str
    domain: str
    run: str
    looked_at: dt.datetime
    bucket: str
    table_names: tuple[str, ...]  # of the catalog
    limits: dict[str, Limits] = field(default_factory=dict)  # table, or table.part -> the catalog's maxima
    attempts: tuple[Attempt, ...] = ()  # oldest first
    manifest: Manifest | None = None
    verdict: Verdict | None = None
    comparison: Comparison | None = None
    progress: tuple[JobProgress, ...] = ()
    changes: ChangesSummary | None = None
    changes_manifest: ChangesManifest | None = None
    base_verdict: Verdict | None = None  # of the run that the changes begin from
    proven: ProvenMark | None = None
    live: LiveMark | None = None
    earlier: tuple[EarlierRun, ...] = ()  # newest first
    repository: str = ""  # owner/name at GitHub
    job_runs: tuple[JobRun, ...] = ()
    clones: tuple[Clone, ...] = ()  # that exist now
    locks: tuple[Lock, ...] = ()
    tables: tuple[ExistingTable, ...] = ()  # that exist now
    clone_class: str = ""  # of the clones that the stack creates
    problems: tuple[str, ...] = ()  # what could not be read, and why

    @property
    def is_verification(self) -> bool:
        """Return True if the verdict compares the export with the rows that the run landed, and not with its clones."""
        return self.verdict is not None and self.verdict.is_verification

    @property
    def reports(self) -> str:
        """Return the folder of the verdict: a verification has one of its own."""
        own = f"/verifications/{self.verdict.attempt}" if self.verdict and self.verdict.is_verification else ""
        return f"reports/{self.domain}/{self.run}{own}"

    @property
    def last(self) -> Attempt | None:
        """Return the newest attempt."""
        return self.attempts[-1] if self.attempts else None

    @property
    def kind(self) -> Kind:
        """Return the kind of the newest attempt; without one, the kind that the documents show."""
        if self.last is not None:
            return self.last.kind
        if self.changes is None:
            return "bootstrap"
        base = self.changes_manifest.base if self.changes_manifest else None
        return "catch-up" if base and base.run else "repair"

    @property
    def mode(self) -> Mode:
        """Return the mode of the newest attempt; an input that names none, or another word, means the default."""
        requested = self.last.input.mode if self.last else None
        identity = self.verdict or self.manifest
        return requested or (identity.mode if identity else None) or default_mode(self.kind)


def kind_of(arn: str, request: Request) -> Kind:
    """Return the kind of an execution."""
    if not is_catch_up(arn):
        return "verification" if request.verify is True else "bootstrap"
    return "repair" if request.repair is True else "catch-up"


def default_mode(kind: Kind) -> Mode:
    """Return the mode of a run whose input names none."""
    return "official" if kind in CHANGING else "rehearsal"
