"""The customer's catalog, without other domains that the repository's catalog may contain.

Goldens, diagrams and tests that name domains or count tables use it, so that a third domain is YAML only.
"""

from __future__ import annotations

import atexit
import re
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.loader import CATALOG_DIRECTORY, load_catalog

if TYPE_CHECKING:
    from catalog.models import Catalog

DOMAINS = ("availability", "rates")


@cache
def customer_folder() -> Path:
    """Return a folder with the customer's domains and the groups of clusters that they read."""
    folder = Path(tempfile.mkdtemp(prefix="customer-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "domains").mkdir()
    selects = [select for name in DOMAINS for select in load_catalog().domains[name].selects]
    read = {extract.group for select in selects for extract in select.extracts.values()}
    for name in DOMAINS:
        shutil.copy(CATALOG_DIRECTORY / "domains" / f"{name}.yaml", folder / "domains")
    text = (CATALOG_DIRECTORY / "clusters.yaml").read_text("utf-8")
    (folder / "clusters.yaml").write_text(_with_groups(text, read), "utf-8")
    return folder


def _with_groups(text: str, names: set[str]) -> str:
    """Return the text of clusters.yaml without the blocks of other groups."""
    head, *blocks = re.split(r"^(?=  \w+:)", text, flags=re.MULTILINE)
    return head + "".join(block for block in blocks if block.strip().partition(":")[0] in names)


@cache
def customer_catalog() -> Catalog:
    """Return the customer's catalog."""
    return load_catalog(customer_folder())
