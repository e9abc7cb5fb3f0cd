"""`catch-up`: write the changes since the last run to the proven tables, and prove them again."""

from __future__ import annotations

from runner.account.environments import load_environment
from runner.account.requests import Request, chosen_domains
from runner.commands import app
from runner.commands.options import (
    ApprovedByOption,
    DetachOption,
    DomainsOption,
    EnvironmentOption,
    FollowJsonOption,
    ForMinutesOption,
    JarKeyOption,
    KeepClonesOption,
    MaxChangeOption,
    MaxDeleteOption,
    ModeOption,
    ParallelismOption,
    RequestedByOption,
    RunIdOption,
    WritesOption,
    YesOption,
)
from runner.commands.start.begin import StartOptions, begin


@app.command(name="catch-up", epilog="Example: migrate catch-up --environment prod --domain rates")
def catch_up(
    environment: EnvironmentOption,
    domain: DomainsOption,
    mode: ModeOption = "official",
    parallelism: ParallelismOption = 9,
    run_id: RunIdOption = None,
    jar_key: JarKeyOption = None,
    max_delete_percent: MaxDeleteOption = None,
    max_change_percent: MaxChangeOption = None,
    writes_per_second: WritesOption = None,
    keep_clones: KeepClonesOption = False,
    requested_by: RequestedByOption = None,
    approved_by: ApprovedByOption = None,
    yes: YesOption = False,
    detach: DetachOption = False,
    for_minutes: ForMinutesOption = None,
    as_json: FollowJsonOption = False,
) -> None:
    """Create new clones, write the changes since the last run to the proven tables, and prove them again.

    A catch-up starts from the tables that the last matching run of the mode proved. Repeat it as often as you want
    before a cut-over: each catch-up is smaller than the previous one. The command asks for the domain's name, unless
    --yes.
    """
    target = load_environment(environment)
    requests = [
        Request(
            name,
            mode,
            parallelism,
            run_id,
            jar_key,
            keep_clones,
            requested_by,
            is_catch_up=True,
            max_delete_percent=max_delete_percent,
            max_change_percent=max_change_percent,
            writes_per_second=writes_per_second,
            approved_by=approved_by,
        )
        for name in chosen_domains(domain, target.catalog)
    ]
    options = StartOptions(skip_plan=True, yes=yes, detach=detach, for_minutes=for_minutes, as_json=as_json)
    begin(target, requests, options)
