"""The scheduled check of the clones' age and cost and of the runs' duration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from run_watch.clones import our_clones

if TYPE_CHECKING:
    from datetime import datetime

NAMESPACE = "RatesAvailMigration"
_SECONDS_PER_HOUR = 3600


@dataclass(frozen=True)
class Measurement:
    """The result of a check; ages are zero if nothing exists."""

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
    """A check of RDS and Step Functions, with boto3's clients."""

    rds: Any
    states: Any
    stack: str
    state_machines: tuple[str, ...]
    instance_usd_per_hour: float

    def measure(self, now: datetime) -> Measurement:
        """Measure the clones and runs at a moment."""
        clones = our_clones(self.rds, self.stack)
        instances = sum(len(cluster.get("DBClusterMembers", [])) for cluster in clones)
        return Measurement(
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
