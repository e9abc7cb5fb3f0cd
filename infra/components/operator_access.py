"""Roles to operate and deploy the stack: workflows of one repository take them with short-lived credentials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi_aws import iam

from infra.policies import access
from infra.policies.deploy import deploy

if TYPE_CHECKING:
    from catalog.models import Catalog
    from infra.naming import Naming
    from infra.settings.model import Settings

# Following a migration takes hours; GitHub requests as long a session as the role allows.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-settings.html
_LONGEST_SESSION_SECONDS = 12 * 3600
_SESSION_SECONDS = 3600


@dataclass(frozen=True, kw_only=True)
class OperatorAccessArgs:
    """Inputs of :class:`OperatorAccess`."""

    naming: Naming
    settings: Settings
    catalog: Catalog
    key_arn: pulumi.Input[str]
    application_arn: pulumi.Input[str]
    boundary_arn: pulumi.Input[str]


class OperatorAccess(pulumi.ComponentResource):
    """The roles to operate, to deploy and, if the stack file says so, to preview pull requests.

    Operating and deploying need the stack's GitHub environment, whose reviewers approve. A pull request has no
    environment in its `sub`, so it has its own role.
    """

    def __init__(self, name: str, args: OperatorAccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("migration:infra:OperatorAccess", f"{name}-access", None, opts)
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        naming, settings = args.naming, args.settings
        self._provider_arn = self._identity_provider()
        operator = pulumi.Output.all(args.key_arn, args.application_arn).apply(
            lambda arns: access.operator(naming, args.catalog, key_arn=arns[0], application_arn=arns[1])
        )
        environment = f"environment:{settings.stack}"
        self.role_arns = {
            "operator": self._role("operator", environment, operator, _LONGEST_SESSION_SECONDS),
            "deploy": self._role("deploy", environment, deploy(naming, args.catalog, settings.state_bucket)),
        }
        if settings.pull_request_preview:
            policy = access.preview(naming, args.catalog, settings.state_bucket)
            self.role_arns["preview"] = self._role("preview", "pull_request", policy)
        self.register_outputs({"role_arns": self.role_arns})

    def _identity_provider(self) -> pulumi.Input[str]:
        """Return the account's GitHub provider; an account has at most one, so a second stack uses the first's."""
        if self._args.settings.github_provider_arn:
            return self._args.settings.github_provider_arn
        made = iam.OpenIdConnectProvider(
            f"{self._args.naming.prefix}-github",
            url=f"https://{access.GITHUB}",
            client_id_lists=["sts.amazonaws.com"],
            tags=self._args.naming.tags(),
            opts=self._child,
        )
        return made.arn

    def _role(
        self, role: str, subject: str, policy: pulumi.Input[dict[str, Any]], seconds: int = _SESSION_SECONDS
    ) -> pulumi.Output[str]:
        name = f"{self._args.naming.prefix}-{role}"
        repository = self._args.settings.github_repository
        trust = pulumi.Output.from_input(self._provider_arn).apply(
            lambda arn: access.github_trust(arn, repository, subject)
        )
        made = iam.Role(
            name,
            name=name,
            assume_role_policy=pulumi.Output.json_dumps(trust, sort_keys=True),
            permissions_boundary=self._args.boundary_arn,
            max_session_duration=seconds,
            tags=self._args.naming.tags(),
            opts=self._child,
        )
        text = pulumi.Output.json_dumps(policy, sort_keys=True)
        iam.RolePolicy(f"{name}-policy", role=made.name, policy=text, opts=self._child)
        return made.arn
