"""Look everything up at once that a catch-up depends on, and put its plan together."""

from __future__ import annotations

import datetime as dt
import math
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from catalog.loader import load_catalog
from runner.account.environments import find_machine
from runner.account.lookups import Account, reason
from runner.live.eta import Expectation, expect
from runner.plan.catch_up import checks
from runner.plan.catch_up.model import Base, BaseTable, CatchUpPlan, StopPhase
from runner.plan.catch_up.times import ASSUMED_CHANGE_PERCENT, SETTLE_SECONDS, stop_phases
from runner.plan.checks import domain
from runner.plan.common_checks import (
    AT_ONCE,
    OF_CLONES,
    OF_SECRETS,
    TODO,
    Check,
    CheckResult,
    cluster_checks,
    job_checks,
)
from runner.plan.model import Finding

if TYPE_CHECKING:
    from runner.account.environments import Environment
    from runner.account.requests import Request

_WHOLE_PERCENT = 100


def plan_catch_up(environment: Environment, request: Request) -> CatchUpPlan:
    """Return the plan of a catch-up.

    Raises:
        UsageError: The request is wrong, or the stack is not deployed.
    """
    request.check(environment.catalog)
    machine = find_machine(environment, request.domain, catch_up=True)
    account = Account(environment, request, load_catalog(environment.catalog), machine)
    expected = partial(expect, environment, request.domain)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        looks = [pool.submit(expected, catch_up=True), pool.submit(expected, catch_up=False)]
        answers = list(pool.map(_answer, catch_up_checks(account)))
        base = read_base(account)
        catch_ups, migrations = (look.result() for look in looks)
    entries = [entry for answer in answers for entry in answer]
    problems = {times.problem for times in (catch_ups, migrations) if times.problem}
    unread = [Finding("unchecked", "the times of earlier runs", problem, TODO) for problem in sorted(problems)]
    return CatchUpPlan(
        environment=environment.name,
        account=environment.account,
        region=environment.region,
        domain=request.domain,
        mode=request.mode,
        run=request.run_id,
        moment=dt.datetime.now(dt.UTC),
        base=base,
        all_findings=(*(entry for entry in entries if isinstance(entry, Finding)), *unread),
        notes=tuple(entry for entry in entries if isinstance(entry, str)),
        phases=_phases(account, base, catch_ups, migrations),
        settle_seconds=SETTLE_SECONDS,
    )


def catch_up_checks(account: Account) -> list[Check]:
    """Return every check with what it is about."""
    age = ("age of the clone of {0.identifier}", checks.check_clone)
    return [
        ("the base", partial(checks.check_base, account)),
        ("the live mark", partial(checks.check_live, account)),
        ("the domain's lock", partial(domain.check_lock, account)),
        ("the right to destroy the clones", partial(domain.check_seal, account)),
        *((f"table {t.name}", partial(checks.check_table, account, t.name)) for t in account.domain.tables),
        *cluster_checks(account, *OF_CLONES, age, *OF_SECRETS),
        *job_checks(account),
    ]


def read_base(account: Account) -> Base | None:
    """Return the base with the changes to expect, or None where no run has matched."""
    try:
        document = checks.base_document(account)
        if document is None:
            return None
        last = _last_changes(account, document)
    except (BotoCoreError, ClientError):
        return None  # the check of the base says why
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
    """Return by table what the run wrote that proved the base, if it was a catch-up."""
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


def _answer(check: Check) -> list[CheckResult]:
    """Return what a check found; what AWS refuses to tell is not checked."""
    about, look = check
    try:
        return list(look())
    except (BotoCoreError, ClientError, ResponseParserError) as error:
        return [Finding("unchecked", about, f"not checked: {reason(error)}", TODO)]
