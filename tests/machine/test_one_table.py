"""The migration of one table that `make verify-aws` runs in a real account, on the embedded AWS."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from catalog.loader import load_catalog
from runner.account.environments import load_environment
from tests.aws.one_table import migrate, verdict
from tests.machine.rig import LIMITS

if TYPE_CHECKING:
    import pytest

    from tests.machine.rig import Rig


def test_one_table_is_migrated_by_a_machine_that_is_gone_afterwards(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in rig.aws.environment().items():
        monkeypatch.setitem(os.environ, name, value)
    lines: list[str] = []

    execution = migrate(
        load_environment("test"),
        load_catalog(),
        "rates",
        "BaseRateAssociation",
        tell=lines.append,
        poll_seconds=0.1,
        limits=LIMITS,
    )

    assert verdict(execution) == "MATCH", execution
    assert rig.tables() == ["BaseRateAssociation-rehearsal"]
    assert lines == [f"started {execution['executionArn']}"]
    machines = rig.client("stepfunctions").list_state_machines()["stateMachines"]
    assert not [machine for machine in machines if "verify" in machine["name"]]
