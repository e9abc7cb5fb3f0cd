"""The existing clones for the plan: creator, age and status."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.account.lookups import CLONE_SUFFIX
from runner.plan.checks.clones import unproven
from runner.plan.facts import ClonePlan

if TYPE_CHECKING:
    from catalog.models import Cluster
    from runner.account.lookups import Account


def clone_plans(account: Account) -> list[ClonePlan]:
    """Return the domain's verified clones, in the catalog's order."""
    return [plan for cluster in account.clusters if (plan := _plan(account, cluster)) is not None]


def _plan(account: Account, cluster: Cluster) -> ClonePlan | None:
    clone = account.rds_clusters.get(cluster.identifier + CLONE_SUFFIX)
    if clone is None or unproven(account, cluster, clone):
        return None
    tags = {tag["Key"].removeprefix("migration:"): tag["Value"] for tag in clone.get("TagList", [])}
    return ClonePlan(
        cluster=cluster.identifier,
        status=clone["Status"],
        created=clone.get("ClusterCreateTime"),
        run=tags.get("run", ""),
        domain=tags.get("domain", ""),
        mode=tags.get("mode", ""),
    )
