"""`cut-over`: mark a proven domain live, so that no run ever writes to its tables again."""

from __future__ import annotations

import datetime as dt
import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from runner.approving import ApprovedByOption, refuse_unapproved
from runner.commands import app
from runner.confirming import confirm
from runner.cut_over_checks import refuse_runs, refuse_unproven, table_states
from runner.cutting_over import mark_live, settle_tables, wait_out_exports
from runner.environments import load_environment
from runner.errors import UsageError
from runner.executions import domains
from runner.functions import Functions
from runner.output import EnvironmentOption, JsonOption, complain, say, write_json
from runner.proven import read_live, read_proven

if TYPE_CHECKING:
    from runner.environments import Environment
    from runner.proven import Proven


@app.command("cut-over", epilog="Example: migrate cut-over --environment prod --domain rates")
def cut_over(
    environment: EnvironmentOption,
    domain: Annotated[str, typer.Option(help="The domain whose application switches to DynamoDB.")],
    max_age_hours: Annotated[float, typer.Option(min=0, help="How old the last MATCH may be.")] = 24,
    approved_by: ApprovedByOption = None,
    yes: Annotated[str, typer.Option("--yes", metavar="DOMAIN", help="The domain again, instead of typing it.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Mark a domain live after its last MATCH: no run ever writes to, replaces or deletes its tables again.

    Checks that the last official run matched, that nobody runs, and that the tables are the proven ones. An
    interrupted cut-over is completed by calling it again. Only an administrator undoes it (docs/cut-over.md).
    """
    target = load_environment(environment)
    if domain not in domains(target.catalog):
        raise UsageError(f"{domain!r} is no domain of {target.name}: {', '.join(domains(target.catalog))}")
    if yes and yes != domain:
        raise UsageError(f"--yes {yes} is not the domain {domain}; nothing was done")
    refuse_unapproved(target, f"the cut-over of {domain}", getpass.getuser(), approved_by)
    proven, live = read_proven(target, domain, "official"), read_live(target, domain)
    if live is not None and live.confirmed and proven is not None:
        _complete(target, proven, live.instant, as_json=as_json)
        return
    proven = refuse_unproven(proven, domain, dt.timedelta(hours=max_age_hours), dt.datetime.now(dt.UTC))
    refuse_runs(target, proven)
    tables = table_states(target, proven)
    names = ", ".join(table.table_name for table in tables)
    confirm(
        f"This marks {domain} in {target.name}, account {target.account}, live as the run {proven.run} proved it at "
        f"{proven.proven_at:%Y-%m-%d %H:%MZ}: no run writes to {names} any more. Only an administrator undoes it. ",
        [domain],
        yes=bool(yes),
    )
    wait_out_exports(tables, complain if as_json else say, dt.datetime.now(dt.UTC))
    instant = mark_live(Functions(target), domain, proven.run, dt.datetime.now(dt.UTC), approved_by=approved_by or "")
    _complete(target, proven, instant, as_json=as_json)


def _complete(environment: Environment, proven: Proven, instant: str, *, as_json: bool) -> None:
    """Tag and protect the tables of a live domain, and say what to do next."""
    tables = table_states(environment, proven, exports=False)
    protected = settle_tables(environment, tables, instant)
    names = [table.table_name for table in tables]
    if as_json:
        write_json(
            {
                "domain": proven.domain,
                "live": instant,
                "run": proven.run,
                "provenAt": proven.proven_at,
                "tables": names,
                "protected": protected,
            }
        )
        return
    say(f"{proven.domain} is live since {instant}, as the run {proven.run} proved it at {proven.proven_at:%H:%M:%SZ}.")
    say(f"  tagged migration:live: {', '.join(names)}")
    if protected:
        say(f"  protected from deletion: {', '.join(protected)}")
    say("Switch the readers to DynamoDB, then the writers; keep the source clusters until you need no way back.")
    say("  the steps, and the way back: docs/cut-over.md")
