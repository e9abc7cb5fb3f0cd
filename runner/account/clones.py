"""The existing clones, with age and cost."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - a dataclass's field
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError
from rich import box
from rich.table import Table

from runner.account.environments import SYSTEM
from runner.account.prices import load_prices
from runner.console import show
from runner.errors import UsageError
from runner.formatting import money
from runner.labels import duration

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from runner.account.environments import Environment


@dataclass(frozen=True)
class Clone:
    """A cluster with this system's tags of a clone of this stack."""

    name: str
    source: str
    run: str
    status: str
    created: dt.datetime | None
    classes: tuple[str, ...]  # of its instances
    tags: dict[str, str]

    @property
    def domain(self) -> str:
        """Return the domain whose run created it; empty without the tag."""
        return self.tags.get("migration:domain", "")

    @property
    def mode(self) -> str:
        """Return the mode of the run that created it; empty without the tag."""
        return self.tags.get("migration:mode", "")

    @property
    def usd_per_hour(self) -> float | None:
        """Return the cost of its instances, or None if the file has no price for a class."""
        hours = [load_prices().instance_hour(name) for name in self.classes]
        return sum(hour.usd for hour in hours if hour) if all(hours) else None


def clones(environment: Environment) -> list[Clone]:
    """Return the clones of the stack by name.

    Raises:
        UsageError: RDS does not list the clusters.
    """
    rds = environment.client("rds")
    try:
        pages = rds.get_paginator("describe_db_clusters").paginate()
        clusters = [(cluster, _tags(cluster)) for page in pages for cluster in page["DBClusters"]]
        ours = [(cluster, tags) for cluster, tags in clusters if _is_ours(tags, environment.name)]
        pages = rds.get_paginator("describe_db_instances").paginate() if ours else []
        classes = {i["DBInstanceIdentifier"]: i["DBInstanceClass"] for page in pages for i in page["DBInstances"]}
    except (BotoCoreError, ClientError) as error:
        raise UsageError(f"the clones cannot be listed: {error}") from error
    return sorted(
        (
            Clone(
                name=cluster["DBClusterIdentifier"],
                source=tags["migration:source"],
                run=tags.get("migration:run", ""),
                status=cluster["Status"],
                created=cluster.get("ClusterCreateTime"),
                classes=tuple(
                    classes[member["DBInstanceIdentifier"]]
                    for member in cluster.get("DBClusterMembers", [])
                    if member["DBInstanceIdentifier"] in classes
                ),
                tags=tags,
            )
            for cluster, tags in ours
        ),
        key=lambda clone: clone.name,
    )


def cost_text(existing: Iterable[Clone]) -> str:
    """Return the clones' hourly cost in words, with the date of the prices."""
    listed = list(existing)
    prices = load_prices()
    unknown = [clone.name for clone in listed if clone.usd_per_hour is None]
    usd = money(sum(clone.usd_per_hour or 0 for clone in listed))
    text = f"{usd} USD an hour for the instances of {len(listed)} clones"
    text += f", without {', '.join(unknown)}, whose class has no price" if unknown else ""
    return f"{text} (prices of {prices.date} for {prices.region}; storage and I/O come on top)"


def show_clones(existing: Iterable[Clone], now: dt.datetime, out: Console) -> None:
    """Write the clones with age and cost, below the run that created them."""
    by_creator = sorted(existing, key=lambda clone: (creator(clone), clone.name))
    for run, made in groupby(by_creator, key=creator):
        out.print(f"Clones made by run {run}", highlight=False, soft_wrap=True, markup=False)
        show(_table(made, now), out)


def _table(existing: Iterable[Clone], now: dt.datetime) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("clone", "status", "age", "class", "USD an hour"):
        table.add_column(column, justify="right" if column in ("age", "USD an hour") else "left")
    for clone in existing:
        age = duration((now - clone.created).total_seconds()) if clone.created else "being made"
        cost = "no price" if clone.usd_per_hour is None else f"{clone.usd_per_hour:,.3f}"
        table.add_row(clone.name, clone.status, age, ", ".join(clone.classes) or "no instance", cost)
    return table


def creator(clone: Clone) -> str:
    """Return the run that created a clone, with the mode and domain that its tags name."""
    of_domain = f" of {clone.domain}" if clone.domain else ""
    return f"{clone.run} ({clone.mode}{of_domain})" if clone.mode else clone.run


def _tags(cluster: dict[str, object]) -> dict[str, str]:
    listed = cluster.get("TagList", [])
    assert isinstance(listed, list)  # noqa: S101 - boto3's answer
    return {tag["Key"]: tag["Value"] for tag in listed}


def _is_ours(tags: dict[str, str], stack: str) -> bool:
    wanted = {"migration:system": SYSTEM, "migration:stack": stack}
    return all(tags.get(key) == value for key, value in wanted.items()) and "migration:source" in tags
