"""AWS limits that a run affects: current use, the run's addition, and the limit.

A limit is the account's if Service Quotas returns it, otherwise AWS's default.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from runner.account.lookups import CLONE_SUFFIX, reason
from runner.plan.addresses import ADDRESSES
from runner.plan.checks.spark import vcpu
from runner.plan.model import Finding, Quota

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.account.lookups import Account
    from runner.plan.model import TablePlan, Totals

# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Managing.Clone.html
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/CHAP_Limits.html
# https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/endpoints-quotas.html
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
# https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
CLONE_GROUP_MEMBERS = 15  # the clone service stops here, because RDS may create a full copy instead of a further clone
OBJECTS_PER_IMPORT = 50_000
IMPORTS = 50
EXPORTS = 300
HISTORY = "history events of the longest execution, at worst"
PAYLOAD = "bytes of the largest payload, at worst"
DEFINITION = "bytes of the state machine's definition"
# By name of the limit: the state machine's tag with the worst case, and the limit.
_WORST_CASES = {
    HISTORY: ("history-events", 25_000),
    PAYLOAD: ("payload-bytes", 256 * 1024),
    DEFINITION: ("definition-bytes", 1024 * 1024),
}
_NEAR = 0.8  # of a limit: the next table or timeout may exceed it
CLONE_GROUP = "clusters in the fullest clone group"
TERABYTE = 10**12
_LARGE_REGIONS = ("us-east-1", "us-west-2", "eu-west-1")


@dataclass(frozen=True)
class Adjustable:
    """A limit that AWS can raise for an account."""

    service: str
    code: str
    default: int


CLUSTERS = Adjustable("rds", "L-952B80B8", 40)
INSTANCES = Adjustable("rds", "L-7B6409FD", 40)
VCPU = Adjustable("emr-serverless", "L-D05C8A75", 16)
TABLES = Adjustable("dynamodb", "L-F98FE922", 2500)


def aurora_quotas(account: Account) -> Iterator[Quota]:
    """Return the limits of Aurora clusters, instances and clones."""
    missing = account.missing_clones()
    yield _fullest_group(account)
    limit, source = _limit(account, CLUSTERS)
    yield Quota("Aurora clusters in the Region", len(account.rds_clusters), len(missing), limit, source)
    names = [f"{c.identifier}{CLONE_SUFFIX}-1" for c in account.clusters]
    new = sum(name not in account.rds_instances for name in names)
    limit, source = _limit(account, INSTANCES)
    yield Quota("database instances in the Region", len(account.rds_instances), new, limit, source)


def spark_quota(account: Account) -> Iterator[Quota]:
    """Return the application's concurrent vCPUs against the account's limit."""
    limit, source = _limit(account, VCPU)
    yield Quota("EMR Serverless vCPU at once", 0, vcpu(account), limit, source)


def dynamodb_quotas(account: Account) -> Iterator[Quota]:
    """Return the limits of tables, imports and exports."""
    tables = len(account.domain.tables)
    names = [name for page in _pages(account, "list_tables") for name in page["TableNames"]]
    new = sum(account.table_name(t.name) not in names for t in account.domain.tables)
    limit, source = _limit(account, TABLES)
    yield Quota("DynamoDB tables in the Region", len(names), new, limit, source)
    running = _running(account, "list_imports", "ImportSummaryList", "ImportStatus")
    yield Quota("imports at once", running, tables, IMPORTS, "AWS's default")
    running = _running(account, "list_exports", "ExportSummaries", "ExportStatus")
    yield Quota("exports at once", running, tables, EXPORTS, "AWS's default")


def capacity_quotas(account: Account) -> Iterator[Quota]:
    """Return the limits of provisioned capacity if a table is provisioned; each index counts separately.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeLimits.html
    """
    provisioned = [t.capacity for t in account.domain.tables if t.billing_mode == "PROVISIONED" and t.capacity]
    if not provisioned:
        return
    limits = account.client("dynamodb").describe_limits()
    for kind, units in (("Read", [c.read for c in provisioned]), ("Write", [c.write for c in provisioned])):
        limit = int(limits[f"TableMax{kind}CapacityUnits"])
        yield Quota(f"{kind.lower()} units of the largest table", 0, max(units), limit, "the account's own")


def data_quotas(account: Account, tables: list[TablePlan], totals: Totals) -> Iterator[Quota]:
    """Return the limits that depend on the data's size; a bounded size gives a bounded need."""
    # An import reads the objects of all parts of a table.
    objects: dict[str, int] = {}
    for table in tables:
        if table.objects is not None:
            objects[table.name] = objects.get(table.name, 0) + table.objects
    most = totals.objects if totals.at_most else max(objects.values(), default=None)
    name = "S3 objects of the largest import"
    yield Quota(name, 0, most, OBJECTS_PER_IMPORT, "AWS's default", totals.at_most)
    region = account.environment.region
    terabytes = 15 if region in _LARGE_REGIONS else 1
    source = f"AWS's default in {region}"
    name = "bytes of S3 objects being imported"
    yield Quota(name, 0, totals.stored_bytes, terabytes * TERABYTE, source, totals.at_most)


def definition_quotas(account: Account) -> Iterator[Quota]:
    """Return the worst case of the state machine, which the deployment computed."""
    for name, (tag, limit) in _WORST_CASES.items():
        worst = account.tags.get(f"migration:{tag}")
        yield Quota(name, 0, int(worst) if worst else None, limit, "AWS's limit, not adjustable")


def near(quota: Quota) -> Finding:
    """Return the warning that a definition uses four fifths of a limit."""
    return Finding(
        "warns",
        f"quota: {quota.name}",
        f"{quota.needed or 0:,} of {quota.limit:,} can be used ({quota.source})",
        f"before the catalog grows: {_TODO[quota.name]}",
    )


def is_near(quota: Quota) -> bool:
    """Return whether a definition uses four fifths of a limit."""
    return quota.name in _WORST_CASES and quota.limit >= (quota.needed or 0) >= _NEAR * quota.limit


def passed(quota: Quota) -> Finding:
    """Return the finding that the run would exceed a limit."""
    at_most = "at most " if quota.at_most else ""
    return Finding(
        "warns" if quota.at_most else "fails",
        f"quota: {quota.name}",
        f"{quota.used:,} are used and {at_most}{quota.needed:,} are added, "
        f"but {quota.limit:,} are allowed ({quota.source})",
        _TODO.get(quota.name, "have it raised in Service Quotas"),
    )


_FEWER_TABLES = "move tables to another domain in the catalog, and deploy"
_TODO = {
    CLONE_GROUP: "delete a clone of it: RDS would make a full copy without saying so",
    "EMR Serverless vCPU at once": "have L-D05C8A75 raised in Service Quotas, or lower maxVcpu and deploy: "
    "a job that passes it dies minutes after its start",
    ADDRESSES: "free some, name larger subnets by subnetTag, or lower maxExecutors, and deploy",
    "S3 objects of the largest import": "split the table in the catalog",
    HISTORY: "shorten the timeouts in the catalog, and deploy",
    PAYLOAD: _FEWER_TABLES,
    DEFINITION: _FEWER_TABLES,
}


def _fullest_group(account: Account) -> Quota:
    """Return the clone group with the most clusters; it contains a source, its clones and their full copies."""
    worst = Quota(CLONE_GROUP, 0, 0, CLONE_GROUP_MEMBERS, "AWS's limit, not adjustable")
    missing = account.missing_clones()
    for cluster in account.clusters:
        group = account.rds_clusters.get(cluster.identifier, {}).get("CloneGroupId")
        members = sum(cluster.get("CloneGroupId") == group for cluster in account.rds_clusters.values()) if group else 1
        new = int(cluster.identifier in missing)
        if members + new > (worst.used or 0) + (worst.needed or 0):
            worst = Quota(worst.name, members, new, worst.limit, worst.source)
    return worst


def _limit(account: Account, quota: Adjustable) -> tuple[int, str]:
    try:
        answer = account.client("service-quotas").get_service_quota(ServiceCode=quota.service, QuotaCode=quota.code)
    except (ClientError, BotoCoreError) as error:
        return quota.default, f"AWS's default; the account's own could not be read: {reason(error)}"
    return int(answer["Quota"]["Value"]), "the account's own"


def _pages(account: Account, operation: str) -> Any:  # noqa: ANN401 - boto3's answer
    return account.client("dynamodb").get_paginator(operation).paginate()


def _running(account: Account, operation: str, answer: str, status: str) -> int:
    """Count the operations in progress; the newest come first, so the first pages contain all of them."""
    dynamodb = account.client("dynamodb")
    arguments: dict[str, Any] = {}
    running = 0
    for _ in range(20):
        page = getattr(dynamodb, operation)(**arguments)
        running += sum(entry[status] == "IN_PROGRESS" for entry in page.get(answer, []))
        if not page.get("NextToken"):
            break
        arguments = {"NextToken": page["NextToken"]}
    return running
