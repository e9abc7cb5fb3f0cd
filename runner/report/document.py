"""Build the report of a run from its evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner import links
from runner.formatting import iso
from runner.report.model.report import Locations, Outcome, Report, Versions
from runner.report.sections import (
    changes,
    cost,
    extracts,
    job_runs,
    job_stages,
    next_steps,
    outcome,
    reach,
    remains,
    runs,
    snapshots,
    tables,
)

if TYPE_CHECKING:
    from runner.report.collect.evidence import Evidence

_NO_OUTCOME = Outcome(kind="unknown", title="", tone="none")


def build(evidence: Evidence) -> Report:
    """Return the report of a run."""
    sources = extracts.build(evidence)
    per_table = tables.build(evidence, sources)
    locations = _locations(evidence)
    report = Report(
        schema_version=2,
        generated_at=iso(evidence.looked_at),
        verdict=(evidence.verdict.verdict if evidence.verdict else None) or "NONE",
        status=evidence.last.status if evidence.last else "UNKNOWN",
        outcome=_NO_OUTCOME,
        headline="",
        run=runs.run(evidence),
        failure=runs.failure(evidence),
        next_steps=(),
        tables=per_table,
        totals=tables.totals(per_table),
        changes=changes.build(evidence),
        state=changes.state(evidence),
        earlier=changes.earlier(evidence),
        extracts=sources,
        witness=extracts.witness(evidence, sources),
        snapshots=snapshots.build(evidence),
        attempts=tuple(runs.attempt(attempt, evidence) for attempt in evidence.attempts),
        jobs=job_runs.build(evidence),
        progress=job_stages.build(evidence),
        remains=remains.build(evidence),
        cost=cost.build(evidence),
        versions=_versions(evidence),
        locations=locations,
        location_links=Locations(
            **{name: uri and links.s3(evidence.region, uri) for name, uri in dict(locations).items()}
        ),
        notes=_notes(evidence),
    )
    # These three are drawn from all the others.
    return report.model_copy(
        update={
            "outcome": outcome.outcome(report),
            "headline": outcome.headline(report, reach.source(evidence)),
            "next_steps": next_steps.next_steps(report, evidence.repository),
        }
    )


def _versions(evidence: Evidence) -> Versions:
    identity = evidence.verdict or evidence.manifest
    requested = evidence.last.input.jar_key if evidence.last else None
    labels = {run.release_label for run in evidence.job_runs if run.release_label}
    return Versions(
        release=identity.release if identity else None,
        commit=(identity.commit if identity else None) or None,
        jar=(identity.jar if identity else None) or requested,
        catalog_hash=identity.spec_hash if identity else None,
        emr_release=", ".join(sorted(labels)) or None,
    )


def _locations(evidence: Evidence) -> Locations:
    """Return the addresses of the run's own documents; None for a document that does not exist."""
    base, below = f"s3://{evidence.bucket}", f"{evidence.domain}/{evidence.run}"
    differs = evidence.verdict is not None and evidence.verdict.verdict == "MISMATCH"
    rejected = evidence.manifest is not None and any(table.rejected for table in evidence.manifest.tables.values())
    writes = [counts for attempt in evidence.attempts for counts in attempt.writes.values()]
    return Locations(
        verdict=f"{base}/{evidence.reports}/verdict.json" if evidence.verdict else None,
        comparison=f"{base}/{evidence.reports}/report.json" if evidence.comparison else None,
        differences=f"{base}/{evidence.reports}/mismatches/" if differs else None,
        manifest=f"{base}/processed/{below}/manifest.json" if evidence.manifest else None,
        rejects=f"{base}/rejects/{below}/" if rejected else None,
        logs=f"{base}/logs/" if evidence.job_runs else None,
        changes=f"{base}/changes/{below}/" if evidence.changes else None,
        conflicts=f"{base}/conflicts/{below}/" if any(counts["conflicts"] for counts in writes) else None,
    )


def _notes(evidence: Evidence) -> tuple[str, ...]:
    notes = [*evidence.problems, *reach.notes(evidence)]
    if not evidence.attempts:
        notes.append("No execution of this run is known any more: Step Functions keeps them for 90 days.")
    verdict_of = evidence.verdict.attempt if evidence.verdict else None
    if evidence.last and verdict_of and verdict_of != evidence.last.name:
        notes.append(f"The verdict is of the attempt {verdict_of}; the newest one is {evidence.last.name}.")
    return tuple(notes)
