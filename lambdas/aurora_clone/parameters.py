"""Which of the stack's parameter groups a clone gets: by its source's engine version and logical replication.

The catalog's own module of families is not deployed with the function; a test holds the two together.
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
    """Return the family of cluster parameter groups, like aurora-postgresql16; nothing where the version has none."""
    found = _VERSION[engine].fullmatch(version) if engine in _VERSION else None
    return f"{engine}{found[1]}" if found else ""


def group_for(rds: Rds, origin: Cluster, groups: Mapping[str, str]) -> str:
    """Return the parameter group of a source's clone.

    PostgreSQL with a logical replication slot does not start below `wal_level` logical, so a clone has logical
    replication where its source has it.

    Raises:
        ParameterGroupMissingError: The stack has none of the family.
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
