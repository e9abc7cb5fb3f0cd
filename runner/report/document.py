"""The report as one document: docs/report.schema.json says what each field means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.report import advice, cost, extracts, job_stages, snapshots, tables
from runner.report.text import iso

if TYPE_CHECKING:
    import datetime as dt

    from runner.clones import Clone
    from runner.progress import Phase
    from runner.report.evidence import Attempt, Evidence

SCHEMA_VERSION = 2
Document = dict[str, Any]


def build(evidence: Evidence) -> Document:
    """Return the report of a run."""
    sources = extracts.build(evidence)
    witness = extracts.witness(evidence, sources)
    verdict = str((evidence.verdict or {}).get("verdict") or "NONE")
    document = {
        "schemaVersion": SCHEMA_VERSION,
        "generatedAt": iso(evidence.looked_at),
        "verdict": verdict,
        "status": evidence.last.status if evidence.last else "UNKNOWN",
        "headline": "",
        "run": _run(evidence),
        "failure": _failure(evidence),
        "next": [],
        "tables": tables.build(evidence, sources),
        "extracts": sources,
        "witness": witness,
        "snapshots": snapshots.build(evidence),
        "attempts": [_attempt(attempt) for attempt in evidence.attempts],
        "jobs": _jobs(evidence),
        "progress": job_stages.build(evidence),
        "remains": _remains(evidence),
        "cost": cost.build(evidence),
        "versions": _versions(evidence),
        "places": _places(evidence),
        "notes": _notes(evidence),
    }
    document["headline"] = advice.headline(document)
    document["next"] = advice.next_steps(document)
    return document


def _run(evidence: Evidence) -> Document:
    first, last = (evidence.attempts[0], evidence.attempts[-1]) if evidence.attempts else (None, None)
    given = last.given if last else {}
    identity = evidence.verdict or evidence.manifest or {}
    ended = last.ended if last else None
    return {
        "id": evidence.run,
        "domain": evidence.domain,
        "environment": evidence.environment,
        "account": evidence.account,
        "region": evidence.region,
        "mode": given.get("mode") or identity.get("mode") or "rehearsal",
        "parallelism": given.get("parallelism"),
        "requestedBy": given.get("requestedBy"),
        "approvedBy": given.get("approvedBy"),
        "keepClones": given.get("keepClones"),
        "stateMachineArn": last.machine if last else None,
        "startedAt": iso(first.started) if first else None,
        "endedAt": iso(ended),
        "seconds": round((ended - first.started).total_seconds(), 1) if first and ended else None,
    }


def _failure(evidence: Evidence) -> Document | None:
    """Return why the newest attempt did not succeed, or None."""
    last = evidence.last
    if last is None or last.status in ("RUNNING", "SUCCEEDED"):
        return None
    return {
        "error": last.error or last.status,
        "cause": last.cause or "The execution was ended from outside; its history says how far it came.",
        "phase": last.phases[-1].name if last.phases else None,
        "items": [{name: str(item[name]) for name in ("name", "error", "cause")} for item in last.failures],
    }


def _attempt(attempt: Attempt) -> Document:
    return {
        "name": attempt.name,
        "arn": attempt.arn,
        "status": attempt.status,
        "error": attempt.error or None,
        "startedAt": iso(attempt.started),
        "endedAt": iso(attempt.ended),
        "seconds": round((attempt.ended - attempt.started).total_seconds(), 1) if attempt.ended else None,
        "phases": [_phase(phase, attempt) for phase in attempt.phases],
    }


def _phase(phase: Phase, attempt: Attempt) -> Document:
    is_last = phase is attempt.phases[-1]
    running = is_last and attempt.status == "RUNNING"
    return {
        "name": phase.name,
        "startedAt": iso(phase.began),
        "endedAt": iso(phase.ended),
        "seconds": round((phase.ended - phase.began).total_seconds(), 1) if phase.ended else None,
        "outcome": "running" if running else "failed" if is_last and attempt.status != "SUCCEEDED" else "done",
    }


def _jobs(evidence: Evidence) -> list[Document]:
    """Return the Spark job runs of all attempts, with their own phases where they said them."""
    said = {"bootstrap": evidence.manifest or {}, "compare": evidence.comparison or {}}
    found = []
    for run in evidence.job_runs:
        job = next(
            (name for name in ("delta", "compare") if f"{evidence.domain}-{name}-" in run.get("name", "")), "bootstrap"
        )
        own = run.get("name", "").endswith(str(said.get(job, {}).get("attempt") or "(none)"))
        billed = run.get("billedResourceUtilization") or {}
        found.append(
            {
                "job": job,
                "jobRunId": run["jobRunId"],
                "applicationId": run["applicationId"],
                "state": run["state"],
                "seconds": run.get("totalExecutionDurationSeconds"),
                "billedVcpuHours": billed.get("vCPUHour"),
                "billedMemoryGbHours": billed.get("memoryGBHour"),
                "phaseSeconds": said.get(job, {}).get("phases", {}) if own else {},
            }
        )
    return found


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
    given = evidence.last.given if evidence.last else {}
    labels = {str(run["releaseLabel"]) for run in evidence.job_runs if run.get("releaseLabel")}
    return {
        "release": identity.get("release"),
        "commit": identity.get("commit") or None,
        "jar": identity.get("jar") or given.get("jarKey"),
        "catalogHash": identity.get("specHash"),
        "emrRelease": ", ".join(sorted(labels)) or None,
    }


def _places(evidence: Evidence) -> Document:
    """Return where the run's own documents lie; None for what is not there."""
    base, below = f"s3://{evidence.bucket}", f"{evidence.domain}/{evidence.run}"
    return {
        "verdict": f"{base}/reports/{below}/verdict.json" if evidence.verdict else None,
        "comparison": f"{base}/reports/{below}/report.json" if evidence.comparison else None,
        "differences": f"{base}/reports/{below}/mismatches/" if _differs(evidence) else None,
        "manifest": f"{base}/processed/{below}/manifest.json" if evidence.manifest else None,
        "rejects": f"{base}/rejects/{below}/" if _rejected(evidence) else None,
        "logs": f"{base}/logs/" if evidence.job_runs else None,
    }


def _differs(evidence: Evidence) -> bool:
    return (evidence.verdict or {}).get("verdict") == "MISMATCH"


def _rejected(evidence: Evidence) -> bool:
    return any(table["rejected"] for table in (evidence.manifest or {}).get("tables", {}).values())


def _notes(evidence: Evidence) -> list[str]:
    notes = list(evidence.problems)
    if not evidence.attempts:
        notes.append("No execution of this run is known any more: Step Functions keeps them for 90 days.")
    verdict_of = (evidence.verdict or {}).get("attempt")
    if evidence.last and verdict_of and verdict_of != evidence.last.name:
        notes.append(f"The verdict is of the attempt {verdict_of}; the newest one is {evidence.last.name}.")
    return notes
