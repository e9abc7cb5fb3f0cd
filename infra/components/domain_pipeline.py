"""A state machine of a domain with its role and log group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi_aws import cloudwatch, sfn

from infra.components.roles import ServiceRole, ServiceRoleArgs
from statemachine.kinds import BOOTSTRAP, Kind
from statemachine.limits import Limits
from statemachine.render import domain_budget, render

if TYPE_CHECKING:
    from catalog.models import Catalog
    from infra.naming import Naming
    from statemachine.budget import Budget
    from statemachine.names import DeployedNames
    from statemachine.workers import Workers


@dataclass(frozen=True, kw_only=True)
class DomainPipelineArgs:
    """Inputs of :class:`DomainPipeline`."""

    naming: Naming
    catalog: Catalog
    domain: str
    names: pulumi.Output[DeployedNames]
    policy: pulumi.Input[dict[str, Any]]
    key_arn: pulumi.Input[str]
    keep_days: int
    workers: Workers
    boundary_arn: pulumi.Input[str]
    kind: Kind = BOOTSTRAP


class DomainPipeline(pulumi.ComponentResource):
    """The state machine, rendered from the catalog and the names of the deployed resources."""

    def __init__(self, name: str, args: DomainPipelineArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("migration:infra:DomainPipeline", f"{name}-pipeline", None, opts)
        child = pulumi.ResourceOptions(parent=self)
        tags = args.naming.tags(domain=args.domain)
        # Outside /aws/vendedlogs/, log delivery adds to the account's resource policy, which has a size limit.
        log = cloudwatch.LogGroup(
            f"{name}-log",
            name=f"/aws/vendedlogs/states/{name}",
            retention_in_days=args.keep_days,
            kms_key_id=args.key_arn,
            tags=tags,
            opts=child,
        )
        role_name = args.naming.machine_roles(args.domain)[args.kind.is_catch_up]
        role = ServiceRole(
            role_name,
            ServiceRoleArgs(
                naming=args.naming,
                service="states.amazonaws.com",
                policy=args.policy,
                boundary_arn=args.boundary_arn,
            ),
            child,
        )
        worst = domain_budget(args.catalog, args.domain, args.kind)
        for warning in worst.warnings():
            pulumi.log.warn(f"{args.kind.name} of the domain {args.domain}: {warning}", self)
        machine = sfn.StateMachine(
            name,
            name=name,
            role_arn=role.arn,
            definition=args.names.apply(lambda names: render(args.catalog, args.domain, names, kind=args.kind)),
            logging_configuration={
                "level": "ALL",
                "include_execution_data": True,
                "log_destination": log.arn.apply(lambda arn: f"{arn}:*"),
            },
            tracing_configuration={"enabled": True},
            tags={**tags, **_deployed_facts(args, worst)},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[role.policy]),
        )
        self.name = name
        self.arn = machine.arn
        self.register_outputs({"arn": self.arn})


def _deployed_facts(args: DomainPipelineArgs, worst: Budget) -> dict[str, pulumi.Input[str]]:
    """Return the tags that `migrate plan` reads: the spec, and bounds that the renderer computes."""
    limits = Limits()
    return {
        "migration:spec": args.names.apply(lambda names: names.spec_key),
        "migration:history-events": str(max(worst.events.values())),
        "migration:all-events": str(worst.all_events),
        "migration:payload-bytes": str(worst.payload_bytes),
        "migration:definition-bytes": str(worst.definition_bytes),
        "migration:clone-hours": str(limits.clone_max_age_hours),
        "migration:teardown-minutes": str(limits.teardown_minutes),
        "migration:stream-prefix": args.naming.stream_prefix,
        **args.workers.tags(),
    }
