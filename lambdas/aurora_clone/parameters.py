"""Choice of a clone's parameter group by its source's engine version and logical replication.

The catalog's own module of families is not deployed with the function; a test compares the two.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aurora_clone.errors import ParameterGroupMissingError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aurora_clone.clusters import Cluster, Rds

_POSTGRES = "aurora-postgresql"
_VERSION = {_POSTGRES: re.compile(r"(\d+)(\.\d+)+"), "aurora-mysql": re.compile(r"(\d+\.\d+)(\.[a-z0-9_]+)+")}
_ON = ("1", "on", "true")


def family(engine: str, version: str) -> str:
    """Return the cluster parameter group family, like aurora-postgresql16; empty if the version has none."""
    match = _VERSION[engine].fullmatch(version) if engine in _VERSION else None
    return f"{engine}{match[1]}" if match else ""


def group_for(rds: Rds, origin: Cluster, groups: Mapping[str, str]) -> str:
    """Return the parameter group of a source's clone.

    PostgreSQL with a logical replication slot does not start unless `wal_level` is logical, so a clone gets logical
    replication if its source has it.

    Raises:
        ParameterGroupMissingError: The stack has no group of the family.
    """
    wanted = family(origin.engine, origin.engine_version)
    if origin.engine == _POSTGRES and rds.parameter(origin.parameter_group, "rds.logical_replication") in _ON:
        wanted += "-logical"
    if wanted not in groups:
        raise ParameterGroupMissingError(
            f"{origin.identifier} runs {origin.engine} {origin.engine_version} and its clone needs a parameter group "
            f"for {wanted or 'it'}; the stack has {', '.join(sorted(groups)) or 'none'}. Deploy the stack again"
        )
    return groups[wanted]
