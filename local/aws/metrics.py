"""CloudWatch: metrics that AWS's services publish and moto does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.cloudwatch.models import cloudwatch_backends
from moto.core.utils import utcnow

from local.aws.active import active

if TYPE_CHECKING:
    from collections.abc import Mapping


def count(namespace: str, metric: str, dimensions: Mapping[str, str], value: float) -> None:
    """Publish a value of a service's metric at the current time."""
    datum = {
        "MetricName": metric,
        "Dimensions": [{"Name": name, "Value": text} for name, text in dimensions.items()],
        "Value": value,
        "Timestamp": utcnow(),
    }
    cloudwatch_backends[active().account][active().region].put_metric_data(namespace, [datum])
