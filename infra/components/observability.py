"""Notifications and monitoring of a stack: topic, rules, alarms and dashboard."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi_aws import cloudwatch, sns

from infra.components.alarms import Alarm, AlarmFacts, alarms
from infra.components.dashboard import dashboard
from infra.components.run_watch import RunWatch, RunWatchArgs
from infra.components.subscribers import Subscribers, SubscribersArgs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from infra.components.domain_pipeline import DomainPipeline
    from infra.components.function import Function
    from infra.components.spark_application import SparkApplication
    from infra.components.streams import Streams
    from infra.naming import Naming
    from infra.settings.model import Settings


@dataclass(frozen=True, kw_only=True)
class ObservabilityArgs:
    """Inputs of :class:`Observability`."""

    naming: Naming
    settings: Settings
    key_arn: pulumi.Output[str]
    boundary_arn: pulumi.Input[str]
    pipelines: Sequence[DomainPipeline]
    functions: Mapping[str, Function]  # by name without the stack: aurora-clone, run-registry
    application: SparkApplication
    streams: Streams


class Observability(pulumi.ComponentResource):
    """The stack's topic and its publishers."""

    def __init__(self, name: str, args: ObservabilityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("migration:infra:Observability", f"{name}-observability", None, opts)
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self.topic_arn = self._topic()
        watch = RunWatch(
            args.naming.function("run-watch"),
            RunWatchArgs(
                naming=args.naming,
                settings=args.settings,
                key_arn=args.key_arn,
                boundary_arn=args.boundary_arn,
                topic_arn=self.topic_arn,
                machine_arns={pipeline.name: pipeline.arn for pipeline in args.pipelines},
                application_id=args.application.id,
            ),
            self._child,
        )
        Subscribers(
            f"{name}-subscribers",
            SubscribersArgs(
                naming=args.naming,
                subscribers=args.settings.notify,
                topic_arn=self.topic_arn,
                boundary_arn=args.boundary_arn,
            ),
            self._child,
        )
        functions = sorted(function.name for function in (*args.functions.values(), watch.function))
        streams = sorted(args.naming.stream(stream) for stream in args.streams.names)
        facts = AlarmFacts(args.settings.planned_hours, args.settings.github_repository)
        made = [self._alarm(alarm) for alarm in alarms(args.naming, functions, streams, facts)]
        self._dashboard(functions, streams, made)
        self.register_outputs({"topic_arn": self.topic_arn})

    def _topic(self) -> pulumi.Output[str]:
        naming = self._args.naming
        name = f"{naming.prefix}-notifications"
        topic = sns.Topic(name, name=name, kms_master_key_id=self._args.key_arn, tags=naming.tags(), opts=self._child)
        document = topic.arn.apply(lambda arn: _publishers(naming, arn))
        sns.TopicPolicy(
            f"{name}-policy",
            arn=topic.arn,
            policy=pulumi.Output.json_dumps(document, sort_keys=True),
            opts=self._child,
        )
        return topic.arn

    def _alarm(self, alarm: Alarm) -> cloudwatch.MetricAlarm:
        name = f"{self._args.naming.prefix}-{alarm.name}"
        return cloudwatch.MetricAlarm(
            name,
            name=name,
            alarm_description=alarm.description,
            namespace=alarm.namespace,
            metric_name=alarm.metric,
            dimensions=dict(alarm.dimensions),
            statistic=alarm.statistic,
            comparison_operator="GreaterThanOrEqualToThreshold",
            threshold=alarm.above,
            period=alarm.period_seconds,
            evaluation_periods=alarm.periods,
            treat_missing_data=alarm.missing,
            alarm_actions=[self.topic_arn],
            ok_actions=[self.topic_arn],
            tags=self._args.naming.tags(),
            opts=self._child,
        )

    def _dashboard(self, functions: list[str], streams: list[str], made: list[cloudwatch.MetricAlarm]) -> None:
        args = self._args
        machines = pulumi.Output.all(
            *[pipeline.arn for pipeline in sorted(args.pipelines, key=lambda pipeline: pipeline.name)]
        )
        shown = pulumi.Output.all(machines, args.application.id, pulumi.Output.all(*[alarm.arn for alarm in made]))
        body = shown.apply(
            lambda facts: json.dumps(
                dashboard(
                    args.naming,
                    machine_arns=facts[0],
                    functions=functions,
                    application_id=facts[1],
                    streams=streams,
                    alarm_arns=facts[2],
                ),
                sort_keys=True,
            )
        )
        cloudwatch.Dashboard(
            f"{args.naming.prefix}-dashboard", dashboard_name=args.naming.prefix, dashboard_body=body, opts=self._child
        )


def _publishers(naming: Naming, topic_arn: str) -> dict[str, Any]:
    """Return the topic's policy, which lets this account's alarms publish; the watch publishes by its own role."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Alarms",
                "Effect": "Allow",
                "Principal": {"Service": ["cloudwatch.amazonaws.com"]},
                "Action": "sns:Publish",
                "Resource": topic_arn,
                "Condition": {"StringEquals": {"aws:SourceAccount": naming.account}},
            }
        ],
    }
