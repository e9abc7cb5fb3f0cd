"""The source clusters as deployed, which decide the parameter groups and keys of their clones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_aws import rds

from catalog.engines import parameter_family, supported
from infra.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from catalog.models import Cluster


@dataclass(frozen=True)
class Sources:
    """The parameter group families and keys that all source clusters need."""

    families: tuple[str, ...]  # of parameter groups
    key_arns: tuple[str, ...]  # that encrypt them, of this account or another


def look_up_sources(clusters: Iterable[Cluster]) -> Sources:
    """Return the families and keys of the sources; a preview looks them up too.

    Raises:
        SourceError: A source does not run the catalog's engine, or runs a version that cannot be migrated.
    """
    families, keys = set(), set()
    for cluster in clusters:
        deployed = rds.get_cluster(cluster_identifier=cluster.identifier)
        family = parameter_family(cluster.engine, deployed.engine_version) if deployed.engine == cluster.engine else ""
        if not family:
            raise SourceError(
                f"{cluster.identifier} runs {deployed.engine} {deployed.engine_version}; catalog/clusters.yaml says "
                f"{cluster.engine}, of which {supported(cluster.engine)} can be migrated"
            )
        families.add(family)
        if deployed.storage_encrypted:
            keys.add(deployed.kms_key_id)
    return Sources(tuple(sorted(families)), tuple(sorted(keys)))
