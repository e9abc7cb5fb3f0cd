"""Two stacks in one account share no resource."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from infra.naming import Naming
from infra.policies.deploy import deploy
from local.deploy.cloud import Cloud
from local.deploy.config import stack_config
from local.deploy.engine import run_program
from local.deploy.program import Provider
from tests.customer import customer_catalog, customer_folder
from tests.deployed import REGION
from tests.unit.infra.account import customer_account

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.deploy.engine import Deployment
    from tests.unit.infra.account import Account

ACCOUNT = "971779422973"
# Calls whose action has another name.
ACTIONS = {
    "s3:PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
    "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "sts:GetCallerIdentity": "",  # nobody needs leave for it
}
PROJECT = "rates-avail-migration-bootstrap"
LONGEST = "abcdefghij"


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    with customer_account(ACCOUNT, REGION, "test", tmp_path_factory.mktemp("work")) as made:
        yield made


@pytest.fixture(scope="module")
def cloud(account: Any) -> Cloud:  # noqa: ANN401 - stands where an embedded AWS is asked for
    return Cloud(account)


def first_config() -> dict[str, str]:
    """Return the test stack's configuration with the customer's catalog."""
    return stack_config("test") | {f"{PROJECT}:catalog": str(customer_folder())}


def other_config() -> dict[str, str]:
    """Return the configuration of a second stack in the account."""
    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
    changed = {"plainStreamNames": "false", "githubProviderArn": provider}
    return first_config() | {f"{PROJECT}:{key}": value for key, value in changed.items()}


def arns(deployment: Deployment) -> set[str]:
    outputs = deployment.outputs
    return {
        outputs["applicationId"],
        outputs["dataBucket"],
        outputs["artifactsBucket"],
        *outputs["stateMachines"].values(),
    }


@pytest.fixture(scope="module")
def stacks(account: Account, cloud: Cloud) -> tuple[Deployment, Deployment]:
    run_program(Provider(cloud), "test", first_config(), preview=True)
    assert [call for call in account.calls if ":Describe" not in call] == ["sts:GetCallerIdentity"]
    first = run_program(Provider(cloud), "test", first_config())
    return first, run_program(Provider(cloud), LONGEST, other_config())


def test_two_stacks_of_one_account_share_no_name(cloud: Cloud, stacks: tuple[Deployment, Deployment]) -> None:
    first, second = (arns(deployment) for deployment in stacks)

    assert len(first) == len(second) == 5
    assert first & second == set()
    names = cloud.client("kinesis").list_streams()["StreamNames"]
    assert sorted(names) == sorted(
        prefix + name
        for prefix in ("", f"migration-{LONGEST}-")
        for name in ("Allotment-Stream", "BaseRate-Stream", "Inventory-Stream", "Restriction-Stream")
    )


def test_whatever_a_deployment_calls_is_allowed_to_the_role_that_deploys(
    account: Account, stacks: tuple[Deployment, Deployment]
) -> None:
    assert stacks
    statements = deploy(Naming("test", ACCOUNT, REGION), customer_catalog(), "state")["Statement"]
    allowed = {action for statement in statements if statement["Effect"] == "Allow" for action in statement["Action"]}

    called = {call.replace("stepfunctions:", "states:") for call in account.calls - {"kinesis:ListStreams"}}
    actions = {ACTIONS.get(call, call) for call in called} - {""}

    assert len(actions) > 30
    # Whoever deploys first, an administrator, makes the account's provider of identities and the boundary.
    assert actions - allowed == {"iam:CreateOpenIDConnectProvider", "iam:CreatePolicy"}
