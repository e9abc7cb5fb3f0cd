"""Sizes to migrate, from the best source: the clones, an earlier run, or the volumes as a bound."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING

from catalog.models import PartTable
from runner.account.lookups import CLONE_SUFFIX
from runner.plan.constants import load_constants
from runner.plan.model import NOT_KNOWN, Read, TablePlan, Totals, Volume

if TYPE_CHECKING:
    from catalog.models import Cluster, Table
    from runner.account.lookups import Account
    from runner.plan.earlier import Manifest
    from runner.plan.statistics import Statistics

_HOURS = 6


def volume(account: Account, cluster: Cluster) -> Volume:
    """Return a source's volume size from CloudWatch, and its clone's status."""
    now = dt.datetime.now(dt.UTC)
    points = account.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/RDS",
        MetricName="VolumeBytesUsed",
        Dimensions=[{"Name": "DBClusterIdentifier", "Value": cluster.identifier}],
        StartTime=now - dt.timedelta(hours=_HOURS),
        EndTime=now + dt.timedelta(minutes=1),
        Period=300,
        Statistics=["Average"],
    )["Datapoints"]
    clone = account.rds_clusters.get(cluster.identifier + CLONE_SUFFIX)
    state = clone["Status"] if clone else "to be made"
    if not points:
        return Volume(cluster.identifier, state, None, "CloudWatch has no VolumeBytesUsed of it")
    newest = max(points, key=lambda point: point["Timestamp"])
    return Volume(cluster.identifier, state, int(newest["Average"]), "CloudWatch VolumeBytesUsed")


def reads(account: Account, statistics: list[Statistics], manifest: Manifest | None) -> list[Read]:
    """Return rows and bytes per table, extract and cluster, each with its source."""
    asked = {answer.cluster: answer for answer in statistics}
    reads = []
    for table in account.domain.selects:
        for name, extract in table.extracts.items():
            for cluster in account.clusters:
                if extract.group != cluster.group:
                    continue
                known = (
                    asked[cluster.identifier].figures.get((table.name, name)) if cluster.identifier in asked else None
                )
                source = "the clone's statistics"
                if known is None and manifest:
                    known = manifest.read(table.name, name, cluster.identifier)
                    source = f"the run {manifest.run} of {manifest.written:%Y-%m-%d}"
                rows, size = known or (None, None)
                reads.append(Read(table.name, name, cluster.identifier, rows, size, source if known else NOT_KNOWN))
    return reads


def tables(account: Account, reads: list[Read], manifest: Manifest | None, vcpu: int | None) -> list[TablePlan]:
    """Return the plan of each table."""
    return [_table(account, table, reads, manifest, vcpu) for table in account.domain.selects]


def totals(reads: list[Read], planned: list[TablePlan], volumes: list[Volume]) -> Totals:
    """Return the sums; if a table is unknown, the volumes bound them."""
    sizes = [read.bytes for read in reads]
    known = [size for size in sizes if size is not None]
    imports = [table.import_bytes for table in planned if table.import_bytes is not None]
    stored = [table.stored_bytes for table in planned if table.stored_bytes is not None]
    if len(known) == len(sizes):
        rows = sum(read.rows or 0 for read in reads)
        return Totals(rows, sum(known), sum(imports), sum(stored), sum(t.objects or 0 for t in planned), at_most=False)
    bounds = [volume.bytes for volume in volumes if volume.bytes is not None]
    if len(bounds) < len(volumes):
        return Totals(None, None, None, None, None, at_most=True)
    size = sum(bounds)
    measured, file_bytes = load_constants().measured, load_constants().design.file_bytes
    items = int(size * measured.item_bytes)
    return Totals(None, size, items, int(items / measured.gzip_ratio), math.ceil(items / file_bytes), at_most=True)


def _table(account: Account, table: Table, reads: list[Read], manifest: Manifest | None, vcpu: int | None) -> TablePlan:
    name = account.table_name(table.target if isinstance(table, PartTable) else table.name)
    driving = [read for read in reads if (read.table, read.extract) == (table.name, table.driving.extract)]
    rows = [read.rows for read in driving]
    known = [count for count in rows if count is not None]
    if len(known) < len(rows) or not rows:
        return TablePlan(table.name, name, None, None, None, None, NOT_KNOWN)
    sources = sorted({read.source for read in driving})
    size = sum(read.bytes or 0 for read in driving)
    earlier = manifest.written_of(table) if manifest else None
    measured, design = load_constants().measured, load_constants().design
    items, import_bytes = sum(known), int(size * measured.item_bytes)
    stored = int(import_bytes / measured.gzip_ratio)
    if manifest and earlier and earlier["rowsRead"] and earlier["items"]:
        items = round(items * earlier["items"] / earlier["rowsRead"])
        stored = round(sum(file["bytes"] for file in earlier["files"]) / earlier["items"] * items)
        if table.name in manifest.imported_bytes:
            total, count = manifest.imported_bytes[table.name]
            import_bytes = round(total / count * items)
    objects = max(1, math.ceil(import_bytes / design.file_bytes), min(vcpu or 1, sum(known) // design.small_file_rows))
    return TablePlan(table.name, name, items, import_bytes, stored, objects, ", ".join(sources))
