"""A moto account in this process with the customer's resources."""

from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from catalog.loader import load_catalog
from local.aws.active import Active, activate
from local.aws.server import install
from local.guard import ProcessGuard
from local.secrets import make_secrets
from local.stack import make_network

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Account:
    """An account in one Region that records its calls as service:Operation."""

    def __init__(self, account: str, region: str) -> None:
        self.active = SimpleNamespace(account=account, region=region)
        self.calls: set[str] = set()

    def client(self, service: str) -> Any:  # noqa: ANN401 - a boto3 client
        made: Any = boto3.client(service, region_name=self.active.region)  # type: ignore[call-overload]  # any service
        made.meta.events.register("before-call", lambda model, **_: self.calls.add(f"{service}:{model.name}"))
        return made


@contextmanager
def customer_account(account_id: str, region: str, stack: str, work: Path) -> Iterator[Any]:
    """Yield an account with the network that a stack names, the readers' secrets and the source clusters."""
    install()  # moto alone reads a policy that asks for TLS as one that forbids everything
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setenv("MOTO_ACCOUNT_ID", account_id)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "none")
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        account: Any = Account(account_id, region)
        make_network(account, stack)
        make_secrets(account, {c.password_secret: "none" for c in load_catalog().clusters.values()})
        activate(Active(account=account_id, region=region, port=0, work=work, guard=ProcessGuard()))
        for cluster in load_catalog().clusters.values():
            account.client("rds").create_db_cluster(
                DBClusterIdentifier=cluster.identifier,
                Engine=cluster.engine,
                MasterUsername="u",
                MasterUserPassword="p" * 9,
            )
        account.calls.clear()
        yield account
