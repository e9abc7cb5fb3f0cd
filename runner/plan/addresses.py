"""Free addresses of the Spark jobs' subnets; each worker takes one, and a job runs in one Availability Zone.

https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/vpc-access.html
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from runner.account.spark_workers import deployed_workers
from runner.plan.model import Finding, Quota

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.account.lookups import Account

ADDRESSES = "free addresses in the best zone of the jobs' subnets"


def address_quota(account: Account) -> Iterator[Quota]:
    """Return the addresses that a job takes, and the free ones of the best zone."""
    zones = free_addresses(account)
    if zones:
        zone = max(zones, key=lambda name: zones[name])
        source = f"DescribeSubnets, {zone}"
        yield Quota(ADDRESSES, 0, deployed_workers(account).addresses, zones[zone], source)


def check_zones(account: Account) -> Iterator[Finding]:
    """Warn of zones with too few free addresses if another zone has enough."""
    zones, needed = free_addresses(account), deployed_workers(account).addresses
    if needed is None or needed > max(zones.values(), default=0):
        return  # the quota reports it, or the need is unknown
    for zone, free in sorted(zones.items()):
        if free < needed:
            yield Finding(
                "warns",
                f"subnets in {zone}",
                f"a job that EMR Serverless starts there takes up to {needed:,} addresses; {free:,} are free",
                f"free some, or lower maxExecutors in Pulumi.{account.environment.name}.yaml and deploy",
            )


def free_addresses(account: Account) -> dict[str, int]:
    """Return the free addresses of the application's subnets by Availability Zone."""
    subnets = ((account.application or {}).get("networkConfiguration") or {}).get("subnetIds") or []
    if not subnets:
        return {}
    described = account.client("ec2").describe_subnets(SubnetIds=subnets)["Subnets"]
    zones: dict[str, int] = defaultdict(int)
    for subnet in described:
        zones[subnet["AvailabilityZone"]] += int(subnet["AvailableIpAddressCount"])
    return dict(zones)
