"""One domain's state machine with its role and log group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
from pulumi_aws import cloudwatch, sfn

from infra.compute import role
from statemachine.render import render

if TYPE_CHECKING:
    from catalog.models import Catalog
    from infra.naming import Naming
    from statemachine.names import DeployedNames


class Machine(pulumi.ComponentResource):
    """The state machine, rendered from the catalog with what was deployed."""

    def __init__(
        self,
        naming: Naming,
        catalog: Catalog,
        domain: str,
        *,
        names: pulumi.Output[DeployedNames],
        policy: pulumi.Input[dict[str, Any]],
        keep_days: int,
    ) -> None:
        name = naming.machine(domain)
        super().__init__("migration:index:Machine", name)
        tags = naming.tags(domain=domain)
        # Outside /aws/vendedlogs/ the account's policy for log delivery overflows.
        log = cloudwatch.LogGroup(
            f"{name}-log",
            name=f"/aws/vendedlogs/states/{name}",
            retention_in_days=keep_days,
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        made, made_policy = role(
            f"{name}-machine", service="states.amazonaws.com", naming=naming, policy=policy, parent=self
        )
        self.machine = sfn.StateMachine(
            name,
            name=name,
            role_arn=made.arn,
            definition=names.apply(lambda found: render(catalog, domain, found)),
            logging_configuration={
                "level": "ALL",
                "include_execution_data": True,
                "log_destination": log.arn.apply(lambda arn: f"{arn}:*"),
            },
            tracing_configuration={"enabled": True},
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[made_policy]),
        )
