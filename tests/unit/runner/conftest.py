"""A cache of the catalogs that the tests of the commands read; reading one takes a tenth of a second."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from catalog import loader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from catalog.errors import Problem
    from catalog.models import Catalog


@pytest.fixture(scope="package", autouse=True)
def _catalogs() -> Iterator[None]:
    """Cache each folder's catalog; read a folder again once a byte of it differs."""
    read = loader.read_catalog
    known: dict[tuple[tuple[str, bytes], ...], tuple[Catalog | None, list[Problem]]] = {}

    def read_once(directory: Path) -> tuple[Catalog | None, list[Problem]]:
        files = tuple((str(path), path.read_bytes()) for path in sorted(directory.rglob("*.yaml")))
        if not files:
            return read(directory)
        if files not in known:
            known[files] = read(directory)
        catalog, problems = known[files]
        return catalog, list(problems)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loader, "read_catalog", read_once)
        yield
