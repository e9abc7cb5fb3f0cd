"""The customer's subnets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_aws import ec2

from infra.errors import LookUpError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.settings.model import Settings


@dataclass(frozen=True, kw_only=True)
class Subnets:
    """The customer's subnets that the jobs run in."""

    vpc_id: str
    ids: Sequence[str]
    route_table_ids: Sequence[str]  # looked up only if the stack adds gateway endpoints


def look_up_subnets(settings: Settings) -> Subnets:
    """Return the subnets that the stack file names.

    Raises:
        LookUpError: No subnet of the VPC has the tag, so the Spark application would have no network.
    """
    vpc_id = ec2.get_vpc(tags={"Name": settings.vpc_name}).id
    in_vpc = ec2.GetSubnetsFilterArgs(name="vpc-id", values=[vpc_id])
    named = ec2.GetSubnetsFilterArgs(name="tag:Name", values=[settings.subnet_tag])
    ids = sorted(ec2.get_subnets(filters=[in_vpc, named]).ids)
    if not ids:
        raise LookUpError(
            f"no subnet of the VPC {settings.vpc_name} has the Name tag {settings.subnet_tag!r}; "
            f"set subnetTag in Pulumi.{settings.stack}.yaml to that of its private subnets"
        )
    route_tables: list[str] = []
    if settings.gateway_endpoints:
        of_subnets = ec2.GetRouteTablesFilterArgs(name="association.subnet-id", values=ids)
        route_tables = sorted(ec2.get_route_tables(vpc_id=vpc_id, filters=[of_subnets]).ids)
    return Subnets(vpc_id=vpc_id, ids=ids, route_table_ids=route_tables)
