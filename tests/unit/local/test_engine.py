"""Runs of the program in one process do not affect each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from local.deploy.config import stack_config
from local.deploy.engine import run_program
from local.deploy.recorder import Recorder, record
from tests.customer import customer_folder
from tests.deployed import REGION

if TYPE_CHECKING:
    from pulumi.runtime.mocks import MockResourceArgs


class Refusing(Recorder):
    """A recorder that refuses every stream."""

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        if args.typ == "aws:kinesis/stream:Stream":
            raise PermissionError(args.name)
        return super().new_resource(args)


def test_a_run_after_one_that_was_refused_is_as_any_other() -> None:
    with pytest.raises(PermissionError, match="-Stream"):
        run_program(Refusing("971779422973", REGION), "test", stack_config("test"))

    assert record("test", {"catalog": str(customer_folder())}).outputs["stateMachines"] == {
        "availability": "${migration-test-availability.arn}",
        "rates": "${migration-test-rates.arn}",
    }
