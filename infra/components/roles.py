"""A role that a service assumes, and its policy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi_aws import iam

from infra import policies

if TYPE_CHECKING:
    from infra.naming import Naming


@dataclass(frozen=True, kw_only=True)
class ServiceRoleArgs:
    """Inputs of :class:`ServiceRole`."""

    naming: Naming
    service: str  # the service that assumes it, like lambda.amazonaws.com
    policy: pulumi.Input[dict[str, Any]]
    boundary_arn: pulumi.Input[str]


class ServiceRole(pulumi.ComponentResource):
    """A service's role and its only policy; users of the role depend on the policy too."""

    def __init__(self, name: str, args: ServiceRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("migration:infra:ServiceRole", f"{name}-role", None, opts)
        child = pulumi.ResourceOptions(parent=self)
        trust = policies.trust(args.service, args.naming.account)
        role = iam.Role(
            name,
            name=name,
            assume_role_policy=pulumi.Output.json_dumps(trust, sort_keys=True),
            permissions_boundary=args.boundary_arn,
            tags=args.naming.tags(),
            opts=child,
        )
        text = pulumi.Output.json_dumps(args.policy, sort_keys=True)
        self.policy = iam.RolePolicy(f"{name}-policy", role=role.name, policy=text, opts=child)
        self.arn = role.arn
        self.register_outputs({"arn": self.arn})
