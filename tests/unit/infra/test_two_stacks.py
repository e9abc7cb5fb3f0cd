"""Two stacks in one account do not meet."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar

import boto3
import pytest
from moto import mock_aws

from catalog.loader import load_catalog
from infra.deploy_policy import deploy
from infra.naming import Naming
from local.aws.active import Active, activate
from local.aws.server import install
from local.deploy.cloud import Cloud
from local.deploy.config import stack_config
from local.deploy.engine import run_program
from local.deploy.program import Provider
from local.guard import ProcessGuard
from local.secrets import make_secrets
from local.stack import make_network
from tests.deployed import REGION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.deploy.engine import Deployment

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


class Account:
    """An account of moto's in this process, without a server; it notes what it is asked for."""

    active = SimpleNamespace(account=ACCOUNT, region=REGION)
    calls: ClassVar[set[str]] = set()

    def client(self, service: str) -> Any:  # noqa: ANN401 - a boto3 client
        made: Any = boto3.client(service, region_name=REGION)  # type: ignore[call-overload]  # any service
        made.meta.events.register("before-call", lambda model, **_: self.calls.add(f"{service}:{model.name}"))
        return made


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    install()  # moto alone reads a policy that asks for TLS as one that forbids everything
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setenv("MOTO_ACCOUNT_ID", ACCOUNT)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "none")
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        account: Any = Account()
        make_network(account)
        make_secrets(account, {c.password_secret: "none" for c in load_catalog().clusters.values()})
        work = tmp_path_factory.mktemp("work")
        activate(Active(account=ACCOUNT, region=REGION, port=0, work=work, guard=ProcessGuard()))
        for cluster in load_catalog().clusters.values():
            account.client("rds").create_db_cluster(
                DBClusterIdentifier=cluster.identifier,
                Engine=cluster.engine,
                MasterUsername="u",
                MasterUserPassword="p" * 9,
            )
        account.calls.clear()
        yield Cloud(account)
        Account.calls.clear()


def other_config() -> dict[str, str]:
    """Return the test stack's configuration as a second stack of the account needs it."""
    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
    changed = {"plainStreamNames": "false", "githubProviderArn": provider}
    return stack_config("test") | {f"{PROJECT}:{key}": value for key, value in changed.items()}


def arns(deployment: Deployment) -> set[str]:
    outputs = deployment.outputs
    return {
        outputs["applicationId"],
        outputs["dataBucket"],
        outputs["artifactsBucket"],
        *outputs["stateMachines"].values(),
    }


@pytest.fixture(scope="module")
def stacks(cloud: Cloud) -> tuple[Deployment, Deployment]:
    run_program(Provider(cloud), "test", stack_config("test"), preview=True)
    assert [call for call in Account.calls if ":Describe" not in call] == ["sts:GetCallerIdentity"]
    first = run_program(Provider(cloud), "test", stack_config("test"))
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
    stacks: tuple[Deployment, Deployment],
) -> None:
    assert stacks
    statements = deploy(Naming("test", ACCOUNT, REGION), load_catalog(), "state")["Statement"]
    allowed = {action for statement in statements if statement["Effect"] == "Allow" for action in statement["Action"]}

    called = {call.replace("stepfunctions:", "states:") for call in Account.calls - {"kinesis:ListStreams"}}
    actions = {ACTIONS.get(call, call) for call in called} - {""}

    assert len(actions) > 30
    # Whoever deploys first, an administrator, makes the account's provider of identities and the boundary.
    assert actions - allowed == {"iam:CreateOpenIDConnectProvider", "iam:CreatePolicy"}
