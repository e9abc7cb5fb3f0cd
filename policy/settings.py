"""Security rules on settings that AWS refuses only when it creates the resource, or never."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policy.resource import Resource, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

# Allowed names by kind: the property with the name, and the pattern of the service.
NAMES = {
    "aws:cloudwatch/dashboard:Dashboard": ("dashboardName", r"[A-Za-z0-9_-]{1,255}"),
    "aws:cloudwatch/eventRule:EventRule": ("name", r"[A-Za-z0-9._-]{1,64}"),
    "aws:cloudwatch/logGroup:LogGroup": ("name", r"[A-Za-z0-9._/#-]{1,512}"),
    "aws:cloudwatch/metricAlarm:MetricAlarm": ("name", r"[ -~]{1,255}"),
    "aws:ec2/securityGroup:SecurityGroup": ("name", r"(?!sg-)[A-Za-z0-9 ._:/()#,@\[\]+=&;{}!$*-]{1,255}"),
    "aws:emrserverless/application:Application": ("name", r"[A-Za-z0-9._/#-]{1,64}"),
    "aws:iam/policy:Policy": ("name", r"[A-Za-z0-9+=,.@_-]{1,128}"),
    "aws:iam/role:Role": ("name", r"[A-Za-z0-9+=,.@_-]{1,64}"),
    "aws:kinesis/stream:Stream": ("name", r"[A-Za-z0-9._-]{1,128}"),
    "aws:kms/alias:Alias": ("name", r"alias/(?!aws/)[A-Za-z0-9/_-]{1,250}"),
    "aws:lambda/function:Function": ("name", r"[A-Za-z0-9_-]{1,64}"),
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": ("name", r"[a-z](-?[a-z0-9]){0,254}"),
    # No dots, because the TLS certificate covers a single label.
    "aws:s3/bucket:Bucket": ("bucket", r"(?!xn--|sthree-)[a-z0-9][a-z0-9-]{1,61}[a-z0-9](?<!-s3alias)"),
    "aws:sfn/stateMachine:StateMachine": ("name", r"[A-Za-z0-9_-]{1,80}"),
    "aws:sns/topic:Topic": ("name", r"[A-Za-z0-9_-]{1,256}"),
}
_RETENTIONS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
_DEFINITION_BYTES = 1_048_576
_LONGEST_LAMBDA_SECONDS = 900
_SCHEDULE = re.compile(r"rate\((1 (minute|hour|day)|([2-9]|[1-9]\d+) (minutes|hours|days))\)|cron\((\S+ ){5}\S+\)")
_ANY_DAY = "?"


def check_name(resource: Resource) -> Iterator[str]:
    """Refuse a name that the service refuses."""
    if resource.kind in NAMES:
        key, pattern = NAMES[resource.kind]
        name = resource.get(key)
        if name is not None and not re.fullmatch(pattern, name):
            yield f"the {key} {name!r} does not match {pattern}"


def check_spark(resource: Resource) -> Iterator[str]:
    """Refuse settings that EMR Serverless refuses or misreads."""
    if resource.kind != "aws:emrserverless/application:Application":
        return
    if resource.get("type") not in ("spark", "hive"):
        yield f"type is {resource.get('type')!r}; it must be spark or hive"
    if not re.fullmatch(r"emr-\d+\.\d+\.\d+", str(resource.get("releaseLabel"))):
        yield f"releaseLabel is {resource.get('releaseLabel')!r}; it must be like emr-7.9.0"
    for key, unit in (("cpu", "vCPU"), ("memory", "GB")):
        if not re.fullmatch(rf"[1-9]\d* {unit}", str(resource.get("maximumCapacity", key))):
            yield f"maximumCapacity.{key} is {resource.get('maximumCapacity', key)!r}; it must be like `16 {unit}`"
    if resource.get("autoStopConfiguration", "enabled") is not True:
        yield "the application does not stop automatically: idle workers are billed"


def check_state_machine(resource: Resource) -> Iterator[str]:
    """Require complete logs of a state machine, and a definition within the size limit."""
    if resource.kind != "aws:sfn/stateMachine:StateMachine":
        return
    if not str(resource.get("loggingConfiguration", "logDestination")).endswith(":*"):
        yield "loggingConfiguration.logDestination does not end with :*"
    if resource.get("loggingConfiguration", "level") != "ALL":
        yield "loggingConfiguration.level is not ALL"
    if len(resource.properties["definition"].encode()) > _DEFINITION_BYTES:
        yield f"the definition is larger than {_DEFINITION_BYTES} bytes"


def check_schedule(resource: Resource) -> Iterator[str]:
    """Refuse a schedule that EventBridge cannot read."""
    schedule = resource.get("scheduleExpression")
    if schedule is None:
        return
    if not _SCHEDULE.fullmatch(schedule):
        yield f"scheduleExpression {schedule!r} is neither rate(2 hours) nor cron() with six fields"
    elif schedule.startswith("cron("):
        _, _, day_of_month, _, day_of_week, _ = schedule.split(" ")
        if (day_of_month == _ANY_DAY) == (day_of_week == _ANY_DAY):
            yield (
                f"scheduleExpression {schedule!r} must have `?` as its day of the month or of the week, and not as both"
            )


def check_numbers(resource: Resource) -> Iterator[str]:
    """Refuse numbers outside of a service's bounds."""
    days = resource.get("retentionInDays")
    if resource.kind == "aws:cloudwatch/logGroup:LogGroup" and days is not None and int(days) not in _RETENTIONS:
        yield f"retentionInDays is {int(days)}, which CloudWatch Logs does not support"
    seconds = resource.get("timeout")
    if resource.kind == "aws:lambda/function:Function" and not 1 <= int(seconds or 0) <= _LONGEST_LAMBDA_SECONDS:
        yield f"timeout is {seconds}; it must be 1 to {_LONGEST_LAMBDA_SECONDS} seconds"
    on_demand = resource.get("streamModeDetails", "streamMode") == "ON_DEMAND"
    if resource.kind == "aws:kinesis/stream:Stream" and on_demand and resource.get("shardCount"):
        yield "shardCount is set though the stream is ON_DEMAND"


RULES = (
    Rule("name", "Names match the pattern of their service.", check_name),
    Rule("spark", "EMR Serverless can create the Spark application, which stops automatically.", check_spark),
    Rule(
        "state-machine",
        "State machines log everything, and their definitions are within the limit.",
        check_state_machine,
    ),
    Rule("schedule", "EventBridge can read the schedules.", check_schedule),
    Rule("numbers", "Numbers are within their service's bounds.", check_numbers),
)
