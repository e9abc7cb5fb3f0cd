"""Operations of the clone service; each call takes one step, and callers may repeat calls and race."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from aurora_clone.binlog import binlog_position
from aurora_clone.clusters import CLONE_SUFFIX, DEAD_STATUSES, MOST_GROUP_MEMBERS, SYSTEM, Cluster, Rds, proof_against
from aurora_clone.errors import CloneNotCopyOnWriteError, NotACloneError
from aurora_clone.parameters import group_for

if TYPE_CHECKING:
    from collections.abc import Mapping

Answer = dict[str, Any]
_INSTANCE_BUSY = ("InvalidDBInstanceState", "DBInstanceNotFound", "InvalidDBClusterState")
_CLUSTER_BUSY = ("InvalidDBClusterState", "DBClusterNotFound")


class Seal(Protocol):
    """The right to destroy, checked at the moment of destruction."""

    def require(self, etag: str, execution: str) -> None:
        """Return if this execution holds the seal; raise SealNotHeldError otherwise."""


@dataclass(frozen=True, kw_only=True)
class CloneSettings:
    """The stack's settings for clones."""

    stack: str
    sources: frozenset[str]
    instance_class: str
    security_group_id: str
    parameter_groups: Mapping[str, str]  # by family; they turn schedulers and subscribers off


class CloneService:
    """Clones of Aurora clusters, over an RDS client and the seal."""

    def __init__(self, rds: Rds, seal: Seal, settings: CloneSettings) -> None:
        self._rds = rds
        self._seal = seal
        self._settings = settings

    def status(self, source: str, clone: str) -> Answer:
        """Return UNAVAILABLE, INPROCESSING, INCOMPLETE, AVAILABLE or FAILED, with endpoint, time and creator.

        `run`, `domain` and `mode` name the clone's creator, and are empty without its tags. `unproven` says why the
        cluster is not our clone, and is empty if it is. `position` is the position of an available Aurora MySQL clone
        in its source's binary log, or empty.
        """
        cluster = self._rds.cluster(clone)
        if cluster is None:
            return {"status": "UNAVAILABLE", "source": source, "clone": clone}
        instance = self._rds.instance_status(_instance_of(clone))
        answer = {**_describe(cluster, instance, source), "unproven": self._reason_against(cluster, source)}
        if answer["status"] == "AVAILABLE":
            answer["position"] = binlog_position(self._rds, cluster, _instance_of(clone))
        return answer

    def start(self, source: str, clone: str, run: str, *, domain: str = "", mode: str = "") -> Answer:
        """Take the next step towards an available clone: create the cluster, then its instance.

        Raises:
            CloneNotCopyOnWriteError: RDS would silently make a full copy, or did not make a clone.
            NotACloneError: A cluster with the clone's name is not ours.
            ParameterGroupMissingError: The stack has no parameter group for the source's engine version.
        """
        if clone != source + CLONE_SUFFIX or clone in self._settings.sources:
            raise NotACloneError(f"{clone} may not be the clone of {source}")
        tags = self._tags(source, {"run": run, "domain": domain, "mode": mode})
        cluster = self._rds.cluster(clone)
        if cluster is None:
            self._restore(source, clone, run, tags)
            cluster = self._rds.cluster(clone)
            if cluster is None:
                return {"status": "UNAVAILABLE", "source": source, "clone": clone}
        self._require_clone(cluster, source, run)
        if cluster.status == "available" and not cluster.instances:
            self._create_instance(cluster, tags)
        return self.status(source, clone)

    def verify(self, source: str, clone: str) -> Answer:
        """Return whether the cluster is provably our clone of a source."""
        cluster = self._rds.cluster(clone)
        if cluster is None:
            return {"isClone": False, "status": "UNAVAILABLE", "reason": f"{clone} is not there"}
        reason = self._reason_against(cluster, source)
        return {"isClone": not reason, "status": "PRESENT", "reason": reason}

    def destroy(self, source: str, clone: str, seal_etag: str, execution: str) -> Answer:
        """Take the next step of destruction: delete the instances, then the cluster, without a final snapshot.

        Raises:
            NotACloneError: The cluster is not provably our clone; nothing was done.
            SealNotHeldError: The caller may not destroy; nothing was done.
        """
        cluster = self._rds.cluster(clone)
        if cluster is None:
            return {"status": "UNAVAILABLE", "source": source, "clone": clone}
        reason = self._reason_against(cluster, source)
        if reason:
            raise NotACloneError(f"{reason}; it was not touched")
        if cluster.status == "creating":  # RDS cannot delete it yet, and it may have no clone group yet
            return {"status": "DELETING", "source": source, "clone": clone}
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

    def _restore(self, source: str, clone: str, run: str, tags: list[dict[str, str]]) -> None:
        origin = self._rds.cluster(source)
        if origin is None:
            raise NotACloneError(f"the source cluster {source} does not exist; check catalog/clusters.yaml")
        self._require_room(origin, run)
        placement: dict[str, Any] = {"DBSubnetGroupName": origin.subnet_group} if origin.subnet_group else {}
        placement["DBClusterParameterGroupName"] = group_for(self._rds, origin, self._settings.parameter_groups)
        if origin.storage_type.startswith("aurora"):
            placement["StorageType"] = origin.storage_type  # the default, standard, bills every page read
        if self._settings.security_group_id:
            placement["VpcSecurityGroupIds"] = [self._settings.security_group_id]
        # The default RestoreType is a full copy, which takes hours and the whole storage.
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
            AutoMinorVersionUpgrade=False,  # no restart between Bootstrap and Compare
            Tags=tags,
        )

    def _require_room(self, origin: Cluster, run: str) -> None:
        """Refuse to restore if RDS would make a full copy, because nothing distinguishes it from a clone afterwards."""
        members = self._rds.group_members(origin.clone_group) if origin.clone_group else []
        if len(members) >= MOST_GROUP_MEMBERS:
            raise CloneNotCopyOnWriteError(
                f"the clone group of {origin.identifier} has {len(members)} clusters ({', '.join(members)}), "
                f"and from {MOST_GROUP_MEMBERS} on, RDS may make a full copy instead of a clone. "
                f"Delete the unused ones. Resume with: migrate resume {run}"
            )

    def _require_clone(self, clone: Cluster, source: str, run: str) -> None:
        reason = self._reason_against(clone, source)
        if not reason:
            return
        if clone.tags.get("migration:system") == SYSTEM and not self._shares_group(clone, source):
            raise CloneNotCopyOnWriteError(f"{reason}. Delete {clone.identifier}. Resume with: migrate resume {run}")
        raise NotACloneError(reason)

    def _shares_group(self, clone: Cluster, source: str) -> bool:
        origin = self._rds.cluster(source)
        return bool(clone.clone_group) and origin is not None and clone.clone_group == origin.clone_group

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
