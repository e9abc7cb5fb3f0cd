"""Engine versions and parameter groups of clusters; as in RDS, a group must be of the cluster's family.

moto's default versions are of families that AWS has retired. moto accepts a group of any family, and has neither
default groups nor Aurora's storage types.
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_WorkingWithParamGroups.html
"""

from __future__ import annotations

from typing import Any

from moto.rds.exceptions import InvalidParameterCombination
from moto.rds.models import DBCluster, RDSBackend

from catalog.engines import parameter_family
from local.aws.seams import replace
from local.engine_versions import VERSIONS


def install() -> None:
    """Give new clusters a supported version, and describe default groups."""
    default_version = DBCluster.default_engine_version
    describe = RDSBackend.describe_db_cluster_parameters

    def default(engine: str) -> str:
        return VERSIONS.get(engine) or str(default_version(engine))

    def parameters(self: Any, db_cluster_parameter_group_name: str) -> list[dict[str, Any]]:
        is_default = db_cluster_parameter_group_name.startswith("default.")
        return [] if is_default else describe(self, db_cluster_parameter_group_name)

    replace(DBCluster, "default_engine_version", staticmethod(default))
    replace(DBCluster, "default_allocated_storage", staticmethod(lambda **_: 1))
    replace(RDSBackend, "describe_db_cluster_parameters", parameters)


def refuse_other_family(rds: Any, source: Any, group: str | None) -> None:
    """Check that a cluster parameter group is of the source's engine version."""
    family = parameter_family(source.engine, source.engine_version)
    known = rds.db_cluster_parameter_groups.get(group or "")
    if known is not None and known.db_parameter_group_family != family:
        raise InvalidParameterCombination(
            f"The Parameter Group {group} with DBParameterGroupFamily {known.db_parameter_group_family} cannot be used "
            f"for this instance. Please use a Parameter Group with DBParameterGroupFamily {family}"
        )
