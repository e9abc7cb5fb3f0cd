"""`status`: all domains with their locks and last runs, the seal, the clones and what they cost."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from itertools import islice
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table

from runner.clones import clones, clones_table, cost_told
from runner.commands import app
from runner.environments import load_environment
from runner.executions import describe, domains, newest_first
from runner.output import EnvironmentOption, JsonOption, console, say, write_json
from runner.prices import load_prices
from runner.registry import locks, seal
from runner.words import STATUSES, duration

if TYPE_CHECKING:
    from runner.clones import Clone
    from runner.environments import Environment
    from runner.executions import Execution
    from runner.registry import Lock, Seal

_LAST_RUNS = 3


@app.command()
def status(environment: EnvironmentOption, as_json: JsonOption = False) -> None:
    """Show all domains: who holds them, their last runs, the clones with age and cost, and who may destroy them."""
    place = load_environment(environment)
    held, sealed, found, runs = locks(place), seal(place), clones(place), _runs(place)
    if as_json:
        write_json(_document(place, held, sealed, found, runs))
        return
    now = dt.datetime.now(dt.UTC)
    console.print(_runs_table(held, runs, now))
    for lock in held:
        say(_lock_told(lock, now))
    if sealed:
        who = f"{sealed.execution}, until {sealed.expires:%H:%M:%SZ}" if sealed.expires else f"run {sealed.run}"
        say(f"The clones are being destroyed for {sealed.domain} since {sealed.since:%H:%M:%SZ} by {who}.")
    if not found:
        say("There are no clones.")
        return
    console.print(clones_table(found, now))
    say(f"They cost {cost_told(found)}.")
    if not any(lock.state == "RUNNING" for lock in held) and not sealed:
        say(f"Nobody works on them. To destroy them: python -m runner release-clones --environment {place.name}")


def _runs(environment: Environment) -> dict[str, list[Execution]]:
    states = environment.client("stepfunctions")
    return {
        domain: [describe(states, arn) for arn in islice(newest_first(environment, domain), _LAST_RUNS)]
        for domain in domains(environment.catalog)
    }


def _document(
    environment: Environment,
    held: list[Lock],
    sealed: Seal | None,
    found: list[Clone],
    runs: dict[str, list[Execution]],
) -> dict[str, Any]:
    prices = load_prices()
    by_domain = {lock.domain: asdict(lock) for lock in held}
    return {
        "environment": environment.name,
        "account": environment.account,
        "domains": {
            domain: {
                "lock": by_domain.get(domain),
                "runs": [{**asdict(run), "run": run.run, "verdict": run.verdict} for run in listed],
            }
            for domain, listed in runs.items()
        },
        "seal": asdict(sealed) if sealed else None,
        "clones": [{**asdict(clone), "usdPerHour": clone.usd_per_hour} for clone in found],
        "prices": {"date": prices.date.isoformat(), "region": prices.region},
    }


def _runs_table(held: list[Lock], runs: dict[str, list[Execution]], now: dt.datetime) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("domain", "held by", "last runs", "mode", "status", "verdict", "started", "took"):
        table.add_column(column, no_wrap=column in ("started", "took"))
    holders = {lock.domain: f"{lock.run} ({lock.state.lower()})" for lock in held}
    for domain in sorted({*runs, *holders}):
        listed = runs.get(domain, [])
        table.add_row(domain, holders.get(domain, "nobody"), *_run_cells(listed[0] if listed else None, now))
        for run in listed[1:]:
            table.add_row("", "", *_run_cells(run, now))
    return table


def _run_cells(run: Execution | None, now: dt.datetime) -> list[str]:
    if run is None:
        return ["none in 90 days", "", "", "", "", ""]
    ended = f"{STATUSES.get(run.status, run.status)} {run.error}".strip()
    took = duration(((run.stopped or now) - run.started).total_seconds())
    mode = str(run.given.get("mode", "rehearsal"))
    return [run.run, mode, ended, run.verdict, f"{run.started.astimezone(dt.UTC):%Y-%m-%d %H:%MZ}", took]


def _lock_told(lock: Lock, now: dt.datetime) -> str:
    age = duration((now - lock.since).total_seconds())
    if lock.state == "RUNNING":
        return f"{lock.domain} is held by run {lock.run} for {age}: python -m runner follow {lock.execution}"
    return f"{lock.domain} is held by the failed run {lock.run}, begun {age} ago: {lock.error}: {lock.cause}"
