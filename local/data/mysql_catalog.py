"""The demo's catalog for clusters of Aurora MySQL: the product's own, with MySQL's types."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from local.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

_CODE, _ESCAPED = (
    f"concat({name}, '#', association.association_id)"
    for name in (
        "association.restriction_code",
        "replace(replace(association.restriction_code, '%', '%25'), '#', '%23')",
    )
)
# MySQL has no arrays: an array is a JSON document, and becomes a list instead of PostgreSQL's set. MySQL has no UUIDs
# either: a char(36) may hold any text, so the other part of a key must not contain the separator.
_CHANGES = {
    "clusters.yaml": {"engine: aurora-postgresql": "engine: aurora-mysql"},
    "domains/rates.yaml": {"agent_codes: text[]": "agent_codes: json", "agentCodes: SS": "agentCodes: L"},
    "domains/availability.yaml": {"channels: text[]": "channels: json", "channels: SS": "channels: L", _CODE: _ESCAPED},
}


def write_mysql_catalog(catalog: Path, folder: Path) -> Path:
    """Write the catalog of the demo's MySQL sources to a folder and return the folder.

    Raises:
        DataError: The catalog lacks a text that this module replaces.
    """
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "domains").mkdir(parents=True)
    for name, changes in _CHANGES.items():
        text = (catalog / name).read_text()
        for postgres, mysql in changes.items():
            if postgres not in text:
                raise DataError(f"{catalog / name} has no {postgres!r}; adapt local/data/mysql_catalog.py to it")
            text = text.replace(postgres, mysql)
        (folder / name).write_text(text)
    return folder
