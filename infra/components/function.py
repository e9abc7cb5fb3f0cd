"""A Lambda function with its role and log group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi_aws import cloudwatch, lambda_

from infra.components.roles import ServiceRole, ServiceRoleArgs
from infra.policies.access import OPERATORS
from release.lambda_packages import write_package

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.naming import Naming

_TIMEOUT_SECONDS = 300
_MEMORY_MB = 256


@dataclass(frozen=True, kw_only=True)
class FunctionArgs:
    """Inputs of :class:`Function`."""

    naming: Naming
    package: str  # the folder below lambdas/
    policy: pulumi.Input[dict[str, Any]]
    environment: Mapping[str, pulumi.Input[str]]
    key_arn: pulumi.Input[str]
    keep_days: int
    boundary_arn: pulumi.Input[str]
    memory_mb: int = _MEMORY_MB
    for_operators: bool = False  # whether operators may invoke it too, under an alias of their own


class Function(pulumi.ComponentResource):
    """A function with one policy; its logs expire after the stack's retention."""

    def __init__(self, name: str, args: FunctionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("migration:infra:Function", f"{name}-function", None, opts)
        child = pulumi.ResourceOptions(parent=self)
        tags = args.naming.tags()
        role = ServiceRole(
            name,
            ServiceRoleArgs(
                naming=args.naming,
                service="lambda.amazonaws.com",
                policy=args.policy,
                boundary_arn=args.boundary_arn,
            ),
            child,
        )
        log = cloudwatch.LogGroup(
            f"{name}-log",
            name=f"/aws/lambda/{name}",
            retention_in_days=args.keep_days,
            kms_key_id=args.key_arn,
            tags=tags,
            opts=child,
        )
        function = lambda_.Function(
            name,
            name=name,
            role=role.arn,
            runtime="python3.13",
            architectures=["arm64"],
            handler=f"{args.package}.handler.handler",
            timeout=_TIMEOUT_SECONDS,
            memory_size=args.memory_mb,
            code=pulumi.FileArchive(write_package(args.package)),
            environment={"variables": args.environment},
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[role.policy, log]),
        )
        if args.for_operators:
            lambda_.Alias(
                f"{name}-{OPERATORS}",
                name=OPERATORS,
                description="Calls under this alias come from an operator, not from an execution",
                function_name=function.name,
                function_version="$LATEST",
                opts=child,
            )
        self.name = name
        self.arn = function.arn
        self.register_outputs({"arn": self.arn})
