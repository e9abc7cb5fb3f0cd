"""The run, its executions and its failure in the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner import links
from runner.formatting import iso
from runner.report.inputs.execution import Request
from runner.report.model.run import Attempt, FailedItem, Failure, Phase, Run
from runner.runbooks import section_of

if TYPE_CHECKING:
    import datetime as dt

    from runner.live.history import progress
    from runner.report.collect import evidence as evidence_of
    from runner.report.collect.evidence import Evidence


def run(evidence: Evidence) -> Run:
    """Return the request, who made it, and the duration over all attempts."""
    first, last = (evidence.attempts[0], evidence.attempts[-1]) if evidence.attempts else (None, None)
    request = last.input if last else Request()
    ended = last.ended if last else None
    return Run(
        id=evidence.run,
        kind=evidence.kind,
        domain=evidence.domain,
        environment=evidence.environment,
        account=evidence.account,
        region=evidence.region,
        mode=evidence.mode,
        parallelism=request.parallelism,
        requested_by=request.requested_by,
        approved_by=request.approved_by,
        keep_clones=request.keep_clones,
        state_machine_arn=last.machine if last else None,
        started_at=iso(first.started) if first else None,
        ended_at=iso(ended),
        seconds=_between(first.started, ended) if first and ended else None,
        elapsed_seconds=_between(first.started, ended or evidence.looked_at) if first else None,
        dashboard=links.dashboard(evidence.region, f"migration-{evidence.environment}"),
    )


def failure(evidence: Evidence) -> Failure | None:
    """Return the failure of the newest attempt, or None if it succeeded or is running."""
    last = evidence.last
    if last is None or last.status in ("RUNNING", "SUCCEEDED"):
        return None
    error = last.error or last.status
    return Failure(
        error=error,
        cause=last.cause or "The execution was stopped from outside; its history shows how far it got.",
        phase=last.phases[-1].name if last.phases else None,
        items=tuple(
            FailedItem(
                name=item.name,
                error=item.error,
                cause=item.cause,
                link=links.execution(item.execution) if item.execution else None,
            )
            for item in last.failures
        ),
        runbook=links.runbook(section_of(error), evidence.repository),
    )


def attempt(execution: evidence_of.Attempt, evidence: Evidence) -> Attempt:
    """Return an execution with its phases; the time of one that is running is the time so far."""
    return Attempt(
        name=execution.name,
        kind=execution.kind,
        arn=execution.arn,
        link=links.execution(execution.arn),
        status=execution.status,
        error=execution.error or None,
        started_at=iso(execution.started),
        ended_at=iso(execution.ended),
        seconds=_between(execution.started, execution.ended) if execution.ended else None,
        elapsed_seconds=_between(execution.started, execution.ended or evidence.looked_at),
        phases=tuple(_phase(phase, execution, evidence.looked_at) for phase in execution.phases),
    )


def _phase(phase: progress.Phase, of: evidence_of.Attempt, now: dt.datetime) -> Phase:
    is_last = phase is of.phases[-1]
    running = is_last and of.status == "RUNNING"
    return Phase(
        name=phase.name,
        started_at=iso(phase.began),
        ended_at=iso(phase.ended),
        seconds=_between(phase.began, phase.ended) if phase.ended else None,
        elapsed_seconds=_between(phase.began, phase.ended or now),
        outcome="running" if running else "failed" if is_last and of.status != "SUCCEEDED" else "done",
    )


def _between(began: dt.datetime, ended: dt.datetime) -> float:
    """Return seconds, never less than 0: AWS's clocks and ours differ."""
    return max(0.0, round((ended - began).total_seconds(), 1))
