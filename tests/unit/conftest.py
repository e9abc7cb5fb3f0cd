"""Resources that both stacks declare for the customer's catalog, recorded once without AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from local.deploy.recorder import record
from tests.customer import customer_folder

if TYPE_CHECKING:
    from local.deploy.engine import Deployment


@pytest.fixture(scope="session")
def declared_test() -> Deployment:
    return record("test", {"catalog": str(customer_folder())})


@pytest.fixture(scope="session")
def declared_prod() -> Deployment:
    return record("prod", {"catalog": str(customer_folder())})


@pytest.fixture(scope="session", params=["test", "prod"])
def either_stack(request: pytest.FixtureRequest) -> Deployment:
    return request.getfixturevalue(f"declared_{request.param}")  # type: ignore[no-any-return]  # pytest's
