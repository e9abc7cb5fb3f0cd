"""Assembly of a catch-up's plan from concurrent lookups."""

from __future__ import annotations

import datetime as dt
import math
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from runner.live.eta import Expectation, expect
from runner.plan.catch_up import checks
from runner.plan.catch_up.model import Base, BaseTable, CatchUpPlan, StopPhase
from runner.plan.catch_up.times import ASSUMED_CHANGE_PERCENT, SETTLE_SECONDS, stop_phases
from runner.plan.checks import domain
from runner.plan.common_checks import (
    AT_ONCE,
    Check,
    cluster_checks,
    domain_checks,
    job_checks,
    open_account,
    run_check,
    unread_times,
)
from runner.plan.model import Finding

if TYPE_CHECKING:
    from runner.account.environments import Environment
    from runner.account.lookups import Account
    from runner.account.requests import Request

_WHOLE_PERCENT = 100


def plan_catch_up(environment: Environment, request: Request) -> CatchUpPlan:
    """Return the plan of a catch-up.

    Raises:
        UsageError: The request is wrong, or the stack is not deployed.
    """
    account = open_account(environment, request)
    expected = partial(expect, environment, request.domain)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        looks = [pool.submit(expected, catch_up=True), pool.submit(expected, catch_up=False)]
        answers = list(pool.map(run_check, catch_up_checks(account)))
        base = read_base(account)
        catch_ups, migrations = (look.result() for look in looks)
    entries = [entry for answer in answers for entry in answer]
    return CatchUpPlan(
        environment=environment.name,
        account=environment.account,
        region=environment.region,
        domain=request.domain,
        mode=request.mode,
        run=request.run_id,
        moment=dt.datetime.now(dt.UTC),
        base=base,
        all_findings=(
            *(entry for entry in entries if isinstance(entry, Finding)),
            *unread_times(catch_ups, migrations),
        ),
        notes=tuple(entry for entry in entries if isinstance(entry, str)),
        phases=_phases(account, base, catch_ups, migrations),
        settle_seconds=SETTLE_SECONDS,
    )


def catch_up_checks(account: Account) -> list[Check]:
    """Return every check with its subject."""
    age = ("age of the clone of {0.identifier}", checks.check_clone)
    return [
        ("the base", partial(checks.check_base, account)),
        ("the live mark", partial(checks.check_live, account)),
        *domain_checks(account),
        *((f"table {t.name}", partial(checks.check_table, account, t.name)) for t in account.domain.tables),
        *cluster_checks(account, age),
        *job_checks(account),
    ]


def read_base(account: Account) -> Base | None:
    """Return the base with the expected changes, or None if no run has matched."""
    try:
        document = checks.base_document(account)
        if document is None:
            return None
        last = _last_changes(account, document)
    except (BotoCoreError, ClientError):
        return None  # the check of the base reports the error
    return Base(
        run=document["run"],
        kind=document["kind"],
        proven_at=dt.datetime.fromisoformat(document["provenAt"]),
        instants={name: dt.datetime.fromisoformat(at) for name, at in sorted(document["instants"].items())},
        tables=tuple(
            _table(name, facts, last.get(name), document["run"]) for name, facts in sorted(document["tables"].items())
        ),
    )


def _table(name: str, proven: dict[str, Any], last: dict[str, Any] | None, run: str) -> BaseTable:
    if last is None:
        changes = math.ceil(proven["items"] * ASSUMED_CHANGE_PERCENT / _WHOLE_PERCENT)
        return BaseTable(name, proven["tableName"], proven["items"], changes, f"assumed: {ASSUMED_CHANGE_PERCENT:g} %")
    changes = sum(int(last[kind]) for kind in ("inserted", "updated", "deleted"))
    return BaseTable(name, proven["tableName"], proven["items"], changes, f"as many as {run} wrote")


def _last_changes(account: Account, base: dict[str, Any]) -> dict[str, Any]:
    """Return the writes per table of the run that proved the base, if it was a catch-up."""
    if base["kind"] != "catch-up":
        return {}
    folder = f"changes/{account.request.domain}/{base['run']}"
    newest = domain.document(account, f"{folder}/newest.json")
    summary = domain.document(account, f"{folder}/{newest['attempt']}/summary.json") if newest else None
    return dict(summary["tables"]) if summary else {}


def _phases(
    account: Account, base: Base | None, catch_ups: Expectation, migrations: Expectation
) -> tuple[StopPhase, ...]:
    tables = account.domain.tables
    total = account.request.writes_per_second
    rates = {table.name: total / len(tables) if total else float(table.catch_up.writes_per_second) for table in tables}
    known = [table for table in base.tables if table.table in rates] if base else []
    return tuple(stop_phases(catch_ups, migrations, known, rates))
