"""Two stacks in one account do not meet."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from infra.naming import REGION
from local.aws.server import install
from local.deploy.cloud import Cloud
from local.deploy.config import stack_config
from local.deploy.engine import run_program
from local.deploy.program import Provider
from local.stack import make_network

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.deploy.engine import Deployment

ACCOUNT = "971779422973"
PROJECT = "rates-avail-migration-bootstrap"
LONGEST = "abcdefghij"


class Account:
    """An account of moto's in this process, without a server; it notes what it is asked for."""

    active = SimpleNamespace(account=ACCOUNT)

    def __init__(self) -> None:
        self.calls: set[str] = set()

    def client(self, service: str) -> Any:  # noqa: ANN401 - a boto3 client
        made: Any = boto3.client(service, region_name=REGION)  # type: ignore[call-overload]  # any service
        made.meta.events.register("before-call", lambda model, **_: self.calls.add(f"{service}:{model.name}"))
        return made


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    install()  # moto alone reads a policy that asks for TLS as one that forbids everything
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setenv("MOTO_ACCOUNT_ID", ACCOUNT)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "none")
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        account: Any = Account()
        make_network(account)
        yield Cloud(account)


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


def test_a_preview_makes_nothing(cloud: Cloud) -> None:
    run_program(Provider(cloud), "test", stack_config("test"), preview=True)

    assert cloud.client("s3").list_buckets()["Buckets"] == []
    assert cloud.client("iam").list_roles()["Roles"] == []
    assert cloud.client("stepfunctions").list_state_machines()["stateMachines"] == []


def test_two_stacks_of_one_account_share_nothing_but_plain_stream_names_if_both_ask_for_them(cloud: Cloud) -> None:
    first = run_program(Provider(cloud), "test", stack_config("test"))
    second = run_program(Provider(cloud), LONGEST, other_config())

    assert arns(first) & arns(second) == set()
    names = cloud.client("kinesis").list_streams()["StreamNames"]
    assert sorted(names) == sorted(
        prefix + name
        for prefix in ("", f"migration-{LONGEST}-")
        for name in ("Allotment-Stream", "BaseRate-Stream", "Inventory-Stream", "Restriction-Stream")
    )
    with pytest.raises(cloud.client("kinesis").exceptions.ResourceInUseException, match="-Stream"):
        run_program(Provider(cloud), "other", other_config() | {f"{PROJECT}:plainStreamNames": "true"})
