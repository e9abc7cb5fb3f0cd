"""Policies are documents made of names."""

from __future__ import annotations

import pytest

from catalog.loader import load_catalog
from infra import policies
from infra.errors import PolicyTooLargeError
from infra.naming import Naming
from infra.policies import own_executions
from infra.sources import Sources
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


def test_a_policy_that_iam_would_refuse_for_its_length_is_refused_before() -> None:
    clusters = list(load_catalog().clusters.values())
    many = [
        cluster.model_copy(update={"identifier": f"{cluster.identifier}-{n}"})
        for cluster in clusters
        for n in (1, 2, 3)
    ]

    with pytest.raises(PolicyTooLargeError, match="IAM allows 10240"):
        policies.clone_service(NAMING, "arn:key", many, Sources((), ()))


def test_the_clone_service_may_use_the_keys_of_its_sources_and_no_other() -> None:
    of_another_account = "arn:aws:kms:eu-west-1:111122223333:key/k"
    clusters = list(load_catalog().clusters.values())

    document = policies.clone_service(NAMING, "arn:key", clusters, Sources((), (of_another_account,)))
    unencrypted = policies.clone_service(NAMING, "arn:key", clusters, Sources((), ()))

    keys = {action: s["Resource"] for s in document["Statement"] for action in s["Action"] if action.startswith("kms:")}
    assert keys == {
        "kms:CreateGrant": [of_another_account],
        "kms:DescribeKey": [of_another_account],
        "kms:Decrypt": ["arn:key"],
    }
    assert not [s for s in unencrypted["Statement"] if "kms:CreateGrant" in s["Action"]]


def test_a_secret_is_read_by_one_application_only() -> None:
    (statement,) = policies.secret_reader("arn:application")["Statement"]

    assert statement["Principal"] == {"Service": "emr-serverless.amazonaws.com"}
    assert statement["Action"] == ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]
    assert statement["Condition"] == {"StringEquals": {"aws:SourceArn": "arn:application"}}
