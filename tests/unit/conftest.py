"""What both stacks declare, recorded once without any AWS."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest

from catalog import loader
from local.deploy.recorder import record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from catalog.errors import Problem
    from catalog.models import Catalog
    from local.deploy.engine import Deployment


@pytest.fixture(scope="session", autouse=True)
def _own_catalog_is_read_once() -> Iterator[None]:
    """Read the repository's catalog once for all tests, which takes a tenth of a second; others are read each time."""
    read = loader.read_catalog
    own = cache(lambda: read(loader.CATALOG_DIRECTORY))

    def read_once(directory: Path) -> tuple[Catalog | None, list[Problem]]:
        return own() if directory == loader.CATALOG_DIRECTORY else read(directory)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loader, "read_catalog", read_once)
        yield


@pytest.fixture(scope="session")
def declared_test() -> Deployment:
    return record("test")


@pytest.fixture(scope="session")
def declared_prod() -> Deployment:
    return record("prod")


@pytest.fixture(scope="session", params=["test", "prod"])
def either_stack(request: pytest.FixtureRequest) -> Deployment:
    return request.getfixturevalue(f"declared_{request.param}")  # type: ignore[no-any-return]  # pytest's
