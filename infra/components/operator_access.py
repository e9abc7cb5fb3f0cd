"""Who may operate and deploy the stack: workflows of one repository, by short-lived credentials."""

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

# A migration is followed for hours; GitHub asks for as much as the role allows.
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
    """A role to operate, one to deploy, and if the stack file says so one to preview pull requests.

    Operating and deploying need the GitHub environment of the stack, whose reviewers approve. A pull request has no
    environment in its `sub`, and so a role of its own.
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
        """Return the account's provider; it can have one of GitHub, so a second stack takes the first one's."""
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
