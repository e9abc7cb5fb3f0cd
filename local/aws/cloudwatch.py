"""CloudWatch: the volume bytes that each Aurora cluster uses.

https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.AuroraMonitoring.Metrics.html
"""

from __future__ import annotations

from typing import Any

from moto.cloudwatch.models import MetricDatum
from moto.core.common_models import CloudWatchMetricProvider
from moto.core.utils import utcnow
from moto.rds.models import rds_backends

from local.aws.active import active


class VolumeBytes(CloudWatchMetricProvider):  # type: ignore[misc] # moto has no types
    """VolumeBytesUsed of every cluster that has a server; moto discovers providers by their base class."""

    @staticmethod
    def get_cloudwatch_metrics(account_id: str, region: str) -> list[MetricDatum]:
        """Return one current data point per cluster."""
        points = []
        for identifier in list(rds_backends[account_id][region].clusters):
            size = _bytes(identifier)
            if size is not None:
                points.append(_point(identifier, size))
        return points


def install() -> None:
    """Do nothing: moto discovers the class above by itself."""


def _bytes(identifier: str) -> int | None:
    backend = active().clusters
    return backend.volume_bytes(identifier) if backend is not None else None


def _point(identifier: str, size: int) -> Any:
    return MetricDatum(
        namespace="AWS/RDS",
        name="VolumeBytesUsed",
        value=size,
        dimensions=[{"Name": "DBClusterIdentifier", "Value": identifier}],
        timestamp=utcnow(),
        unit="Bytes",
    )
