"""`cut-over`: mark a domain live, so that no run ever writes to its tables again."""

from __future__ import annotations

import datetime as dt
import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from runner.account.approval import refuse_unapproved
from runner.account.environments import load_environment
from runner.account.executions import domains
from runner.account.functions import Functions
from runner.account.proven import MATCH, MISMATCH, PENDING, Live, read_live, read_proven, verdict_of
from runner.commands import app
from runner.commands.confirmation import confirm
from runner.commands.cut_over.checks import refuse_runs, refuse_unproven, table_states
from runner.commands.cut_over.last_verification import last_catch_up, wait_until_applied
from runner.commands.cut_over.marks import mark_live, settle_tables, wait_out_exports
from runner.commands.options import ApprovedByOption, EnvironmentOption, JsonOption
from runner.console import complain, console, say, write_json
from runner.errors import UsageError
from runner.formatting import clock, minute, second
from runner.live.poll import follow
from runner.live.views.progress_views import view_for

if TYPE_CHECKING:
    from runner.account.environments import Environment
    from runner.account.proven import Proven

VERDICTS = {
    MATCH: "{domain}: MATCH. The tables held, at the instant of the cut-over, exactly what the clusters held.",
    MISMATCH: "{domain}: MISMATCH AFTER GOING LIVE. The tables lacked or had something at the instant of the cut-over. "
    "Nothing was changed, and nothing of this system writes to them. Read the report now: migrate report {run} "
    "--environment {environment}; and decide about the way back (docs/cut-over.md)",
    PENDING: "{domain} is live, and its verdict is still to come: the run ended before. Resume it, which exports and "
    "compares alone: migrate resume {run} --environment {environment}",
}


@app.command("cut-over", epilog="Example: migrate cut-over --environment prod --domain rates")
def cut_over(
    environment: EnvironmentOption,
    domain: Annotated[str, typer.Option(help="The domain to cut over.")],
    max_age_hours: Annotated[float, typer.Option(min=0, help="The greatest age of the last MATCH.")] = 24,
    approved_by: ApprovedByOption = None,
    verify_after: Annotated[
        bool,
        typer.Option(help="Go live once the running catch-up has applied every change; its verdict follows."),
    ] = False,
    yes: Annotated[str, typer.Option("--yes", metavar="DOMAIN", help="The domain again, instead of typing it.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Mark a domain live after its last MATCH: no run ever writes to, replaces or deletes its tables again.

    The command checks that the last official run matched, that no run is active, and that the tables are the proven
    ones. With --verify-after, writes need not stop while tables are exported and compared. Call the command again to
    complete an interrupted cut-over. Only an administrator can undo a cut-over (docs/cut-over.md).
    """
    target = load_environment(environment)
    if domain not in domains(target.catalog):
        raise UsageError(f"{domain!r} is not a domain of {target.name}: {', '.join(domains(target.catalog))}")
    if yes and yes != domain:
        raise UsageError(f"--yes {yes} is not the domain {domain}; nothing was done")
    refuse_unapproved(target, f"the cut-over of {domain}", getpass.getuser(), approved_by)
    proven, live = read_proven(target, domain, "official"), read_live(target, domain)
    if live is not None and live.confirmed and proven is not None:
        _complete(target, proven, live, as_json=as_json)
        return
    if verify_after:
        _go_ahead(target, proven, domain, approved_by or "", yes=bool(yes), as_json=as_json)
        return
    proven = refuse_unproven(target, proven, domain, dt.timedelta(hours=max_age_hours), dt.datetime.now(dt.UTC))
    refuse_runs(target, proven)
    tables = table_states(target, proven)
    names = ", ".join(table.table_name for table in tables)
    confirm(
        f"This marks {domain} in {target.name}, account {target.account}, live as the run {proven.run} proved it at "
        f"{minute(proven.proven_at)}: no run writes to {names} any more. Only an administrator undoes it.",
        [domain],
        yes=bool(yes),
        option=f"--yes {domain}",
    )
    wait_out_exports(tables, complain if as_json else say, dt.datetime.now(dt.UTC))
    instant = mark_live(Functions(target), domain, proven.run, dt.datetime.now(dt.UTC), approved_by=approved_by or "")
    _complete(target, proven, Live(domain, proven.run, instant, "", confirmed=True), as_json=as_json)


def _go_ahead(
    environment: Environment, proven: Proven | None, domain: str, approved_by: str, *, yes: bool, as_json: bool
) -> None:
    """Mark a domain live once its catch-up has applied every change, and follow the catch-up to its verdict."""
    if proven is None:
        raise UsageError(f"no official run of {domain} has matched: there is nothing to cut over")
    lock, tell = last_catch_up(environment, domain), complain if as_json else say
    confirm(
        f"This marks {domain} in {environment.name}, account {environment.account}, live as soon as the catch-up "
        f"{lock.run} has applied every change, before its verdict. It carries nothing that was written to the source "
        f"clusters after it began, {second(lock.began or lock.since)}: every writer must have stopped "
        "before. Only an administrator undoes it.",
        [domain],
        yes=yes,
        option=f"--yes {domain}",
    )
    wait_until_applied(environment, lock, tell)
    table_states(environment, proven, exports=False)  # fails on replaced tables before the cut-over marks anything
    instant = mark_live(
        Functions(environment), domain, lock.run, dt.datetime.now(dt.UTC), approved_by=approved_by, verify_after=True
    )
    _complete(
        environment, proven, Live(domain, lock.run, instant, "", confirmed=True, verdict=PENDING), as_json=as_json
    )
    if not as_json:
        _follow_to_verdict(environment, domain, lock.execution)


def _follow_to_verdict(environment: Environment, domain: str, execution: str) -> None:
    """Follow the run of a live domain to its end, and end with exit code 1 unless it matched."""
    with view_for(console) as view:
        follow(environment.client("stepfunctions"), [execution], view)
    live = read_live(environment, domain)
    verdict = verdict_of(live, read_proven(environment, domain, "official")) if live else PENDING
    say(VERDICTS[verdict].format(domain=domain, environment=environment.name, run=live.run if live else ""))
    if verdict != MATCH:
        raise typer.Exit(1)


def _complete(environment: Environment, proven: Proven, live: Live, *, as_json: bool) -> None:
    """Tag and protect the tables of a live domain, and print the next steps."""
    instant, verdict = live.instant, verdict_of(live, proven)
    tables = table_states(environment, proven, exports=False)
    protected = settle_tables(environment, tables, instant)
    names = [table.table_name for table in tables]
    if as_json:
        write_json(
            {
                "domain": proven.domain,
                "live": instant,
                "run": live.run,
                "provenAt": proven.proven_at if verdict == MATCH else None,
                "verdict": verdict,
                "tables": names,
                "protected": protected,
            }
        )
        return
    proof = f"proved it at {clock(proven.proven_at)}" if verdict == MATCH else f"applied it; its verdict: {verdict}"
    say(f"{proven.domain} is live since {instant}, as the run {live.run} {proof}.")
    say(f"  tagged migration:live: {', '.join(names)}")
    if protected:
        say(f"  protected from deletion: {', '.join(protected)}")
    say("Switch the readers to DynamoDB, then the writers; keep the source clusters until you need no way back.")
    say("  the steps, and the way back: docs/cut-over.md")
