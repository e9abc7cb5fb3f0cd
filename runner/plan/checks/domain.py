"""Checks of the domain's lock, of the teardown seal and of an earlier attempt of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.account.lookups import CLONE_SUFFIX
from runner.account.registry import SEAL_KEY, STATUS_PREFIX
from runner.account.stored_json import read_json
from runner.plan.checks.objects import list_objects
from runner.plan.model import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.account.lookups import Account


def document(account: Account, key: str) -> dict[str, Any] | None:
    """Return a JSON document of the data bucket, or None if it does not exist."""
    return read_json(account.client("s3"), account.bucket("data"), key)


def check_lock(account: Account) -> Iterator[Finding | str]:
    """Fail if a run migrates the domain already."""
    domain = account.request.domain
    lock = document(account, f"{STATUS_PREFIX}{domain}.json")
    if lock and is_running(account, holder := str(lock["execution"])):
        yield Finding(
            "fails",
            f"domain {domain}",
            f"it is being migrated by the run {lock['run']} since {lock['since']}",
            f"follow it: migrate follow {holder}",
        )
        return
    running = account.client("stepfunctions").list_executions(
        stateMachineArn=account.machine, statusFilter="RUNNING", maxResults=10
    )["executions"]
    if running:
        arn = running[0]["executionArn"]
        yield Finding(
            "fails", f"domain {domain}", f"{running[0]['name']} is running", f"follow it: migrate follow {arn}"
        )
    elif lock:
        reason = f": {lock['error']}" if lock.get("error") else ""
        yield f"the domain is taken over from the run {lock['run']}, which ended{reason}"


def check_seal(account: Account) -> Iterator[Finding]:
    """Warn that the clones are being destroyed; a run waits for the end."""
    seal = document(account, SEAL_KEY)
    if seal is None:
        return
    if is_running(account, str(seal["execution"])):
        yield Finding(
            "warns",
            "clones",
            f"the run {seal['run']} of {seal['domain']} is destroying them since {seal['since']}",
            f"nothing; a run waits{_at_most(account)} until they are gone, and makes new ones",
        )
    else:
        yield Finding(
            "warns",
            "clones",
            f"the run {seal['run']} of {seal['domain']} ended while it destroyed them",
            "nothing; a run takes over after five minutes",
        )


def check_resume(account: Account) -> Iterator[Finding | str]:
    """Report what this run id adopts, and fail if the objects to import are not the written ones."""
    run = account.request.run_id
    if run is None:
        return
    if has_matched(account):
        yield f"the run {run} has the verdict MATCH already: it goes straight to the clean-up"
        return
    summary = document(account, f"{account.prefix}{run}/summary.json")
    if summary is None:
        return
    reason = not_adopted(account, summary)
    if reason:
        yield f"Bootstrap runs again, since {reason}"
        return
    yield f"the items of the attempt {summary['attempt']} are adopted; Bootstrap does not run again"
    for table, written in summary["tables"].items():
        yield from _objects(account, table, written)


def has_matched(account: Account) -> bool:
    """Return whether the run has the verdict MATCH already; it then continues with the clean-up."""
    run, mode = account.request.run_id, account.request.mode
    verdict = None if run is None else document(account, f"reports/{account.request.domain}/{run}/verdict.json")
    return verdict is not None and verdict["verdict"] == "MATCH" and verdict["mode"] == mode


def not_adopted(account: Account, summary: dict[str, Any]) -> str:
    """Return the reason why the state machine would not adopt an earlier attempt's items, or an empty string."""
    if summary.get("failure"):
        return f"the earlier attempt ended {summary['failure']['error']}"
    spec = account.tags.get("migration:spec", "")
    if spec and summary["specHash"][:12] != spec.removesuffix(".json").rsplit("-", 1)[1]:
        return "the catalog has changed"
    for cluster in account.clusters:
        clone = account.rds_clusters.get(cluster.identifier + CLONE_SUFFIX)
        created = clone["ClusterCreateTime"].isoformat() if clone else ""
        if summary["clones"].get(cluster.identifier) != created:
            return f"the clone of {cluster.identifier} is not the one that was read"
    return ""


def _objects(account: Account, table: str, written: dict[str, Any]) -> Iterator[Finding]:
    """Compare the objects below a table's prefix with the written ones; ImportTable reads every object there."""
    listing = list_objects(account, written["prefix"])
    if listing == (written["files"], written["bytes"], written["listing"]):
        return
    yield Finding(
        "fails",
        f"table {table}",
        f"below s3://{account.bucket('data')}/{written['prefix']} lie {listing.files} objects, but they are not the "
        f"{written['files']} that were written; ImportTable would read them all",
        "look what the others are and delete them, or start without --run-id",
    )


def is_running(account: Account, arn: str) -> bool:
    """Return whether an execution still runs."""
    states = account.client("stepfunctions")
    try:
        return bool(states.describe_execution(executionArn=arn)["status"] in ("RUNNING", "PENDING_REDRIVE"))
    except states.exceptions.ExecutionDoesNotExist:
        return False


def _at_most(account: Account) -> str:
    """Return the longest wait for the end of a teardown; an older stack has no tag of it."""
    minutes = account.tags.get("migration:teardown-minutes")
    return f" up to {minutes} minutes" if minutes else ""
