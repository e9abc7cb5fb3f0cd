"""Policies are documents made of names."""

from __future__ import annotations

from infra.naming import Naming
from infra.policies import own_executions
from infra.stack import _machine_policy

NAMING = Naming("test", "971779422973")
ARNS = ["arn:key", "arn:application", "arn:role"]


def test_only_a_machine_with_distributed_maps_may_start_executions_of_its_own() -> None:
    inline = _machine_policy(NAMING, (), ARNS, distributed="")
    distributed = _machine_policy(NAMING, (), ARNS, distributed="rates")

    added = [statement for statement in distributed["Statement"] if statement not in inline["Statement"]]
    assert added == own_executions(NAMING, "rates")
    assert added == [
        {
            "Effect": "Allow",
            "Action": ["states:StartExecution"],
            "Resource": ["arn:aws:states:eu-west-1:971779422973:stateMachine:migration-test-rates"],
        },
        {
            "Effect": "Allow",
            "Action": ["states:DescribeExecution", "states:StopExecution"],
            "Resource": ["arn:aws:states:eu-west-1:971779422973:execution:migration-test-rates/*"],
        },
    ]
