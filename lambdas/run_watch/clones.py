"""Clones of a stack, and their ages in words."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import timedelta

SYSTEM = "rates-avail-migration-bootstrap"
_MINUTES_PER_HOUR = 60
Cluster = dict[str, Any]


def our_clones(rds: Any, stack: str) -> list[Cluster]:  # noqa: ANN401 - a boto3 client
    """Return the clones that this system created in a stack."""
    pages = rds.get_paginator("describe_db_clusters").paginate()
    return [cluster for page in pages for cluster in page["DBClusters"] if _is_ours(_tags(cluster), stack)]


def ages(clones: list[Cluster], now: datetime) -> list[str]:
    """Return a line for each run that created clones, the oldest first."""
    by_creator: dict[str, list[datetime]] = {}
    for clone in clones:
        # A cluster has a time only after RDS has begun to create it.
        by_creator.setdefault(_creator(_tags(clone)), []).append(clone.get("ClusterCreateTime", now))
    groups = sorted(by_creator.items(), key=lambda group: min(group[1]))
    return [f"{_count(len(moments))} made {_span(moments, now)} ago by {creator}" for creator, moments in groups]


def snapshots(created: dict[str, str], began: datetime) -> str:
    """Return the ages of the clones that a run read, from their times of creation."""
    moments = [datetime.fromisoformat(moment) for moment in created.values() if moment]
    reused = [moment for moment in moments if moment < began]
    if not reused:
        return f"{_count(len(moments))} made during this execution"
    return f"{len(reused)} of {_count(len(moments))} made {_span(reused, began)} before this execution began"


def _creator(tags: dict[str, str]) -> str:
    run, mode, domain = (tags.get(f"migration:{key}", "") for key in ("run", "mode", "domain"))
    if not run:
        return "an unknown run"
    kind = {"official": "the official run", "rehearsal": "the rehearsal"}.get(mode, "run")
    return f"{kind} {run}{f' of {domain}' if domain else ''}"


def _span(moments: list[datetime], now: datetime) -> str:
    youngest, oldest = (_age(now - moment) for moment in (max(moments), min(moments)))
    return oldest if oldest == youngest else f"{youngest} to {oldest}"


def _age(age: timedelta) -> str:
    hours, minutes = divmod(max(0, round(age.total_seconds() / 60)), _MINUTES_PER_HOUR)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min"


def _count(clones: int) -> str:
    return "1 clone" if clones == 1 else f"{clones} clones"


def _tags(cluster: Cluster) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in cluster.get("TagList", [])}


def _is_ours(tags: dict[str, str], stack: str) -> bool:
    return tags.get("migration:system") == SYSTEM and tags.get("migration:stack") == stack
