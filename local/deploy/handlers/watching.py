"""Event rules and targets, alarms and dashboards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.deploy.cloud import tag_list

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.deploy.cloud import Cloud, Inputs, Made


def _rule(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    rule = inputs.get("name", name)
    facts = {"EventPattern": inputs.get("eventPattern"), "ScheduleExpression": inputs.get("scheduleExpression")}
    triggers = {key: value for key, value in facts.items() if value}
    made = cloud.client("events").put_rule(Name=rule, Tags=tag_list(inputs.get("tags")), **triggers)
    return rule, {"arn": made["RuleArn"], "name": rule}


def _target(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    target = {"Id": name, "Arn": inputs["arn"]}
    if inputs.get("input"):
        target["Input"] = inputs["input"]
    if inputs.get("inputTransformer"):
        transformer = inputs["inputTransformer"]
        target["InputTransformer"] = {
            "InputPathsMap": transformer["inputPaths"],
            "InputTemplate": transformer["inputTemplate"],
        }
    cloud.client("events").put_targets(Rule=inputs["rule"], Targets=[target])
    return f"{inputs['rule']}-{name}", {"targetId": name}


def _permission(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    cloud.client("lambda").add_permission(
        FunctionName=inputs["function"],
        StatementId=name,
        Action=inputs["action"],
        Principal=inputs["principal"],
        SourceArn=inputs["sourceArn"],
    )
    return name, {"statementId": name}


def _alarm(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    alarm = inputs.get("name", name)
    cloud.client("cloudwatch").put_metric_alarm(
        AlarmName=alarm,
        AlarmDescription=inputs["alarmDescription"],
        Namespace=inputs["namespace"],
        MetricName=inputs["metricName"],
        Dimensions=tag_list(inputs["dimensions"], "Name"),
        Statistic=inputs["statistic"],
        ComparisonOperator=inputs["comparisonOperator"],
        Threshold=float(inputs["threshold"]),
        Period=int(inputs["period"]),
        EvaluationPeriods=int(inputs["evaluationPeriods"]),
        TreatMissingData=inputs["treatMissingData"],
        AlarmActions=inputs["alarmActions"],
        OKActions=inputs["okActions"],
        Tags=tag_list(inputs.get("tags")),
    )
    return alarm, {"arn": cloud.arn("cloudwatch", f"alarm:{alarm}"), "name": alarm}


def _dashboard(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    dashboard = inputs.get("dashboardName", name)
    cloud.client("cloudwatch").put_dashboard(DashboardName=dashboard, DashboardBody=inputs["dashboardBody"])
    return dashboard, {"dashboardName": dashboard}


HANDLERS: dict[str, Callable[[Cloud, str, Inputs], Made]] = {
    "aws:cloudwatch/eventRule:EventRule": _rule,
    "aws:cloudwatch/eventTarget:EventTarget": _target,
    "aws:lambda/permission:Permission": _permission,
    "aws:cloudwatch/metricAlarm:MetricAlarm": _alarm,
    "aws:cloudwatch/dashboard:Dashboard": _dashboard,
}
