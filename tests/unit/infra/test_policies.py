"""Policies are documents made of names."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from catalog.loader import load_catalog
from infra import policies
from infra.account.sources import Sources
from infra.components.alarms import AlarmFacts, alarms
from infra.components.dashboard import dashboard
from infra.components.state_machines import machine_policy
from infra.errors import PolicyTooLargeError
from infra.naming import Naming
from infra.policies import access, deploy
from local.iam.operations import calls
from local.iam.policy import allowed
from local.iam.requests import Scope
from statemachine.kinds import BOOTSTRAP
from tests.customer import customer_catalog
from tests.deployed import REGION

if TYPE_CHECKING:
    from catalog.models import Catalog, Table

NAMING = Naming("test", "971779422973", REGION)
ARNS = ["arn:key", "arn:application", "arn:role"]
NO_ACCOUNT: Any = None  # nothing is asked of it here


def test_a_machine_may_start_and_stop_its_own_items_alone() -> None:
    policy = machine_policy(NAMING, "rates", (), BOOTSTRAP, ARNS)

    granted = [s for s in policy["Statement"] if s["Effect"] == "Allow" and s["Action"][0].startswith("states:")]
    states = "arn:aws:states:eu-west-1:971779422973"
    assert granted == [
        {
            "Effect": "Allow",
            "Action": ["states:StartExecution"],
            "Resource": [
                f"{states}:stateMachine:migration-test-rates",
                f"{states}:stateMachine:migration-test-verify-rates",
            ],
        },
        {
            "Effect": "Allow",
            "Action": ["states:DescribeExecution", "states:StopExecution"],
            "Resource": [
                f"{states}:execution:migration-test-rates/*",
                f"{states}:execution:migration-test-verify-rates/*",
            ],
        },
    ]


def rates_tables(**options: Any) -> tuple[Table, ...]:  # noqa: ANN401 - the model's fields
    return tuple(table.model_copy(update=options) for table in load_catalog().domains["rates"].tables)


def test_a_domain_without_streams_has_no_right_to_any() -> None:
    policy = machine_policy(NAMING, "rates", rates_tables(stream=None), BOOTSTRAP, ARNS)

    assert [action for action in actions(policy) if "kinesis" in action.lower()] == []
    assert "iam:CreateServiceLinkedRole" not in actions(policy)
    assert "kinesis:PutRecords" in actions(machine_policy(NAMING, "rates", rates_tables(), BOOTSTRAP, ARNS))


def actions(policy: dict[str, Any]) -> list[str]:
    return [action for statement in policy["Statement"] for action in statement["Action"]]


def without_streams() -> Catalog:
    catalog = load_catalog()
    domains = {
        name: domain.model_copy(
            update={"tables": tuple(table.model_copy(update={"stream": None}) for table in domain.tables)}
        )
        for name, domain in catalog.domains.items()
    }
    return catalog.model_copy(update={"domains": domains})


def test_who_deploys_may_change_the_streams_of_the_stacks_name_by_one_pattern_and_others_by_name() -> None:
    def streams(naming: Naming) -> list[str]:
        statements = deploy.deploy(naming, customer_catalog(), "state")["Statement"]
        (resources,) = [s["Resource"] for s in statements if "kinesis:CreateStream" in s["Action"]]
        return [arn.partition(":stream/")[2] for arn in resources]

    assert streams(replace(NAMING, stream_prefix="migration-test-")) == ["migration-test-*"]
    assert streams(NAMING) == ["Allotment-Stream", "BaseRate-Stream", "Inventory-Stream", "Restriction-Stream"]


def test_a_stack_without_streams_names_none_in_its_roles_and_on_its_dashboard() -> None:
    policies_of_people = [
        access.operator(NAMING, without_streams(), key_arn="arn:key", application_arn="arn:application"),
        deploy.deploy(NAMING, without_streams(), "state"),
    ]
    board = dashboard(
        NAMING, machine_arns=["arn"], functions=["f"], application_id="a", streams=[], alarm_arns=["arn:alarm"]
    )

    assert "kinesis" not in json.dumps(policies_of_people).lower()
    assert "Kinesis" not in json.dumps(board)
    assert [widget for widget in board["widgets"] if widget["properties"].get("metrics") == []] == []
    assert [alarm.name for alarm in alarms(NAMING, [], [], AlarmFacts(12, ""))] == ["run-too-long", "clones-forgotten"]


@pytest.mark.parametrize(
    ("key", "resource", "named"),
    [
        ("arn:aws:kms:eu-west-1:971779422973:key/0", "arn:aws:kms:eu-west-1:971779422973:key/0", {}),
        (
            "alias/tables",
            "arn:aws:kms:eu-west-1:971779422973:key/*",
            {"ForAnyValue:StringEquals": {"kms:ResourceAliases": ["alias/tables"]}},
        ),
    ],
)
def test_a_machine_uses_the_keys_of_its_tables_through_dynamodb_alone(
    key: str, resource: str, named: dict[str, Any]
) -> None:
    (statement,) = [
        statement
        for statement in machine_policy(NAMING, "rates", rates_tables(kms_key=key), BOOTSTRAP, ARNS)["Statement"]
        if "kms:CreateGrant" in statement["Action"]
    ]
    created = {"TableName": "BaseRate", "SSESpecification": {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}}
    asked = calls("dynamodb", "CreateTable", created, Scope("971779422973", REGION), NO_ACCOUNT)

    assert statement["Resource"] == [resource]
    assert statement["Condition"] == {"StringEquals": {"kms:ViaService": "dynamodb.eu-west-1.amazonaws.com"}, **named}
    used = [call for call in asked if call.action.startswith("kms:")]
    assert used
    assert [call for call in used if not allowed([statement], call)] == []


def test_a_policy_that_iam_would_refuse_for_its_length_is_refused_before() -> None:
    clusters = list(customer_catalog().clusters.values())
    many = [
        cluster.model_copy(update={"identifier": f"{prefix}-{cluster.identifier.replace('-0', '-')}"})
        for number, cluster in enumerate(clusters)
        for prefix in (f"{'abcdefghi'[number]}{letter}-in-a-place-of-its-own" for letter in "abcdefghi")
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
    assert statement["Resource"] == "*"  # a policy of the secret itself
    assert statement["Action"] == ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]
    assert statement["Condition"] == {"StringEquals": {"aws:SourceArn": "arn:application"}}
