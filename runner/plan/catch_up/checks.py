"""Checks of a catch-up: base, live domain, unfinished run, replaced tables and expired items."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from runner.account.lookups import CLONE_SUFFIX
from runner.plan.checks.domain import document
from runner.plan.checks.objects import list_objects
from runner.plan.model import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catalog.models import Cluster
    from runner.account.lookups import Account


def base_document(account: Account) -> dict[str, Any] | None:
    """Return the proven state that a catch-up of the request's mode starts from, or None."""
    return document(account, f"proven/{account.request.domain}/{account.request.mode}.json")


def check_base(account: Account) -> Iterator[Finding]:
    """Fail if no run has matched, or a run has begun to write since."""
    domain, mode = account.request.domain, account.request.mode
    about, on = f"base of {domain}", f"--environment {account.environment.name}"
    base = base_document(account)
    if base is None:
        yield Finding("fails", about, f"no {mode} run has matched: it would fail with BaseNotFound", _anew(account))
        return
    changing = base["changing"]
    if changing in ("", account.request.run_id):
        return
    if changing == base["run"]:
        yield Finding(
            "fails",
            about,
            f"a verification has found that the tables are no longer what the run {changing} proved: "
            "it would fail with BaseNotFound",
            f"make them equal to Aurora again: migrate repair {changing} {on}; or {_anew(account)}",
        )
        return
    yield Finding(
        "fails",
        about,
        f"the run {changing} has begun to write to the tables and has not matched: it would fail with "
        "CatchUpUnfinished",
        f"resume that run: migrate resume {changing} {on}; or repair it: migrate repair {changing} {on}",
    )


def check_live(account: Account) -> Iterator[Finding]:
    """Fail if the domain is live: no run writes to its tables any more."""
    live = document(account, f"live/{account.request.domain}.json")
    if live is not None:
        what = f"it is live since {live['instant']} (run {live['run']}): it would fail with DomainIsLive"
        yield Finding("fails", f"domain {account.request.domain}", what, "leave it: applications write to its tables")


def check_table(account: Account, table: str) -> Iterator[Finding]:
    """Fail if a table was replaced, or the items of its base are not the proven ones."""
    base = base_document(account)
    if base is None:
        return
    proven = base["tables"].get(table)
    if proven is None:
        what = f"the base {base['run']} has no such table: it would fail with BaseNotFound"
        yield Finding("fails", f"table {table}", what, _anew(account))
        return
    yield from _identity(account, proven)
    yield from _items(account, table, proven)


def _identity(account: Account, proven: dict[str, Any]) -> Iterator[Finding]:
    name, about = proven["tableName"], f"table {proven['tableName']}"
    try:
        identity = account.client("dynamodb").describe_table(TableName=name)["Table"]["TableId"]
    except account.client("dynamodb").exceptions.ResourceNotFoundException:
        identity = ""
    if identity != proven["tableId"]:
        what = f"its id is {identity}, and {proven['tableId']} was proven" if identity else "it does not exist"
        todo = f"find out who replaced it, and {_anew(account)}"
        yield Finding("fails", about, f"{what}: it would fail with TableReplaced", todo)


def _items(account: Account, table: str, proven: dict[str, Any]) -> Iterator[Finding]:
    """Compare the objects below the base's prefix with the proven ones; they expire after `keepDays`."""
    listing = list_objects(account, proven["prefix"])
    if listing.digest == proven["listing"]:
        return
    where = f"s3://{account.bucket('data')}/{proven['prefix']}"
    what = f"below {where} lie {listing.files} objects that are not what was proven"
    if not listing.files:
        what = f"the items below {where} are gone; they expire after keepDays of the stack"
    yield Finding("fails", f"base of {table}", f"{what}: it would fail with BaseNotFound", _anew(account))


def check_clone(account: Account, cluster: Cluster) -> Iterator[Finding]:
    """Fail if a clone is not newer than the base, because it contains no later change."""
    base, clone = base_document(account), account.rds_clusters.get(cluster.identifier + CLONE_SUFFIX)
    instant = ((base or {}).get("instants") or {}).get(cluster.identifier)
    if clone is None or not instant:
        return
    created = clone.get("ClusterCreateTime")
    if created is None or created <= dt.datetime.fromisoformat(instant):
        yield Finding(
            "fails",
            f"clone of {cluster.identifier}",
            f"it is not later than the base, which is of {instant}: it would fail with CloneNotFresh",
            f"release the clones: migrate release-clones --environment {account.environment.name}",
        )


def _anew(account: Account) -> str:
    """Return how to get another base."""
    request = account.request
    run = "an official run" if request.mode == "official" else f"a {request.mode}"
    options = f"--environment {account.environment.name} --domain {request.domain} --mode {request.mode}"
    return f"start {run}, whose MATCH is a base: migrate start {options}"
