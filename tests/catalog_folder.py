"""A catalog's folder that a test writes, with changes to its one domain."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def write_catalog(folder: Path, clusters: str, domain: str, *changes: tuple[str, str]) -> Path:
    """Write clusters.yaml and domains/orders.yaml, each change made once; return the folder.

    Raises:
        AssertionError: The domain does not hold a text that a change replaces.
    """
    for old, new in changes:
        assert old in domain
        domain = domain.replace(old, new, 1)
    (folder / "domains").mkdir()
    (folder / "clusters.yaml").write_text(clusters)
    (folder / "domains/orders.yaml").write_text(domain)
    return folder
