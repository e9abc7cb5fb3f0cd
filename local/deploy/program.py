"""Deployment of the Pulumi program: a handler creates each declared resource in the embedded AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi.runtime import settings
from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs, Mocks

from local.deploy import handlers
from local.deploy.config import allowed_account, project_name, stack_config
from local.deploy.engine import Deployment, run_program, unwrap
from local.errors import DeployError

if TYPE_CHECKING:
    from local.deploy.cloud import Cloud


class Provider(Mocks):
    """A provider that creates each declared resource, or none in a preview."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        """Create the resource and return its id and computed properties."""
        if not args.custom or args.typ.startswith("pulumi:providers:"):
            return args.name, args.inputs
        handler = handlers.HANDLERS.get(args.typ)
        if handler is None:
            raise DeployError(f"{args.typ} ({args.name}) has no handler in the embedded AWS; add one to local/deploy")
        if settings.is_dry_run():
            return "", args.inputs
        identifier, computed = handler(self._cloud, args.name, unwrap(args.inputs))
        return identifier, {**args.inputs, **computed}

    def call(self, args: MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        """Answer a data source."""
        source = handlers.SOURCES.get(args.token)
        if source is None:
            raise DeployError(f"{args.token} has no data source in the embedded AWS; add one to local/deploy")
        return source(self._cloud, unwrap(args.args)), []


def deploy(cloud: Cloud, stack: str, **values: str) -> Deployment:
    """Deploy the program's stack; `values` override those of its file.

    Raises:
        DeployError: The account is not the stack's, or a resource has no handler.
    """
    config = stack_config(stack) | {f"{project_name()}:{key}": value for key, value in values.items()}
    account = cloud.client("sts").get_caller_identity()["Account"]
    if account != allowed_account(config, stack):
        raise DeployError(f"this is account {account}, but Pulumi.{stack}.yaml allows {allowed_account(config, stack)}")
    return run_program(Provider(cloud), stack, config)
