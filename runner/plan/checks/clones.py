"""Checks of source clusters and existing clones."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from catalog.engines import parameter_family, supported
from runner.account.environments import SYSTEM
from runner.account.lookups import CLONE_SUFFIX
from runner.plan.model import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catalog.models import Cluster
    from runner.account.lookups import Account

# Final statuses; the clone service calls the same ones FAILED.
DEAD_STATUSES = frozenset(
    {
        "cloning-failed",
        "failed",
        "inaccessible-encryption-credentials",
        "inaccessible-encryption-credentials-recoverable",
        "incompatible-create",
        "incompatible-credentials",
        "incompatible-network",
        "incompatible-option-group",
        "incompatible-parameters",
        "incompatible-restore",
        "insufficient-capacity",
        "migration-failed",
        "restore-error",
        "storage-full",
        "stopped",
        "stopping",
    }
)


def check_source(account: Account, cluster: Cluster) -> Iterator[Finding]:
    """Fail if a source cannot be cloned."""
    described = account.rds_clusters.get(cluster.identifier)
    about = f"cluster {cluster.identifier}"
    if described is None:
        yield Finding(
            "fails", about, f"it is not in {account.environment.region}", "correct catalog/clusters.yaml, and deploy"
        )
        return
    if described["Status"] != "available":
        yield Finding("fails", about, f"it is {described['Status']}, not available", "wait until it is available")
    if not described.get("DBClusterMembers"):
        yield Finding(
            "fails", about, "it has no instance; Aurora clones only a cluster that has one", "add an instance to it"
        )
    if described["Engine"] != cluster.engine:
        yield Finding(
            "fails",
            about,
            f"its engine is {described['Engine']}, the catalog says {cluster.engine}",
            "correct catalog/clusters.yaml, and deploy",
        )
        return
    family = parameter_family(described["Engine"], described["EngineVersion"])
    if family not in account.parameter_groups:
        yield Finding(
            "fails",
            about,
            f"it runs {described['Engine']} {described['EngineVersion']}; the stack has parameter groups for clones of "
            f"{', '.join(account.parameter_groups) or 'no version'}",
            "deploy the stack again, which looks at the sources"
            if family
            else f"upgrade it; {supported(cluster.engine)} can be migrated",
        )


def check_clone(account: Account, cluster: Cluster) -> Iterator[Finding]:
    """Fail if the cluster with the clone's name cannot be used."""
    name = cluster.identifier + CLONE_SUFFIX
    clone = account.rds_clusters.get(name)
    if clone is None:
        return
    about = f"clone {name}"
    reason = unproven(account, cluster, clone)
    if reason:
        yield Finding("fails", about, f"a cluster of this name is there, but {reason}", "rename or delete it")
        return
    instance = account.rds_instances.get(f"{name}-1", {}).get("DBInstanceStatus", "not there")
    if clone["Status"] in DEAD_STATUSES or instance in DEAD_STATUSES:
        what = f"it is {clone['Status']}, its instance is {instance}: waiting does not change that"
        yield Finding("fails", about, what, "delete it")
        return
    created = clone.get("ClusterCreateTime")
    if created is not None and is_too_old(account, created):
        hours = (dt.datetime.now(dt.UTC) - created).total_seconds() / 3600
        yield Finding(
            "fails",
            about,
            f"it is {hours:.0f} hours old; a run uses none older than {account.tags['migration:clone-hours']} hours",
            f"release the clones: migrate release-clones --environment {account.environment.name}",
        )


def is_too_old(account: Account, created: dt.datetime | None) -> bool:
    """Return whether a clone is older than the stack allows."""
    limit = account.tags.get("migration:clone-hours")
    return bool(limit and created and dt.datetime.now(dt.UTC) - created > dt.timedelta(hours=int(limit)))


def unproven(account: Account, cluster: Cluster, clone: dict[str, Any]) -> str:
    """Return the reason why a cluster is not this stack's clone of the source, or an empty string."""
    tags = {tag["Key"]: tag["Value"] for tag in clone.get("TagList", [])}
    wanted = {"system": SYSTEM, "stack": account.environment.name, "source": cluster.identifier}
    for key, value in wanted.items():
        if tags.get(f"migration:{key}") != value:
            return f"it has the tag migration:{key}={tags.get(f'migration:{key}')!r} instead of {value!r}"
    if not clone.get("CloneGroupId"):
        # RDS assigns a first clone's group while it creates the clone.
        return (
            ""
            if clone["Status"] == "creating"
            else f"it has no clone group, so it is not a clone of {cluster.identifier}"
        )
    source = account.rds_clusters.get(cluster.identifier)
    if source is not None and source.get("CloneGroupId") != clone["CloneGroupId"]:
        return f"it is in another clone group than {cluster.identifier}"
    return ""
