"""The report as one document: docs/report.schema.json says what each field means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner import links
from runner.formatting import iso
from runner.report.sections import (
    changes,
    cost,
    extracts,
    job_stages,
    next_steps,
    outcome,
    reach,
    runs,
    snapshots,
    tables,
)

if TYPE_CHECKING:
    import datetime as dt

    from runner.account.clones import Clone
    from runner.report.collect.evidence import Evidence

SCHEMA_VERSION = 2
Document = dict[str, Any]


def build(evidence: Evidence) -> Document:
    """Return the report of a run."""
    sources = extracts.build(evidence)
    witness = extracts.witness(evidence, sources)
    per_table = tables.build(evidence, sources)
    places = _places(evidence)
    verdict = str((evidence.verdict or {}).get("verdict") or "NONE")
    document = {
        "schemaVersion": SCHEMA_VERSION,
        "generatedAt": iso(evidence.looked_at),
        "verdict": verdict,
        "status": evidence.last.status if evidence.last else "UNKNOWN",
        "outcome": {},
        "headline": "",
        "run": runs.run(evidence),
        "failure": runs.failure(evidence),
        "next": [],
        "tables": per_table,
        "totals": tables.totals(per_table),
        "changes": changes.build(evidence),
        "state": changes.state(evidence),
        "earlier": changes.earlier(evidence),
        "extracts": sources,
        "witness": witness,
        "snapshots": snapshots.build(evidence),
        "attempts": [runs.attempt(attempt, evidence) for attempt in evidence.attempts],
        "jobs": _jobs(evidence),
        "progress": job_stages.build(evidence),
        "remains": _remains(evidence),
        "cost": cost.build(evidence),
        "versions": _versions(evidence),
        "places": places,
        "placeLinks": {name: uri and links.s3(evidence.region, uri) for name, uri in places.items()},
        "notes": _notes(evidence),
    }
    document["outcome"] = outcome.outcome(document)
    document["headline"] = outcome.headline(document, reach.source(evidence))
    document["next"] = next_steps.next_steps(document, evidence.repository)
    return document


def _jobs(evidence: Evidence) -> list[Document]:
    """Return the Spark job runs of all attempts, with their own phases where they said them."""
    said = {
        "bootstrap": evidence.manifest or {},
        "delta": evidence.changes or {},
        "compare": evidence.comparison or {},
    }
    entries = []
    for run in evidence.job_runs:
        job = next(
            (name for name in ("delta", "compare") if f"{evidence.domain}-{name}-" in run.get("name", "")), "bootstrap"
        )
        own = run.get("name", "").endswith(str(said.get(job, {}).get("attempt") or "(none)"))
        billed = run.get("billedResourceUtilization") or {}
        entries.append(
            {
                "job": job,
                "jobRunId": run["jobRunId"],
                "applicationId": run["applicationId"],
                "state": run["state"],
                "seconds": run.get("totalExecutionDurationSeconds"),
                "billedVcpuHours": billed.get("vCPUHour"),
                "billedMemoryGbHours": billed.get("memoryGBHour"),
                "phaseSeconds": said.get(job, {}).get("phases", {}) if own else {},
                "links": _job_links(evidence, run["applicationId"], run["jobRunId"]),
            }
        )
    return entries


def _job_links(evidence: Evidence, application: str, job_run: str) -> Document:
    region, prefix = evidence.region, f"migration-{evidence.environment}"
    return {
        "application": links.spark_applications(region),
        "driverLog": links.driver_log(region, f"/aws/emr-serverless/{prefix}-spark", application, job_run),
        "logFiles": links.s3(region, links.log_files(evidence.bucket, application, job_run)),
    }


def _remains(evidence: Evidence) -> Document:
    costs = [clone.usd_per_hour for clone in evidence.clones]
    return {
        "clones": [
            {
                "name": clone.name,
                "source": clone.source,
                "run": clone.run or None,
                "domain": clone.domain or None,
                "mode": clone.mode or None,
                "ageSeconds": _age(clone, evidence.looked_at),
                "status": clone.status,
                "createdAt": iso(clone.created),
                "instanceClasses": list(clone.classes),
                "usdPerHour": clone.usd_per_hour,
            }
            for clone in evidence.clones
        ],
        "clonesUsdPerHour": None if None in costs else round(sum(cost or 0 for cost in costs), 4),
        "heldBy": [
            {"domain": lock.domain, "run": lock.run, "state": lock.state, "since": iso(lock.since)}
            for lock in evidence.locks
        ],
        "tables": [dict(table) for table in evidence.tables],
    }


def _age(clone: Clone, now: dt.datetime) -> float | None:
    return None if clone.created is None else max(0.0, round((now - clone.created).total_seconds(), 1))


def _versions(evidence: Evidence) -> Document:
    identity = evidence.verdict or evidence.manifest or {}
    request = evidence.last.input if evidence.last else {}
    labels = {str(run["releaseLabel"]) for run in evidence.job_runs if run.get("releaseLabel")}
    return {
        "release": identity.get("release"),
        "commit": identity.get("commit") or None,
        "jar": identity.get("jar") or request.get("jarKey"),
        "catalogHash": identity.get("specHash"),
        "emrRelease": ", ".join(sorted(labels)) or None,
    }


def _places(evidence: Evidence) -> Document:
    """Return where the run's own documents lie; None for what is not there."""
    base, below = f"s3://{evidence.bucket}", f"{evidence.domain}/{evidence.run}"
    return {
        "verdict": f"{base}/{evidence.reports}/verdict.json" if evidence.verdict else None,
        "comparison": f"{base}/{evidence.reports}/report.json" if evidence.comparison else None,
        "differences": f"{base}/{evidence.reports}/mismatches/" if _differs(evidence) else None,
        "manifest": f"{base}/processed/{below}/manifest.json" if evidence.manifest else None,
        "rejects": f"{base}/rejects/{below}/" if _rejected(evidence) else None,
        "logs": f"{base}/logs/" if evidence.job_runs else None,
        "changes": f"{base}/changes/{below}/" if evidence.changes else None,
        "conflicts": f"{base}/conflicts/{below}/" if any(_conflicts(evidence)) else None,
    }


def _conflicts(evidence: Evidence) -> list[int]:
    return [writes["conflicts"] for attempt in evidence.attempts for writes in attempt.writes.values()]


def _differs(evidence: Evidence) -> bool:
    return (evidence.verdict or {}).get("verdict") == "MISMATCH"


def _rejected(evidence: Evidence) -> bool:
    return any(table["rejected"] for table in (evidence.manifest or {}).get("tables", {}).values())


def _notes(evidence: Evidence) -> list[str]:
    notes = [*evidence.problems, *reach.notes(evidence)]
    if not evidence.attempts:
        notes.append("No execution of this run is known any more: Step Functions keeps them for 90 days.")
    verdict_of = (evidence.verdict or {}).get("attempt")
    if evidence.last and verdict_of and verdict_of != evidence.last.name:
        notes.append(f"The verdict is of the attempt {verdict_of}; the newest one is {evidence.last.name}.")
    return notes
