"""The dashboard of a stack as data: runs, clones and their cost, functions, Spark, streams and alarm states."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from infra.components.alarms import NAMESPACE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.naming import Naming

_COLUMNS = 24
_HEIGHT = 6


def dashboard(
    naming: Naming,
    *,
    machine_arns: Sequence[str],
    functions: Sequence[str],
    application_id: str,
    streams: Sequence[str],
    alarm_arns: Sequence[str],
) -> dict[str, Any]:
    """Return the dashboard's body.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
    """
    graph = partial(_graph, naming.region)
    ours = [[NAMESPACE, name, "Stack", naming.stack] for name in ("Clones", "OldestCloneHours", "LongestRunHours")]
    states = ("ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted")
    runs = [["AWS/States", state, "StateMachineArn", arn] for arn in machine_arns for state in states]
    calls = [["AWS/Lambda", metric, "FunctionName", name] for name in functions for metric in ("Invocations", "Errors")]
    jobs = [
        ["AWS/EMRServerless", metric, "ApplicationId", application_id]
        for metric in ("RunningJobs", "FailedJobs", "CPUAllocated")
    ]
    written = [
        ["AWS/Kinesis", metric, "StreamName", stream]
        for stream in streams
        for metric in ("IncomingRecords", "WriteProvisionedThroughputExceeded")
    ]
    ages = [["AWS/Kinesis", "GetRecords.IteratorAgeMilliseconds", "StreamName", stream] for stream in streams]
    widgets = [
        {"type": "alarm", "properties": {"title": "Alarms", "alarms": list(alarm_arns)}},
        graph("Runs", runs, "Sum"),
        graph("Clones and runs: how many, how old (hours)", ours, "Maximum"),
        graph("Clones: US dollars an hour", [[NAMESPACE, "ClonesUsdPerHour", "Stack", naming.stack]], "Maximum"),
        graph("Functions", calls, "Sum"),
        graph("Spark jobs", jobs, "Maximum"),
        # CloudWatch rejects a graph without a metric.
        *([graph("Streams: written", written, "Sum")] if written else []),
        *([graph("Streams: age of the records read (ms)", ages, "Maximum")] if ages else []),
    ]
    return {"widgets": [{**widget, **_position(number)} for number, widget in enumerate(widgets)]}


def _graph(region: str, title: str, metrics: list[list[str]], statistic: str) -> dict[str, Any]:
    properties = {"title": title, "region": region, "stat": statistic, "period": 300, "metrics": metrics}
    return {"type": "metric", "properties": properties}


def _position(number: int) -> dict[str, int]:
    width = _COLUMNS // 2
    return {"x": number % 2 * width, "y": number // 2 * _HEIGHT, "width": width, "height": _HEIGHT}
