"""What runs: the Spark application with its role, and the two functions with theirs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi_aws import cloudwatch, emrserverless, iam, lambda_

from infra import policies

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.naming import Naming
    from infra.network import Network

_RELEASE = "emr-7.9.0"  # Spark 3.5 and Python 3.9
_TIMEOUT_SECONDS = 300
_MEMORY_PER_VCPU_GB = 4


def role(
    name: str,
    *,
    service: str,
    naming: Naming,
    policy: pulumi.Input[dict[str, Any]],
    parent: pulumi.Resource,
) -> tuple[iam.Role, iam.RolePolicy]:
    """Make a role that a service takes, and what it may do; what uses it depends on the latter."""
    options = pulumi.ResourceOptions(parent=parent)
    made = iam.Role(
        name,
        name=name,
        assume_role_policy=pulumi.Output.json_dumps(policies.trust(service, naming.account), sort_keys=True),
        tags=naming.tags(),
        opts=options,
    )
    text = pulumi.Output.json_dumps(policy, sort_keys=True)
    return made, iam.RolePolicy(f"{name}-policy", role=made.name, policy=text, opts=options)


class Spark(pulumi.ComponentResource):
    """The EMR Serverless application; it starts with a job and stops without one."""

    def __init__(self, naming: Naming, network: Network, max_vcpu: int) -> None:
        super().__init__("migration:index:Spark", naming.application)
        self.application = emrserverless.Application(
            naming.application,
            name=naming.application,
            release_label=_RELEASE,
            type="spark",
            architecture="ARM64",
            auto_start_configuration={"enabled": True},
            auto_stop_configuration={"enabled": True, "idle_timeout_minutes": 15},
            maximum_capacity={"cpu": f"{max_vcpu} vCPU", "memory": f"{max_vcpu * _MEMORY_PER_VCPU_GB} GB"},
            network_configuration={"subnet_ids": network.subnet_ids, "security_group_ids": [network.jobs.id]},
            tags=naming.tags(),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def job_role(self, naming: Naming, policy: pulumi.Input[dict[str, Any]]) -> iam.Role:
        """Make the role of the jobs."""
        made, _ = role(
            naming.job_role, service="emr-serverless.amazonaws.com", naming=naming, policy=policy, parent=self
        )
        return made


@dataclass(frozen=True)
class FunctionPlan:
    """A function's package, policy and environment."""

    package: str
    name: str
    policy: pulumi.Input[dict[str, Any]]
    environment: Mapping[str, pulumi.Input[str]]


class Function(pulumi.ComponentResource):
    """A Lambda with its role and log group."""

    def __init__(self, naming: Naming, plan: FunctionPlan, keep_days: int) -> None:
        name = naming.function(plan.name)
        super().__init__("migration:index:Function", name)
        child = pulumi.ResourceOptions(parent=self)
        made, policy = role(name, service="lambda.amazonaws.com", naming=naming, policy=plan.policy, parent=self)
        log = cloudwatch.LogGroup(
            f"{name}-log", name=f"/aws/lambda/{name}", retention_in_days=keep_days, tags=naming.tags(), opts=child
        )
        self.function = lambda_.Function(
            name,
            name=name,
            role=made.arn,
            runtime="python3.13",
            architectures=["arm64"],
            handler=f"{plan.package}.handler.handler",
            timeout=_TIMEOUT_SECONDS,
            memory_size=256,
            code=_code(plan.package),
            environment={"variables": plan.environment},
            tags=naming.tags(),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy, log]),
        )


def _code(package: str) -> pulumi.AssetArchive:
    """Return the package's modules and nothing else, so that the same code is the same archive."""
    files = sorted(Path("lambdas", package).glob("*.py"))
    return pulumi.AssetArchive({f"{package}/{path.name}": pulumi.FileAsset(str(path)) for path in files})
