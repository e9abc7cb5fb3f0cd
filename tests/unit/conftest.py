"""What both stacks declare, recorded once without any AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from local.deploy.recorder import record

if TYPE_CHECKING:
    from local.deploy.engine import Deployment


@pytest.fixture(scope="session")
def declared_test() -> Deployment:
    return record("test")


@pytest.fixture(scope="session")
def declared_prod() -> Deployment:
    return record("prod")


@pytest.fixture(scope="session", params=["test", "prod"])
def either_stack(request: pytest.FixtureRequest) -> Deployment:
    return request.getfixturevalue(f"declared_{request.param}")  # type: ignore[no-any-return]  # pytest's
