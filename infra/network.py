"""Who may reach the clones: the Spark jobs, and nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
from pulumi_aws import ec2, rds, vpc

if TYPE_CHECKING:
    from collections.abc import Iterable

    from infra.naming import Naming
    from infra.settings import Settings

_PORTS = {"aurora-postgresql": 5432, "aurora-mysql": 3306}
_FAMILIES = {"aurora-postgresql": "aurora-postgresql16", "aurora-mysql": "aurora-mysql8.0"}
# A clone must not write to itself between Bootstrap and Compare.
_QUIET = {
    "aurora-postgresql": {"default_transaction_read_only": "1", "max_logical_replication_workers": "0"},
    "aurora-mysql": {"event_scheduler": "OFF", "read_only": "1"},
}


class Network(pulumi.ComponentResource):
    """Security groups of clones and jobs, and the clones' parameter groups."""

    def __init__(self, naming: Naming, settings: Settings, engines: Iterable[str]) -> None:
        super().__init__("migration:index:Network", f"{naming.prefix}-network")
        child = pulumi.ResourceOptions(parent=self)
        found = ec2.get_vpc(tags={"Name": settings.vpc_name})
        subnets = ec2.get_subnets(
            filters=[
                ec2.GetSubnetsFilterArgs(name="vpc-id", values=[found.id]),
                ec2.GetSubnetsFilterArgs(name="tag:Name", values=[settings.subnet_tag]),
            ]
        )
        self.subnet_ids = list(subnets.ids)
        self.jobs = self._group(naming, "jobs", "The migration's Spark jobs", found.id)
        self.clones = self._group(naming, "clones", "Aurora clones, entered by the Spark jobs only", found.id)
        vpc.SecurityGroupEgressRule(
            f"{naming.prefix}-jobs-out",
            security_group_id=self.jobs.id,
            ip_protocol="-1",
            cidr_ipv4="0.0.0.0/0",
            description="S3, Secrets Manager and the clones",
            opts=child,
        )
        self.parameter_groups = {}
        for engine in sorted(set(engines)):
            vpc.SecurityGroupIngressRule(
                f"{naming.prefix}-clones-in-{engine}",
                security_group_id=self.clones.id,
                referenced_security_group_id=self.jobs.id,
                ip_protocol="tcp",
                from_port=_PORTS[engine],
                to_port=_PORTS[engine],
                opts=child,
            )
            group = rds.ClusterParameterGroup(
                naming.clone_parameter_group(engine),
                name=naming.clone_parameter_group(engine),
                family=_FAMILIES[engine],
                description="Clones do not write to themselves",
                parameters=[
                    {"name": name, "value": value, "apply_method": "pending-reboot"}
                    for name, value in _QUIET[engine].items()
                ],
                tags=naming.tags(),
                opts=child,
            )
            self.parameter_groups[engine] = group.name

    def _group(self, naming: Naming, role: str, description: str, vpc_id: str) -> ec2.SecurityGroup:
        name = f"{naming.prefix}-{role}"
        return ec2.SecurityGroup(
            name,
            name=name,
            description=description,
            vpc_id=vpc_id,
            tags=naming.tags(),
            opts=pulumi.ResourceOptions(parent=self),
        )
