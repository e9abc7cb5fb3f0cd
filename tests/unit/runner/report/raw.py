"""Evidence as the JSON that jobs, functions and AWS write; it is parsed by the product's models before a report."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from runner.live.jobs.progress import read_job_progress
from runner.report.collect.evidence import Evidence
from runner.report.document import build
from runner.report.inputs.aws import JobRun
from runner.report.inputs.changes import ChangesManifest, ChangesSummary
from runner.report.inputs.comparison import Comparison, Verdict
from runner.report.inputs.manifest import Manifest
from runner.report.inputs.marks import LiveMark, ProvenMark
from runner.report.model.counts import Limits

if TYPE_CHECKING:
    import datetime as dt

    from runner.account.clones import Clone
    from runner.account.registry import Lock
    from runner.report.collect.evidence import Attempt, EarlierRun
    from runner.report.inputs.base import Input
    from runner.report.model.remains import ExistingTable
    from runner.report.model.report import Report

Json = dict[str, Any]
_MODELS: dict[str, type[Input]] = {
    "manifest": Manifest,
    "verdict": Verdict,
    "comparison": Comparison,
    "changes": ChangesSummary,
    "changes_manifest": ChangesManifest,
    "base_verdict": Verdict,
    "proven": ProvenMark,
    "live": LiveMark,
}


@dataclass(frozen=True, kw_only=True)
class RawEvidence:
    """The fields of Evidence, with its documents as JSON."""

    environment: str
    account: str
    region: str
    domain: str
    run: str
    looked_at: dt.datetime
    bucket: str
    table_names: tuple[str, ...]
    limits: dict[str, dict[str, int]] = field(default_factory=dict)
    attempts: tuple[Attempt, ...] = ()
    manifest: Json | None = None
    verdict: Json | None = None
    comparison: Json | None = None
    progress: tuple[Json, ...] = ()
    changes: Json | None = None
    changes_manifest: Json | None = None
    base_verdict: Json | None = None
    proven: Json | None = None
    live: Json | None = None
    earlier: tuple[EarlierRun, ...] = ()
    repository: str = ""
    job_runs: tuple[Json, ...] = ()
    clones: tuple[Clone, ...] = ()
    locks: tuple[Lock, ...] = ()
    tables: tuple[ExistingTable, ...] = ()
    clone_class: str = ""
    problems: tuple[str, ...] = ()

    def parsed(self) -> Evidence:
        """Return the evidence that a report is built from."""
        documents: dict[str, Any] = {
            name: model.model_validate(document)
            for name, model in _MODELS.items()
            if (document := getattr(self, name)) is not None
        }
        progress = [read_job_progress(document) for document in self.progress]
        same: dict[str, Any] = {
            own.name: getattr(self, own.name)
            for own in fields(self)
            if own.name not in {*_MODELS, "limits", "progress", "job_runs"}
        }
        return Evidence(
            **same,
            **documents,
            limits={name: Limits(**maxima) for name, maxima in self.limits.items()},
            progress=tuple(job for job in progress if job is not None),
            job_runs=tuple(JobRun.model_validate(run) for run in self.job_runs),
        )


def report_of(raw: RawEvidence) -> Report:
    """Return the report of evidence."""
    return build(raw.parsed())


def document_of(raw: RawEvidence) -> dict[str, Any]:
    """Return the report of evidence as the JSON document that `migrate report` writes."""
    return as_document(report_of(raw))


def as_document(built: Report) -> dict[str, Any]:
    """Return a report as its JSON document."""
    parsed: dict[str, Any] = json.loads(json.dumps(built.as_json()))
    return parsed
