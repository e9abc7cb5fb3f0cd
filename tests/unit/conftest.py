"""Resources that both stacks declare for the customer's catalog, recorded once without AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from local.deploy.engine import Deployment


def _declared(stack: str) -> Deployment:
    # Pulumi and the catalog load slowly, and few tests need them.
    from local.deploy.recorder import record  # noqa: PLC0415 - see above
    from tests.customer import customer_folder  # noqa: PLC0415 - see above

    return record(stack, {"catalog": str(customer_folder())})


@pytest.fixture(scope="session")
def declared_test() -> Deployment:
    return _declared("test")


@pytest.fixture(scope="session")
def declared_prod() -> Deployment:
    return _declared("prod")


@pytest.fixture(scope="session", params=["test", "prod"])
def either_stack(request: pytest.FixtureRequest) -> Deployment:
    return request.getfixturevalue(f"declared_{request.param}")  # type: ignore[no-any-return]  # pytest's
