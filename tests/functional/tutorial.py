"""The tutorial's own files, taken out of the document: what a reader would save from it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from catalog.loader import CATALOG_DIRECTORY

DOCUMENT = Path(__file__).parents[2] / "docs" / "adding-a-domain.md"


def blocks() -> dict[str, str]:
    """Return the document's titled code blocks by title."""
    found = re.findall(r'^```\w+ title="([^"]+)"\n(.*?)^```$', DOCUMENT.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return dict(found)


def catalog_after_the_tutorial(folder: Path) -> Path:
    """Return a copy of the catalog with what the tutorial adds, in `folder`."""
    given = blocks()
    target = folder / "catalog"
    shutil.copytree(CATALOG_DIRECTORY, target, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    clusters = target / "clusters.yaml"
    clusters.write_text(clusters.read_text("utf-8") + given["catalog/clusters.yaml"], "utf-8")
    (target / "domains/film-rental.yaml").write_text(
        given["catalog/domains/film-rental.yaml"] + given["a table of parts"], "utf-8"
    )
    return target
