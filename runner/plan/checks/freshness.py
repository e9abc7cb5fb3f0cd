"""Check of the clones' freshness: a rehearsal may reuse clones, an official run uses only new ones.

It applies the state machine's rule for an available clone: its age and the run in its tags.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from runner.account.clone_ages import FRESHNESS, ages
from runner.account.registry import STATUS_PREFIX
from runner.plan.checks.clone_plans import clone_plans
from runner.plan.checks.clones import is_too_old
from runner.plan.checks.domain import document, has_matched, is_running
from runner.plan.model import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.account.lookups import Account
    from runner.plan.facts import ClonePlan


def check_freshness(account: Account) -> Iterator[Finding | str]:
    """Report the clones that the run reuses; fail on those that an official run may not use."""
    now = dt.datetime.now(dt.UTC)
    usable = [clone for clone in clone_plans(account) if not is_too_old(account, clone.created)]
    if not usable or has_matched(account):
        return
    if account.request.mode == "rehearsal":
        yield from (f"reuses {line}" for line in ages(usable, now))
        return
    began, official = _began(account, now), _running_official_runs(account)
    fresh = [clone for clone in usable if _is_fresh(account, clone, began, official)]
    yield from (f"uses {line}" for line in ages(fresh, now))
    stale = [clone for clone in usable if clone not in fresh]
    for line in ages(stale, now):
        yield Finding(
            "fails",
            "clones",
            f"{line}: {FRESHNESS}; an official run would fail with CloneNotFresh",
            f"release the clones: migrate release-clones --environment {account.environment.name}",
        )


def _is_fresh(account: Account, clone: ClonePlan, began: dt.datetime, official: set[tuple[str, str]]) -> bool:
    if clone.mode == "official" and (clone.domain, clone.run) in official:
        return True
    if clone.created is None:  # RDS is creating it and reports no time yet
        return (clone.domain, clone.run) == (account.request.domain, account.request.run_id)
    return clone.created >= began


def _began(account: Account, now: dt.datetime) -> dt.datetime:
    """Return the start of the run's first attempt: now, unless this run holds the domain's lock."""
    lock = document(account, f"{STATUS_PREFIX}{account.request.domain}.json") or {}
    if account.request.run_id is None or lock.get("run") != account.request.run_id:
        return now
    return dt.datetime.fromisoformat(lock.get("began") or lock["since"])


def _running_official_runs(account: Account) -> set[tuple[str, str]]:
    """Return the running official runs of other domains, as domain and run."""
    others = [domain for domain in account.catalog.domains if domain != account.request.domain]
    locks = [(domain, document(account, f"{STATUS_PREFIX}{domain}.json")) for domain in others]
    return {
        (domain, str(lock["run"]))
        for domain, lock in locks
        if lock and lock.get("mode") == "official" and is_running(account, str(lock["execution"]))
    }
