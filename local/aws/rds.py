"""RDS: clusters that have a server, clone groups, and states that take time.

moto creates and deletes clusters at once and has no CloneGroupId. A restore overwrites a cluster of the same name, and
endpoints lead nowhere. https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Managing.Clone.html
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from moto.rds.exceptions import DBClusterNotFoundError, DBInstanceNotFoundError, RDSClientError
from moto.rds.models import DBCluster, DBInstance, RDSBackend
from moto.rds.responses import RDSResponse

from local.aws import clone_groups, parameter_groups, rds_events
from local.aws.active import active
from local.aws.seams import replace, serialise

if TYPE_CHECKING:
    from collections.abc import Callable

_lock = threading.RLock()
_original: dict[str, Callable[..., Any]] = {}


def install() -> None:
    """Connect the clusters with servers."""
    clone_groups.install()
    parameter_groups.install()
    rds_events.install()
    for name, method in (
        ("create_db_cluster", _create_cluster),
        ("restore_db_cluster_to_point_in_time", _restore),
        ("delete_db_cluster", _delete_cluster),
        ("create_db_instance", _create_instance),
        ("delete_db_instance", _delete_instance),
    ):
        _original[name] = replace(RDSBackend, name, method)
    for kind in (DBCluster, DBInstance):
        replace(kind, "save_automated_backup", _no_backup)
    # A description must not read a dictionary that another thread changes.
    serialise(RDSResponse, ("call_action",), _lock)
    replace(DBCluster, "status", property(_status, _set_status))
    _original["endpoint"] = replace(DBCluster, "endpoint", property(_endpoint)).fget


def _no_backup(_self: Any) -> None:
    """Skip the snapshot: moto names it by the minute and would refuse a second one in the same minute."""


def _create_cluster(self: Any, kwargs: dict[str, Any]) -> Any:
    with _lock:
        identifier = kwargs["db_cluster_identifier"].lower()
        if identifier in self.clusters:
            raise RDSClientError("DBClusterAlreadyExistsFault", f"DB Cluster already exists: {identifier}")
        cluster = _original["create_db_cluster"](self, kwargs)
        cluster.status = "available"
        return cluster


def _restore(
    self: Any,
    db_cluster_identifier: str,
    source_db_cluster_identifier: str,
    restore_type: str = "full-copy",
    **kwargs: Any,
) -> Any:
    with _lock:
        source = self.describe_db_clusters(db_cluster_identifier=source_db_cluster_identifier)[0]
        parameter_groups.refuse_other_family(self, source, kwargs.get("db_cluster_parameter_group_name"))
        kwargs.setdefault("storage_type", "aurora")  # a clone does not inherit its source's I/O-Optimized storage
        clone = _original["restore_db_cluster_to_point_in_time"](
            self, db_cluster_identifier, source_db_cluster_identifier, restore_type, **kwargs
        )
        clone_groups.decide_storage(source, clone, restore_type, self.clusters.values())
        clone.cloned_from = source
        clone.status = "creating"
    _in_background(_copy_server, source, clone, restore_type)
    return clone


def _copy_server(source: Any, clone: Any, restore_type: str) -> None:
    began = time.monotonic()
    backend = active().clusters
    try:
        if backend is not None:
            clone.port = backend.clone(source.db_cluster_identifier, clone.db_cluster_identifier).port
    except Exception:
        clone.status = "cloning-failed"
        raise
    _sleep_until(began + active().cluster_seconds / 2)
    clone_groups.set_group(source, clone, restore_type)
    _sleep_until(began + active().cluster_seconds)
    clone.status = "available"


def _delete_cluster(self: Any, cluster_identifier: str, snapshot_name: str | None = None) -> Any:
    with _lock:
        cluster = self.clusters.get(cluster_identifier)
        if cluster is None:
            raise DBClusterNotFoundError(cluster_identifier)
        if cluster.status == "deleting":
            raise RDSClientError("InvalidDBClusterStateFault", f"{cluster_identifier} is being deleted")
        if cluster.members or cluster.deletion_protection:
            return _original["delete_db_cluster"](self, cluster_identifier, snapshot_name)  # raises AWS's error
        cluster.status = "deleting"
    _in_background(_remove_cluster, self, cluster, snapshot_name)
    return cluster


def _remove_cluster(rds: Any, cluster: Any, snapshot_name: str | None) -> None:
    began = time.monotonic()
    backend = active().clusters
    if backend is not None:
        backend.destroy(cluster.db_cluster_identifier)
    _sleep_until(began + active().cluster_seconds)
    with _lock:
        _original["delete_db_cluster"](rds, cluster.db_cluster_identifier, snapshot_name)


def _create_instance(self: Any, db_kwargs: dict[str, Any]) -> Any:
    with _lock:
        instance = _original["create_db_instance"](self, db_kwargs)
        instance.status = "creating"
    _in_background(_start_instance, self, instance)
    return instance


def _start_instance(rds: Any, instance: Any) -> None:
    _sleep_until(time.monotonic() + active().cluster_seconds)
    cluster = rds.clusters.get(instance.db_cluster_identifier)
    if cluster is not None and hasattr(cluster, "cloned_from"):
        rds_events.record_recovery(rds, cluster.cloned_from, instance)
    instance.status = "available"


def _delete_instance(self: Any, db_instance_identifier: str, *arguments: Any, **named: Any) -> Any:
    with _lock:
        instance = self.databases.get(db_instance_identifier)
        if instance is None:
            raise DBInstanceNotFoundError(db_instance_identifier)
        if instance.status == "deleting":
            raise RDSClientError("InvalidDBInstanceState", f"{db_instance_identifier} is being deleted")
        instance.status = "deleting"
    _in_background(_remove_instance, self, db_instance_identifier, *arguments, **named)
    return instance


def _remove_instance(rds: Any, identifier: str, *arguments: Any, **named: Any) -> None:
    _sleep_until(time.monotonic() + active().cluster_seconds)
    with _lock:
        _original["delete_db_instance"](rds, identifier, *arguments, **named)


def _status(self: Any) -> str:
    return str(self._status)


def _set_status(self: Any, value: str) -> None:
    self._status = value


def _endpoint(self: Any) -> str:
    backend = active().clusters
    endpoint = backend.endpoint(self.db_cluster_identifier) if backend is not None else None
    return endpoint.host if endpoint is not None else str(_original["endpoint"](self))


def _in_background(function: Callable[..., None], *arguments: Any, **named: Any) -> None:
    threading.Thread(target=function, args=arguments, kwargs=named, name="rds", daemon=True).start()


def _sleep_until(moment: float) -> None:
    active().stopping.wait(max(0.0, moment - time.monotonic()))
