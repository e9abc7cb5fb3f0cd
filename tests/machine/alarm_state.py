"""The state that CloudWatch would give an alarm: moto stores alarms and data, but does not evaluate them.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html#alarms-and-missing-data
"""

from __future__ import annotations

import datetime as dt
from typing import Any


def state(cloudwatch: Any, alarm: dict[str, Any]) -> str:
    """Return OK or ALARM, as of now."""
    periods = [_breaches(cloudwatch, alarm, number) for number in range(alarm["EvaluationPeriods"])]
    return "ALARM" if all(periods) else "OK"


def _breaches(cloudwatch: Any, alarm: dict[str, Any], number: int) -> bool:
    """Return whether the period that ended `number` periods ago breaches."""
    period = dt.timedelta(seconds=alarm["Period"])
    end = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=2) - number * period
    datapoints = cloudwatch.get_metric_statistics(
        Namespace=alarm["Namespace"],
        MetricName=alarm["MetricName"],
        Dimensions=alarm["Dimensions"],
        Statistics=[alarm["Statistic"]],
        StartTime=end - period,
        EndTime=end,
        Period=alarm["Period"],
    )["Datapoints"]
    if not datapoints:
        return bool(alarm["TreatMissingData"] == "breaching")
    assert alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
    values = [point[alarm["Statistic"]] for point in datapoints]
    return bool((sum(values) if alarm["Statistic"] == "Sum" else max(values)) >= alarm["Threshold"])
