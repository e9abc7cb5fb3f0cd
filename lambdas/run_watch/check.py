"""The scheduled check: how old the clones are, what they cost, and how long runs have been running."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from run_watch.clones import our_clones

if TYPE_CHECKING:
    from datetime import datetime

NAMESPACE = "RatesAvailMigration"
_SECONDS_PER_HOUR = 3600


@dataclass(frozen=True)
class Measured:
    """What a check found; ages are zero where there is nothing."""

    clones: int
    oldest_clone_hours: float
    clones_usd_per_hour: float
    longest_run_hours: float

    def metrics(self, stack: str) -> list[dict[str, Any]]:
        """Return the entries of PutMetricData."""
        values = {
            "Clones": self.clones,
            "OldestCloneHours": self.oldest_clone_hours,
            "ClonesUsdPerHour": self.clones_usd_per_hour,
            "LongestRunHours": self.longest_run_hours,
        }
        dimensions = [{"Name": "Stack", "Value": stack}]
        return [{"MetricName": name, "Dimensions": dimensions, "Value": value} for name, value in values.items()]


@dataclass(frozen=True, kw_only=True)
class Check:
    """Looks at RDS and Step Functions; the clients are boto3's."""

    rds: Any
    states: Any
    stack: str
    state_machines: tuple[str, ...]
    instance_usd_per_hour: float

    def measure(self, now: datetime) -> Measured:
        """Return what there is at this moment."""
        clones = our_clones(self.rds, self.stack)
        instances = sum(len(cluster.get("DBClusterMembers", [])) for cluster in clones)
        return Measured(
            clones=len(clones),
            oldest_clone_hours=_oldest_hours([clone["ClusterCreateTime"] for clone in clones], now),
            clones_usd_per_hour=round(instances * self.instance_usd_per_hour, 4),
            longest_run_hours=_oldest_hours(self._started(), now),
        )

    def _started(self) -> list[datetime]:
        pages = [
            page
            for machine in self.state_machines
            for page in self.states.get_paginator("list_executions").paginate(
                stateMachineArn=machine, statusFilter="RUNNING"
            )
        ]
        return [execution["startDate"] for page in pages for execution in page["executions"]]


def _oldest_hours(moments: list[datetime], now: datetime) -> float:
    return max(((now - moment).total_seconds() / _SECONDS_PER_HOUR for moment in moments), default=0.0)
