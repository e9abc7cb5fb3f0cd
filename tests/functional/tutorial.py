"""The tutorial's files, extracted from the document as a reader would save them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from tests.customer import customer_folder

DOCUMENT = Path(__file__).parents[2] / "docs" / "adding-a-domain.md"


def blocks() -> dict[str, str]:
    """Return the document's titled code blocks by title."""
    titled = re.findall(r'^```\w+ title="([^"]+)"\n(.*?)^```$', DOCUMENT.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return dict(titled)


def catalog_after_the_tutorial(folder: Path) -> Path:
    """Return a copy of the customer's catalog, in `folder`, with the tutorial's additions."""
    texts = blocks()
    target = folder / "catalog"
    shutil.copytree(customer_folder(), target)
    clusters = target / "clusters.yaml"
    clusters.write_text(clusters.read_text("utf-8") + texts["catalog/clusters.yaml"], "utf-8")
    (target / "domains/film-rental.yaml").write_text(
        texts["catalog/domains/film-rental.yaml"] + texts["a table of parts"], "utf-8"
    )
    return target
