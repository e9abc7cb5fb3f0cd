"""The permissions boundary as a managed policy."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
from pulumi_aws import iam

from infra.policies.boundary import boundary

if TYPE_CHECKING:
    from infra.naming import Naming


@dataclass(frozen=True, kw_only=True)
class BoundaryArgs:
    """Inputs of :class:`Boundary`."""

    naming: Naming
    state_bucket: str


class Boundary(pulumi.ComponentResource):
    """The managed policy that is the boundary of every role."""

    def __init__(self, name: str, args: BoundaryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("migration:infra:Boundary", f"{name}-component", None, opts)
        policy = iam.Policy(
            name,
            name=name,
            description="The most that any role of this stack can do; an administrator alone changes it",
            policy=json.dumps(boundary(args.naming, args.state_bucket), sort_keys=True, separators=(",", ":")),
            tags=args.naming.tags(),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.arn = policy.arn
        self.register_outputs({"arn": self.arn})
