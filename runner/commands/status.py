"""`status`: all domains with their locks and last runs, the seal, and the clones with their cost."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from runner.account.clones import clones, cost_text, show_clones
from runner.account.domain_status import Holder, domain_statuses
from runner.account.environments import load_environment
from runner.account.prices import load_prices
from runner.account.proven import verdict_of
from runner.account.registry import seal
from runner.account.requests import OFFICIAL, mode_of
from runner.commands import app
from runner.commands.options import EnvironmentOption, JsonOption
from runner.console import console, say, write_json
from runner.formatting import clock, minute
from runner.labels import STATUSES, duration

if TYPE_CHECKING:
    from runner.account.clones import Clone
    from runner.account.domain_status import DomainStatus
    from runner.account.environments import Environment
    from runner.account.executions import Execution
    from runner.account.proven import Live, Proven
    from runner.account.registry import Seal


@app.command(epilog="Example: migrate status --environment test")
def status(environment: EnvironmentOption, as_json: JsonOption = False) -> None:
    """Show the holder and the last runs of each domain, and the clones with age, cost and the right to destroy them."""
    target = load_environment(environment)
    domains, sealed, existing = domain_statuses(target), seal(target), clones(target)
    if as_json:
        write_json(_document(target, domains, sealed, existing))
        return
    now = dt.datetime.now(dt.UTC)
    for domain in domains:
        _show_domain(target, domain, now)
    if sealed:
        who = f"{sealed.execution}, until {clock(sealed.expires)}" if sealed.expires else f"run {sealed.run}"
        say(f"The clones are being destroyed for {sealed.domain} since {clock(sealed.since)} by {who}.")
    if not existing:
        say("There are no clones.")
        return
    show_clones(existing, now, console)
    say(f"They cost {cost_text(existing)}.")
    is_used = any(domain.holder is not None and domain.holder.is_running for domain in domains)
    if not is_used and not sealed:
        say(f"No running execution uses them. To destroy them: migrate release-clones --environment {target.name}")


def _show_domain(environment: Environment, domain: DomainStatus, now: dt.datetime) -> None:
    """Write a domain's lock and its runs; each run id has its own line, so that no terminal width cuts it."""
    say(f"{domain.name}: {_held(environment, domain.holder, now)}")
    if live := _live(domain):
        say(f"  {_live_line(environment, live)}")
    for proven in domain.proven:
        say(f"  {_proven_line(environment, proven, now)}")
    for run in (*domain.runs, *domain.earlier_catch_ups):
        say(f"  {run.run}")
        say(f"    {'catch-up, ' if run.is_catch_up else ''}{_outcome(run, now)}")
        if run in domain.resumable:
            say(f"    resume it: migrate resume {run.run} --environment {environment.name}")
    if not domain.runs:
        say("  no run in the last 90 days")
    say("")


def _live(domain: DomainStatus) -> Live | None:
    """Return the domain's live mark with its current verdict."""
    official = next((proven for proven in domain.proven if proven.mode == OFFICIAL), None)
    return replace(domain.live, verdict=verdict_of(domain.live, official)) if domain.live else None


_AFTERWARDS = {
    "PENDING": "; the verdict is PENDING. Where its run ended: migrate resume {run} --environment {environment}",
    "MISMATCH": "; MISMATCH. Read the report: migrate report {run} --environment {environment}",
}


def _live_line(environment: Environment, live: Live) -> str:
    """Return the line of a live mark; an unconfirmed one blocks runs too, until the cut-over is completed."""
    if live.confirmed:
        line = f"LIVE since {live.instant} (run {live.run}, by {live.by}): no run writes to its tables any more"
        return line + _AFTERWARDS.get(live.verdict, "").format(run=live.run, environment=environment.name)
    command = f"migrate cut-over --environment {environment.name} --domain {live.domain}"
    return f"a cut-over of run {live.run} was interrupted. Complete it: {command}"


def _proven_line(environment: Environment, proven: Proven, now: dt.datetime) -> str:
    """Return the line on a mode's proof: the run, its time, and the run that has begun to write since."""
    age = duration((now - proven.proven_at).total_seconds())
    line = f"{proven.mode} tables proven {age} ago, {minute(proven.proven_at)}, by the {proven.kind} "
    line += proven.run
    if not proven.changing:
        return line
    if proven.is_broken:
        return (
            f"{line}; a verification has found that they are no longer what it proved. "
            f"Make them equal to Aurora again: migrate repair {proven.run} --environment {environment.name}"
        )
    return (
        f"{line}; {proven.changing} has begun to write since. "
        f"Resume it: migrate resume {proven.changing} --environment {environment.name}"
    )


def _outcome(run: Execution, now: dt.datetime) -> str:
    ended = f"{STATUSES.get(run.status, run.status)} {run.error}".strip()
    took = duration(((run.stopped or now) - run.started).total_seconds())
    verdict = "" if run.verdict == "NONE" else f", {run.verdict}"
    took = f"took {took}" if run.stopped else f"{took} so far"
    return f"{mode_of(run)}, {ended}{verdict}, started {minute(run.started)}, {took}"


def _held(environment: Environment, holder: Holder | None, now: dt.datetime) -> str:
    if holder is None:
        return "no run holds it"
    lock, age = holder.lock, duration((now - holder.lock.since).total_seconds())
    if holder.is_running:
        follow = f"migrate follow --environment {environment.name} {lock.execution}"
        return f"run {lock.run} has held it for {age}. Follow it: {follow}"
    if lock.state == "RUNNING":
        # The execution ended without releasing its lock: it was stopped, or it timed out.
        ended = STATUSES.get(holder.status, holder.status.lower())
        return f"run {lock.run} still holds it, begun {age} ago, but its execution {ended}; the next run takes over"
    return f"the failed run {lock.run} holds it, begun {age} ago: {lock.error}: {lock.cause}"


def _document(
    environment: Environment, domains: list[DomainStatus], sealed: Seal | None, existing: list[Clone]
) -> dict[str, Any]:
    prices = load_prices()
    return {
        "environment": environment.name,
        "account": environment.account,
        "domains": {
            domain.name: {
                "lock": {**asdict(domain.holder.lock), "executionStatus": domain.holder.status}
                if domain.holder
                else None,
                "runs": [{**_run(run), "isCatchUp": run.is_catch_up} for run in domain.runs],
                "earlierCatchUps": [_run(run) for run in domain.earlier_catch_ups],
                "resumable": [run.run for run in domain.resumable],
                "proven": {proven.mode: asdict(proven) for proven in domain.proven},
                "live": asdict(live) if (live := _live(domain)) else None,
            }
            for domain in domains
        },
        "seal": asdict(sealed) if sealed else None,
        "clones": [{**asdict(clone), "usdPerHour": clone.usd_per_hour} for clone in existing],
        "prices": {"date": prices.date.isoformat(), "region": prices.region},
    }


def _run(execution: Execution) -> dict[str, Any]:
    """Return a run's JSON object; programs read the input as `given`."""
    fields = asdict(execution)
    return {"given": fields.pop("input"), **fields, "run": execution.run, "verdict": execution.verdict}
