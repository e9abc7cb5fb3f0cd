"""Network access to the clones: the Spark jobs alone may connect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
from pulumi_aws import ec2, vpc

if TYPE_CHECKING:
    from collections.abc import Iterable

    from infra.account.subnets import Subnets
    from infra.naming import Naming
    from infra.settings.model import Settings

_PORTS = {"aurora-postgresql": 5432, "aurora-mysql": 3306}
_HTTPS = 443
_GATEWAYS = ("dynamodb", "s3")


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """Inputs of :class:`Network`."""

    naming: Naming
    settings: Settings
    subnets: Subnets
    engines: Iterable[str]


class Network(pulumi.ComponentResource):
    """The security groups of the jobs and of the clones, in the VPC of the clusters.

    The jobs may connect to AWS over HTTPS and to the clones' group on the database ports. They cannot connect to a
    production cluster, whatever that cluster's group allows. The clones' group allows no outbound traffic.
    """

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("migration:infra:Network", name, None, opts)
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self.subnet_ids = args.subnets.ids
        jobs = self._group("jobs", "The migration's Spark jobs")
        clones = self._group("clones", "Aurora clones, entered by the Spark jobs only")
        self._let_out(jobs, "https", "AWS: S3, Secrets Manager, KMS, logs", _HTTPS, cidr_ipv4="0.0.0.0/0")
        for engine in sorted(set(args.engines)):
            self._let_out(
                jobs,
                engine,
                "The clones, and no other database",
                _PORTS[engine],
                referenced_security_group_id=clones.id,
            )
            vpc.SecurityGroupIngressRule(
                f"{args.naming.prefix}-clones-in-{engine}",
                security_group_id=clones.id,
                referenced_security_group_id=jobs.id,
                description="The Spark jobs",
                ip_protocol="tcp",
                from_port=_PORTS[engine],
                to_port=_PORTS[engine],
                tags=args.naming.tags(),
                opts=self._child,
            )
        if args.settings.gateway_endpoints:
            self._add_gateways()
        self.jobs_group_id = jobs.id
        self.clones_group_id = clones.id
        self.register_outputs({"jobs_group_id": self.jobs_group_id, "clones_group_id": self.clones_group_id})

    def _group(self, role: str, description: str) -> ec2.SecurityGroup:
        name = f"{self._args.naming.prefix}-{role}"
        return ec2.SecurityGroup(
            name,
            name=name,
            description=description,
            vpc_id=self._args.subnets.vpc_id,
            tags=self._args.naming.tags(),
            opts=self._child,
        )

    def _let_out(
        self, group: ec2.SecurityGroup, label: str, description: str, port: int, **target: pulumi.Input[str]
    ) -> None:
        vpc.SecurityGroupEgressRule(
            f"{self._args.naming.prefix}-jobs-out-{label}",
            security_group_id=group.id,
            description=description,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            tags=self._args.naming.tags(),
            opts=self._child,
            **target,
        )

    def _add_gateways(self) -> None:
        """Route S3 and DynamoDB traffic past the NAT gateway, which bills every byte."""
        for service in _GATEWAYS:
            ec2.VpcEndpoint(
                f"{self._args.naming.prefix}-{service}-gateway",
                vpc_id=self._args.subnets.vpc_id,
                vpc_endpoint_type="Gateway",
                service_name=f"com.amazonaws.{self._args.naming.region}.{service}",
                route_table_ids=self._args.subnets.route_table_ids,
                tags=self._args.naming.tags(),
                opts=self._child,
            )
