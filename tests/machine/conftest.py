"""A stack with a substitute for Spark for all tests of the machine, in a process of their own with one AWS."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.machine.expressions import recorded
from tests.machine.rig import Rig

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def shared_rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with Rig(tmp_path_factory.mktemp("rig")) as running, recorded(f"tests-{os.environ.get('TEST_PART', 'machine')}"):
        yield running


@pytest.fixture
def rig(shared_rig: Rig) -> Rig:
    shared_rig.reset()
    return shared_rig
