"""Watch executions in a command: show them, and end the command as they ended."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer

from runner.environments import domain_of
from runner.expectation import expect
from runner.failure_advice import REFUSED, advice
from runner.following import follow
from runner.job_documents import JobDocuments
from runner.output import DONE, FAILED, INTERRUPTED, complain, console, errors, say, write_json
from runner.views import view_for
from runner.words import STATUSES, VERDICTS

if TYPE_CHECKING:
    import datetime as dt

    from runner.environments import Environment
    from runner.progress import Progress


def watch(
    environment: Environment, arns: list[str], *, for_minutes: float | None = None, as_json: bool = False
) -> None:
    """Follow executions and end the command as they ended; after the limit, as if it had been interrupted."""
    limit = None if for_minutes is None else for_minutes * 60
    try:
        expected = {arn: expect(environment, domain_of(arn), besides=arn) for arn in arns}

        def told(progress: Progress, now: dt.datetime) -> str:
            return expected[progress.arn].told(progress, now)

        with view_for(errors if as_json else console, told) as view:
            jobs = JobDocuments(environment)
            states = environment.client("stepfunctions")
            watched = follow(states, arns, view, limit_seconds=limit, look_at_job=jobs.look)
    except KeyboardInterrupt:
        _detached(environment, arns, "detached")
        raise typer.Exit(INTERRUPTED) from None
    if as_json:
        write_json({"executions": [document(progress) for progress in watched]})
    for progress in watched:
        _tell_end(environment, progress, as_json=as_json)
    raise typer.Exit(_exit_code(environment, watched, for_minutes))


def document(progress: Progress) -> dict[str, Any]:
    """Return what is known of an execution."""
    return {
        "arn": progress.arn,
        "domain": progress.domain,
        "run": progress.run,
        "mode": progress.given.get("mode", "rehearsal"),
        "status": progress.status,
        "started": progress.started,
        "stopped": progress.stopped,
        "phases": [{"name": p.name, "began": p.began, "ended": p.ended} for p in progress.phases],
        "clones": progress.clones,
        "clonesCreated": progress.cloned,
        "tables": {
            name: {"stage": progress.tables.get(name, ""), **progress.counts.get(name, {})}
            for name in sorted({*progress.tables, *progress.counts})
        },
        "job": asdict(progress.job) if progress.job else None,
        "error": progress.error,
        "cause": progress.cause,
        "output": progress.output,
    }


def _tell_end(environment: Environment, progress: Progress, *, as_json: bool) -> None:
    status = STATUSES.get(progress.status, progress.status)
    if progress.status == "SUCCEEDED" and not as_json:
        verdict = str(progress.output.get("verdict"))
        say(f"{progress.domain}: {verdict}: {VERDICTS.get(verdict, 'not known')}")
        say(f"clones: {progress.output.get('clones')}")
        say(f"report: {progress.output.get('report')}")
    elif progress.status not in ("SUCCEEDED", "RUNNING"):
        told = f"{progress.error}: {progress.cause}" if progress.error else status
        complain(f"{progress.domain}: {told}")
        for line in _next_steps(environment, progress):
            complain(line)


def _next_steps(environment: Environment, progress: Progress) -> list[str]:
    """Return what a person does next about an execution that failed."""
    if not progress.error:
        return [_resume(environment, progress)]
    known = advice(progress.error, progress.domain)
    steps = [f"{known.todo}."]
    if known.new_clones:
        steps.append(f"Release the clones: migrate release-clones --environment {environment.name}")
    return steps if progress.error in REFUSED else [*steps, _resume(environment, progress)]


def _resume(environment: Environment, progress: Progress) -> str:
    return f"Resume with: migrate resume {progress.run} --environment {environment.name}"


def _exit_code(environment: Environment, watched: list[Progress], for_minutes: float | None) -> int:
    open_ones = [progress.arn for progress in watched if progress.status == "RUNNING"]
    if open_ones:
        _detached(environment, open_ones, f"not ended after {for_minutes:g} minutes")
        return INTERRUPTED
    return DONE if all(progress.status == "SUCCEEDED" for progress in watched) else FAILED


def _detached(environment: Environment, arns: list[str], why: str) -> None:
    names = " ".join(arns)
    complain(f"{why}; the migration goes on. Follow it again: migrate follow --environment {environment.name} {names}")
