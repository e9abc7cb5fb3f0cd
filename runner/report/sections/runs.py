"""The run and its executions in the report: what was requested, how each attempt went, and how long it took."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner import links
from runner.formatting import iso
from runner.runbooks import section_of

if TYPE_CHECKING:
    import datetime as dt

    from runner.live.history.progress import Phase
    from runner.report.collect.evidence import Attempt, Evidence

Document = dict[str, Any]


def run(evidence: Evidence) -> Document:
    """Return what was requested, by whom, and how long it took over all attempts."""
    first, last = (evidence.attempts[0], evidence.attempts[-1]) if evidence.attempts else (None, None)
    request = last.input if last else {}
    ended = last.ended if last else None
    return {
        "id": evidence.run,
        "kind": evidence.kind,
        "domain": evidence.domain,
        "environment": evidence.environment,
        "account": evidence.account,
        "region": evidence.region,
        "mode": evidence.mode,
        "parallelism": request.get("parallelism"),
        "requestedBy": request.get("requestedBy"),
        "approvedBy": request.get("approvedBy"),
        "keepClones": request.get("keepClones"),
        "stateMachineArn": last.machine if last else None,
        "startedAt": iso(first.started) if first else None,
        "endedAt": iso(ended),
        "seconds": _between(first.started, ended) if first and ended else None,
        "elapsedSeconds": _between(first.started, ended or evidence.looked_at) if first else None,
        "dashboard": links.dashboard(evidence.region, f"migration-{evidence.environment}"),
    }


def failure(evidence: Evidence) -> Document | None:
    """Return why the newest attempt did not succeed, or None."""
    last = evidence.last
    if last is None or last.status in ("RUNNING", "SUCCEEDED"):
        return None
    error = last.error or last.status
    return {
        "error": error,
        "cause": last.cause or "The execution was ended from outside; its history says how far it came.",
        "phase": last.phases[-1].name if last.phases else None,
        "items": [
            {
                **{name: str(item[name]) for name in ("name", "error", "cause")},
                "link": links.execution(item["execution"]) if item.get("execution") else None,
            }
            for item in last.failures
        ],
        "runbook": links.runbook(section_of(error), evidence.repository),
    }


def attempt(read: Attempt, evidence: Evidence) -> Document:
    """Return an execution with its phases; of what still runs the time so far is known."""
    return {
        "name": read.name,
        "kind": read.kind,
        "arn": read.arn,
        "link": links.execution(read.arn),
        "status": read.status,
        "error": read.error or None,
        "startedAt": iso(read.started),
        "endedAt": iso(read.ended),
        "seconds": _between(read.started, read.ended) if read.ended else None,
        "elapsedSeconds": _between(read.started, read.ended or evidence.looked_at),
        "phases": [_phase(phase, read, evidence.looked_at) for phase in read.phases],
    }


def _phase(phase: Phase, of: Attempt, now: dt.datetime) -> Document:
    is_last = phase is of.phases[-1]
    running = is_last and of.status == "RUNNING"
    return {
        "name": phase.name,
        "startedAt": iso(phase.began),
        "endedAt": iso(phase.ended),
        "seconds": _between(phase.began, phase.ended) if phase.ended else None,
        "elapsedSeconds": _between(phase.began, phase.ended or now),
        "outcome": "running" if running else "failed" if is_last and of.status != "SUCCEEDED" else "done",
    }


def _between(began: dt.datetime, ended: dt.datetime) -> float:
    """Return seconds, never less than none: AWS's clocks and ours differ."""
    return max(0.0, round((ended - began).total_seconds(), 1))
