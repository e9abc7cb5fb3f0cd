"""Clusters as RDS describes them, and the proof that a cluster is this system's clone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

SYSTEM = "rates-avail-migration-bootstrap"
CLONE_SUFFIX = "-clone"
# A volume has at most 15 clones, clones of clones included; beyond that RDS silently makes full copies. Every member
# counts, the source too, because RDS does not show whether the group's first cluster still exists.
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/AuroraMySQL.Managing.Clone.html
MOST_GROUP_MEMBERS = 15
# States that waiting does not change:
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/accessing-monitoring.html
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


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A cluster as DescribeDBClusters shows it."""

    identifier: str
    status: str
    engine: str
    engine_version: str
    parameter_group: str
    storage_type: str  # aurora-iopt1: I/O-Optimized; RDS does not return the standard one
    clone_group: str
    created_at: str
    endpoint: str
    port: int
    subnet_group: str
    tags: dict[str, str] = field(default_factory=dict)
    instances: tuple[str, ...] = ()


class Rds:
    """The RDS calls of the clone service; a missing resource is None, not an error."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - boto3 generates its clients at run time
        self.client = client

    def cluster(self, identifier: str) -> Cluster | None:
        """Return the cluster, or None."""
        try:
            described = self.client.describe_db_clusters(DBClusterIdentifier=identifier)["DBClusters"][0]
        except self.client.exceptions.DBClusterNotFoundFault:
            return None
        created = described.get("ClusterCreateTime")
        return Cluster(
            identifier=described["DBClusterIdentifier"],
            status=described["Status"],
            engine=described["Engine"],
            engine_version=described.get("EngineVersion", ""),
            parameter_group=described.get("DBClusterParameterGroup", ""),
            storage_type=described.get("StorageType", ""),
            clone_group=described.get("CloneGroupId", ""),
            created_at=created.isoformat() if created else "",
            endpoint=described.get("Endpoint", ""),
            port=described.get("Port", 0),
            subnet_group=described.get("DBSubnetGroup", ""),
            tags={tag["Key"]: tag["Value"] for tag in described.get("TagList", [])},
            instances=tuple(member["DBInstanceIdentifier"] for member in described.get("DBClusterMembers", [])),
        )

    def group_members(self, group: str) -> list[str]:
        """Return the clusters of this account in a clone group: sources, clones, and full copies of either."""
        listed = self.client.describe_db_clusters(Filters=[{"Name": "clone-group-id", "Values": [group]}])
        return sorted(cluster["DBClusterIdentifier"] for cluster in listed["DBClusters"])

    def parameter(self, group: str, name: str) -> str:
        """Return a parameter's value in a cluster parameter group; empty if it has none."""
        pages = self.client.get_paginator("describe_db_cluster_parameters").paginate(DBClusterParameterGroupName=group)
        values = (
            entry.get("ParameterValue", "")
            for page in pages
            for entry in page["Parameters"]
            if entry["ParameterName"] == name
        )
        return str(next(values, ""))

    def instance_status(self, identifier: str) -> str | None:
        """Return the instance's status, or None."""
        try:
            return str(
                self.client.describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"][0]["DBInstanceStatus"]
            )
        except self.client.exceptions.DBInstanceNotFoundFault:
            return None

    def messages(self, instance: str, since: datetime) -> list[str]:
        """Return the messages of an instance's events since a time, the oldest first."""
        pages = self.client.get_paginator("describe_events").paginate(
            SourceIdentifier=instance, SourceType="db-instance", StartTime=since, EndTime=datetime.now(UTC)
        )
        events = [event for page in pages for event in page["Events"] if event["Date"] >= since]
        return [str(event["Message"]) for event in sorted(events, key=lambda event: event["Date"])]

    def tolerate(self, codes: tuple[str, ...], operation: str, **arguments: object) -> None:
        """Call RDS; an answer with one of `codes`, which a concurrent call may cause, is no error."""
        try:
            getattr(self.client, operation)(**arguments)
        except ClientError as error:
            if error.response["Error"]["Code"].removesuffix("Fault") not in codes:
                raise


def proof_against(
    clone: Cluster, source: Cluster | None, *, source_name: str, stack: str, sources: frozenset[str]
) -> str:
    """Return why a cluster is not our clone of a source; empty if it is.

    The clone group proves only a common ancestor. The name, the tags and the catalog's sources prove which cluster is
    the clone. Nothing proves shared storage, because a full copy inherits the group. A first clone gets its group while
    it is `creating`.
    """
    if clone.identifier in sources:
        return f"{clone.identifier} is a source of the catalog"
    if clone.identifier != source_name + CLONE_SUFFIX:
        return f"{clone.identifier} is not named {source_name}{CLONE_SUFFIX}"
    wanted = {"migration:system": SYSTEM, "migration:stack": stack, "migration:source": source_name}
    for key, value in wanted.items():
        if clone.tags.get(key) != value:
            return f"{clone.identifier} has the tag {key}={clone.tags.get(key)!r} instead of {value!r}"
    if not clone.clone_group and clone.status != "creating":
        return f"{clone.identifier} has no clone group, so it is not a clone of {source_name}"
    if clone.clone_group and source is not None and clone.clone_group != source.clone_group:
        return f"{clone.identifier} is in another clone group than {source_name}"
    return ""
