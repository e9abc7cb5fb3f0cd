"""Clone groups: clusters with a common ancestor, and the clusters among them that share storage.

A new cluster has no CloneGroupId. Cloning sets it on source and clone for the cluster's lifetime. Every point-in-time
restore inherits it, even a full copy.
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBCluster.html
A volume has at most 15 clones, "including clones based on other clones. After that, only copies can be created".
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/AuroraMySQL.Managing.Clone.html
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from moto.rds.models import DBCluster
from moto.rds.utils import FilterDef

from local.aws.seams import replace

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_CLONES_OF_A_VOLUME = 15


def install() -> None:
    """Support the filter clone-group-id when clusters are described."""
    by_group = {"clone-group-id": FilterDef(["clone_group_id"], "Clone Group Ids")}
    replace(DBCluster, "SUPPORTED_FILTERS", {**DBCluster.SUPPORTED_FILTERS, **by_group})


def decide_storage(source: Any, clone: Any, restore_type: str, clusters: Iterable[Any]) -> None:
    """Decide whether a restored cluster shares its source's storage, which no answer of RDS shows."""
    clone.clone_group_id = _group(source)
    volume = _volume(source)
    sharing = [cluster for cluster in clusters if _volume(cluster) == volume and is_clone(cluster)]
    clone.shares_storage = restore_type == "copy-on-write" and len(sharing) < MOST_CLONES_OF_A_VOLUME
    clone.volume = volume if clone.shares_storage else str(uuid.uuid4())


def set_group(source: Any, clone: Any, restore_type: str) -> None:
    """Set the group of source and clone. On the first clone of a source, both lack it for a while."""
    if restore_type == "copy-on-write":
        source.clone_group_id = _group(source) or str(uuid.uuid4())
        clone.clone_group_id = source.clone_group_id


def is_clone(cluster: Any) -> bool:
    """Return whether a cluster shares storage with the cluster that it was restored from."""
    return bool(cluster.__dict__.get("shares_storage", False))


def _group(cluster: Any) -> str | None:
    group: str | None = cluster.__dict__.get("clone_group_id")
    return group


def _volume(cluster: Any) -> str:
    return str(cluster.__dict__.setdefault("volume", str(uuid.uuid4())))
