"""Folders that stand for a customer's project: the repository's files, linked."""

from __future__ import annotations

from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
_CATALOG, _CLUSTERS = "catalog", "clusters.yaml"


def link_project(folder: Path, *, without: tuple[str, ...] = ()) -> None:
    """Link the repository's entries into an existing folder, but for its Git files and those that are named."""
    for entry in ROOT.iterdir():
        if not entry.name.startswith(".git") and entry.name not in without:
            (folder / entry.name).symlink_to(entry)


def project_with_partitions(folder: Path, partitions: int) -> Path:
    """Link a project whose catalog has only the first partitions; return the catalog's folder."""
    link_project(folder, without=(_CATALOG,))
    catalog = folder / _CATALOG
    catalog.mkdir()
    for entry in (ROOT / _CATALOG).iterdir():
        if entry.name != _CLUSTERS:
            (catalog / entry.name).symlink_to(entry)
    document = yaml.safe_load((ROOT / _CATALOG / _CLUSTERS).read_text("utf-8"))
    group = document["groups"]["partitions"]
    group["clusters"] = group["clusters"][:partitions]
    (catalog / _CLUSTERS).write_text(yaml.safe_dump(document, sort_keys=False), "utf-8")
    return catalog
