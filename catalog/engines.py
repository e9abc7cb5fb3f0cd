"""Parameter group families of Aurora engines, by the version that a cluster runs."""

from __future__ import annotations

import re

_POSTGRES = re.compile(r"(\d+)(\.\d+)+")  # 16.4
_MYSQL = re.compile(r"(\d+\.\d+)(\.[a-z0-9_]+)+")  # 8.0.mysql_aurora.3.08.0
_MAJORS = {
    "aurora-postgresql": ("11", "12", "13", "14", "15", "16", "17"),
    "aurora-mysql": ("5.7", "8.0", "8.4"),
}


def parameter_family(engine: str, version: str) -> str:
    """Return the family of cluster parameter groups, like aurora-postgresql16; nothing for a version not supported."""
    pattern = _POSTGRES if engine == "aurora-postgresql" else _MYSQL
    found = pattern.fullmatch(version)
    return f"{engine}{found[1]}" if found and found[1] in _MAJORS.get(engine, ()) else ""


def supported(engine: str) -> str:
    """Return the major versions that can be migrated, for an error's text."""
    return ", ".join(_MAJORS[engine])
