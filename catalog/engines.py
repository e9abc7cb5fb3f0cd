"""Parameter group families of Aurora engines, by a cluster's version."""

from __future__ import annotations

import re

_POSTGRES = re.compile(r"(\d+)(\.\d+)+")  # 16.4
_MYSQL = re.compile(r"(\d+\.\d+)(\.[a-z0-9_]+)+")  # 8.0.mysql_aurora.3.08.0
_MAJORS = {
    "aurora-postgresql": ("11", "12", "13", "14", "15", "16", "17"),
    "aurora-mysql": ("5.7", "8.0", "8.4"),
}


def parameter_family(engine: str, version: str) -> str:
    """Return the cluster parameter group family, like aurora-postgresql16; empty for an unsupported version."""
    pattern = _POSTGRES if engine == "aurora-postgresql" else _MYSQL
    match = pattern.fullmatch(version)
    return f"{engine}{match[1]}" if match and match[1] in _MAJORS.get(engine, ()) else ""


def supported(engine: str) -> str:
    """Return the major versions that can be migrated, for an error message."""
    return ", ".join(_MAJORS[engine])
