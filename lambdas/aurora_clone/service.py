"""Clone, look, prove, destroy: each call takes the next step and is safe to repeat and to race."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from aurora_clone.clusters import CLONE_SUFFIX, DEAD_STATUSES, SYSTEM, Cluster, Rds, proof_against
from aurora_clone.errors import CloneNotCopyOnWriteError, NotACloneError

if TYPE_CHECKING:
    from collections.abc import Mapping

Answer = dict[str, Any]
_INSTANCE_BUSY = ("InvalidDBInstanceState", "DBInstanceNotFound", "InvalidDBClusterState")
_CLUSTER_BUSY = ("InvalidDBClusterState", "DBClusterNotFound")


class Seal(Protocol):
    """The right to destroy, looked up at the moment of destruction."""

    def require(self, etag: str, execution: str) -> None:
        """Return if the seal is this execution's; raise SealNotHeldError otherwise."""


@dataclass(frozen=True, kw_only=True)
class CloneSettings:
    """What the stack says of clones."""

    stack: str
    sources: frozenset[str]
    instance_class: str
    security_group_id: str
    parameter_groups: Mapping[str, str]  # by engine: they switch schedulers and replication off


class CloneService:
    """Clones of Aurora clusters, over an RDS client and the seal."""

    def __init__(self, rds: Rds, seal: Seal, settings: CloneSettings) -> None:
        self._rds = rds
        self._seal = seal
        self._settings = settings

    def status(self, source: str, clone: str) -> Answer:
        """Say UNAVAILABLE, INPROCESSING, INCOMPLETE, AVAILABLE or FAILED, with endpoint, time of cloning and maker.

        `run`, `domain` and `mode` say who made the clone, and are empty where no tag does.
        `unproven` says why the cluster is not our clone, or nothing if it is.
        """
        cluster = self._rds.cluster(clone)
        if cluster is None:
            return {"status": "UNAVAILABLE", "source": source, "clone": clone}
        instance = self._rds.instance_status(_instance_of(clone))
        return {**_describe(cluster, instance, source), "unproven": self._reason_against(cluster, source)}

    def start(self, source: str, clone: str, run: str, *, domain: str = "", mode: str = "") -> Answer:
        """Take the next missing step towards an available clone: the cluster, then its instance.

        Raises:
            CloneNotCopyOnWriteError: RDS made a full copy without saying so.
            NotACloneError: A cluster of the clone's name is not ours.
        """
        if clone != source + CLONE_SUFFIX or clone in self._settings.sources:
            raise NotACloneError(f"{clone} may not be the clone of {source}")
        tags = self._tags(source, {"run": run, "domain": domain, "mode": mode})
        cluster = self._rds.cluster(clone)
        if cluster is None:
            self._restore(source, clone, tags)
            cluster = self._rds.cluster(clone)
            if cluster is None:
                return {"status": "UNAVAILABLE", "source": source, "clone": clone}
        self._require_copy_on_write(cluster, source)
        if cluster.status == "available" and not cluster.instances:
            self._create_instance(cluster, tags)
        return self.status(source, clone)

    def verify(self, source: str, clone: str) -> Answer:
        """Say whether the cluster proves itself our clone of that source."""
        cluster = self._rds.cluster(clone)
        if cluster is None:
            return {"isClone": False, "status": "UNAVAILABLE", "reason": f"{clone} is not there"}
        reason = self._reason_against(cluster, source)
        return {"isClone": not reason, "status": "PRESENT", "reason": reason}

    def destroy(self, source: str, clone: str, seal_etag: str, execution: str) -> Answer:
        """Take the next step of destruction: the instances, then the cluster; no snapshot is kept.

        Raises:
            NotACloneError: The cluster does not prove itself; nothing was done.
            SealNotHeldError: The caller may not destroy; nothing was done.
        """
        cluster = self._rds.cluster(clone)
        if cluster is None:
            return {"status": "UNAVAILABLE", "source": source, "clone": clone}
        reason = self._reason_against(cluster, source)
        if reason:
            raise NotACloneError(f"{reason}; it is not touched")
        for instance in cluster.instances:
            if self._rds.instance_status(instance) != "deleting":
                self._seal.require(seal_etag, execution)
                self._rds.tolerate(
                    _INSTANCE_BUSY, "delete_db_instance", DBInstanceIdentifier=instance, SkipFinalSnapshot=True
                )
        if not cluster.instances and cluster.status != "deleting":
            self._seal.require(seal_etag, execution)
            self._rds.tolerate(_CLUSTER_BUSY, "delete_db_cluster", DBClusterIdentifier=clone, SkipFinalSnapshot=True)
        return {"status": "DELETING", "source": source, "clone": clone}

    def _restore(self, source: str, clone: str, tags: list[dict[str, str]]) -> None:
        origin = self._rds.cluster(source)
        if origin is None:
            raise NotACloneError(f"the source cluster {source} is not there; look at catalog/clusters.yaml")
        placement: dict[str, Any] = {"DBSubnetGroupName": origin.subnet_group} if origin.subnet_group else {}
        group = self._settings.parameter_groups.get(origin.engine)
        if group:
            placement["DBClusterParameterGroupName"] = group
        if self._settings.security_group_id:
            placement["VpcSecurityGroupIds"] = [self._settings.security_group_id]
        # The default RestoreType is a full copy: hours of time and all of the storage.
        self._rds.tolerate(
            ("DBClusterAlreadyExists",),
            "restore_db_cluster_to_point_in_time",
            DBClusterIdentifier=clone,
            SourceDBClusterIdentifier=source,
            RestoreType="copy-on-write",
            UseLatestRestorableTime=True,
            DeletionProtection=False,
            CopyTagsToSnapshot=False,
            Tags=tags,
            **placement,
        )

    def _create_instance(self, cluster: Cluster, tags: list[dict[str, str]]) -> None:
        self._rds.tolerate(
            ("DBInstanceAlreadyExists", "InvalidDBClusterState"),
            "create_db_instance",
            DBInstanceIdentifier=_instance_of(cluster.identifier),
            DBClusterIdentifier=cluster.identifier,
            DBInstanceClass=self._settings.instance_class,
            Engine=cluster.engine,
            PubliclyAccessible=False,
            Tags=tags,
        )

    def _require_copy_on_write(self, clone: Cluster, source: str) -> None:
        origin = self._rds.cluster(source)
        shared = bool(clone.clone_group) and origin is not None and clone.clone_group == origin.clone_group
        if clone.tags.get("migration:system") == SYSTEM and not shared:
            raise CloneNotCopyOnWriteError(
                f"{clone.identifier} is not in the clone group of {source}: RDS made a full copy "
                "(it does beyond 15 clones of a source). Delete it, free a clone, and start again."
            )
        reason = self._reason_against(clone, source)
        if reason:
            raise NotACloneError(reason)

    def _reason_against(self, clone: Cluster, source: str) -> str:
        return proof_against(
            clone,
            self._rds.cluster(source),
            source_name=source,
            stack=self._settings.stack,
            sources=self._settings.sources,
        )

    def _tags(self, source: str, maker: Mapping[str, str]) -> list[dict[str, str]]:
        tags = {"system": SYSTEM, "stack": self._settings.stack, "source": source, **maker}
        return [{"Key": f"migration:{key}", "Value": value} for key, value in tags.items() if value]


def _describe(cluster: Cluster, instance: str | None, source: str) -> Answer:
    answer = {
        "source": source,
        "clone": cluster.identifier,
        "endpoint": cluster.endpoint,
        "port": cluster.port,
        "createdAt": cluster.created_at,
        **{name: cluster.tags.get(f"migration:{name}", "") for name in ("run", "domain", "mode")},
    }
    if cluster.status in DEAD_STATUSES or instance in DEAD_STATUSES:
        reason = f"the cluster is {cluster.status}, its instance is {instance or 'not there'}"
        return {"status": "FAILED", "reason": reason, **answer}
    if cluster.status != "available":
        return {"status": "INPROCESSING", **answer}
    if instance is None:
        return {"status": "INCOMPLETE", **answer}
    return {"status": "AVAILABLE" if instance == "available" else "INPROCESSING", **answer}


def _instance_of(clone: str) -> str:
    return f"{clone}-1"
