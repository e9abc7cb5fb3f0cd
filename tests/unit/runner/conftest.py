"""A cache of the repository's catalog for the tests of the commands; reading it takes a tenth of a second."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest

from catalog import loader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from catalog.errors import Problem
    from catalog.models import Catalog


@pytest.fixture(scope="package", autouse=True)
def _own_catalog() -> Iterator[None]:
    """Cache the repository's catalog; read any other folder each time."""
    read = loader.read_catalog
    own = cache(lambda: read(loader.CATALOG_DIRECTORY))

    def read_once(directory: Path) -> tuple[Catalog | None, list[Problem]]:
        return own() if directory == loader.CATALOG_DIRECTORY else read(directory)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loader, "read_catalog", read_once)
        yield
