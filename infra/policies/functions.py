"""Policies of the clone service, the run registry and the run watch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from infra.policies.documents import allow, document, executions, list_below, objects, own_log, use_key, via

if TYPE_CHECKING:
    from collections.abc import Iterable

    from catalog.models import Cluster
    from infra.account.sources import Sources
    from infra.naming import Naming
    from infra.policies.documents import Statement

# Without ListTagsForResource, a description may lack the tags that the checks rely on.
_DESCRIBE_WITH_TAGS = ["rds:DescribeDBClusters", "rds:ListTagsForResource"]
_CLONE_TAGS = (
    "migration:domain",
    "migration:mode",
    "migration:run",
    "migration:source",
    "migration:stack",
    "migration:system",
)


def clone_service(naming: Naming, key_arn: str, clusters: Iterable[Cluster], sources: Sources) -> dict[str, Any]:
    """Return the policy of the clone Lambda.

    The function may only describe sources and restore from them. It can create a clone only with the stack's tags, and
    cannot delete a cluster that lacks them, whatever its name.
    """
    clusters = list(clusters)
    origins = [naming.arn("rds", f"cluster:{cluster.identifier}") for cluster in clusters]
    clones = [naming.arn("rds", f"cluster:{cluster.identifier}-clone") for cluster in clusters]
    instances = [naming.arn("rds", f"db:{cluster.identifier}-clone-1") for cluster in clusters]
    engines = sorted({cluster.engine for cluster in clusters})
    # The sources' subnet groups, which the catalog does not name, and RDS's default option groups.
    groups = [naming.arn("rds", "og:default:*"), naming.arn("rds", "subgrp:*")]
    cluster_groups = [naming.arn("rds", f"cluster-pg:{naming.clone_parameter_group(e)}*") for e in engines]
    instance_groups = [naming.arn("rds", f"pg:default.{engine}*") for engine in engines]
    asked = {
        "StringEquals": {f"aws:RequestTag/{key}": value for key, value in _ours(naming).items()},
        "ForAllValues:StringEquals": {"aws:TagKeys": list(_CLONE_TAGS)},
    }
    owned = {"StringEquals": {f"aws:ResourceTag/{key}": value for key, value in _ours(naming).items()}}
    # The function may tag only clones that the policy names, so the tag condition suffices here. Fewer names keep the
    # policy short, which decides how many clusters a catalog may have.
    any_clone, any_instance = naming.arn("rds", "cluster:*-clone"), naming.arn("rds", "db:*-clone-1")
    return document(
        # The function counts the members of a clone group, whatever their names.
        allow(_DESCRIBE_WITH_TAGS, naming.arn("rds", "cluster:*")),
        allow(["rds:DescribeDBInstances"], any_instance),
        # For the binary log position of a clone; IAM has no resource for events.
        *([allow(["rds:DescribeEvents"], "*")] if "aurora-mysql" in engines else []),
        # The source's parameter group says whether it has logical replication.
        allow(["rds:DescribeDBClusterParameters"], naming.arn("rds", "cluster-pg:*")),
        allow(["rds:RestoreDBClusterToPointInTime"], *origins, *clones, *groups, *cluster_groups, **asked),
        allow(["rds:AddTagsToResource", "rds:CreateDBInstance"], *clones, *instances, **asked),
        allow(["rds:CreateDBInstance"], *groups, *instance_groups, **asked),
        allow(["rds:DeleteDBCluster"], any_clone, **owned),
        allow(["rds:DeleteDBInstance"], any_instance, **owned),
        *_source_keys(naming, sources),
        allow(["s3:GetObject"], *objects(naming.data_bucket, "status/teardown-seal.json")),
        list_below(naming.data_bucket, "status/"),
        use_key(naming, key_arn, "Decrypt"),
        executions(naming),
        own_log(naming, "aurora-clone"),
    )


def _source_keys(naming: Naming, sources: Sources) -> list[Statement]:
    """Return the rights to use the keys of encrypted sources and clones; another account may own them."""
    if not sources.key_arns:
        return []
    granted = {"kms:GrantIsForAWSResource": "true"}
    return [
        allow(["kms:CreateGrant"], *sources.key_arns, StringEquals=via(naming, "rds"), Bool=granted),
        allow(["kms:DescribeKey"], *sources.key_arns, StringEquals=via(naming, "rds")),
    ]


def run_registry(naming: Naming, key_arn: str, application_arn: str) -> dict[str, Any]:
    """Return the policy of the registry Lambda: locks, the seal, and the leftovers of a dead execution.

    The registry replaces proven documents and never deletes them. A cut-over that meets a run removes its own mark.
    """
    own = ("live/", "proven/", "status/")
    return document(
        allow(["s3:DeleteObject"], *objects(naming.data_bucket, "live/", "status/")),
        allow(["s3:GetObject", "s3:PutObject"], *objects(naming.data_bucket, *own)),
        list_below(naming.data_bucket, *own),
        use_key(naming, key_arn, "Decrypt", "GenerateDataKey"),
        allow(["emr-serverless:ListJobRuns"], application_arn),
        allow(["emr-serverless:CancelJobRun"], f"{application_arn}/jobruns/*"),
        executions(naming),
        # The Map items of a dead execution are executions; the registry stops them before it grants the lock.
        allow(["states:ListMapRuns"], naming.arn("states", f"execution:{naming.prefix}-*:*")),
        allow(["states:ListExecutions"], naming.arn("states", f"mapRun:{naming.prefix}-*/*:*")),
        allow(["states:StopExecution"], naming.arn("states", f"execution:{naming.prefix}-*/*:*")),
        own_log(naming, "run-registry"),
    )


def run_watch(
    naming: Naming, key_arn: str, *, topic_arn: str, machines: Iterable[str], namespace: str
) -> dict[str, Any]:
    """Return the policy of the watch Lambda."""
    machines = list(machines)
    watched = [arn.replace(":stateMachine:", ":execution:") + ":*" for arn in machines]
    return document(
        allow(["states:DescribeExecution"], *watched),
        allow(["states:ListExecutions"], *machines),
        # The watch looks for forgotten clones, so it describes every cluster.
        allow(_DESCRIBE_WITH_TAGS, naming.arn("rds", "cluster:*")),
        allow(["cloudwatch:PutMetricData"], "*", StringEquals={"cloudwatch:namespace": namespace}),
        allow(["sns:Publish"], topic_arn),
        allow(["kms:Decrypt", "kms:GenerateDataKey"], key_arn, StringEquals=via(naming, "sns")),
        own_log(naming, "run-watch"),
    )


def _ours(naming: Naming) -> dict[str, str]:
    return {key: naming.tags()[key] for key in ("migration:stack", "migration:system")}
