"""Where the stack says that something is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi_aws import sns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.domain_pipeline import DomainPipeline
    from infra.function import Function
    from infra.naming import Naming
    from infra.settings import Settings
    from infra.spark_application import SparkApplication
    from infra.streams import Streams


@dataclass(frozen=True, kw_only=True)
class ObservabilityArgs:
    """Inputs of :class:`Observability`."""

    naming: Naming
    settings: Settings
    key_arn: pulumi.Input[str]
    pipelines: Mapping[str, DomainPipeline]  # by domain
    functions: Mapping[str, Function]  # by name without the stack: aurora-clone, run-registry
    application: SparkApplication
    streams: Streams


class Observability(pulumi.ComponentResource):
    """The stack's topic of notifications."""

    def __init__(self, name: str, args: ObservabilityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("migration:infra:Observability", f"{name}-observability", None, opts)
        child = pulumi.ResourceOptions(parent=self)
        topic_name = f"{args.naming.prefix}-notifications"
        topic = sns.Topic(
            topic_name, name=topic_name, kms_master_key_id=args.key_arn, tags=args.naming.tags(), opts=child
        )
        document = topic.arn.apply(lambda arn: _publishers(args.naming, arn))
        sns.TopicPolicy(
            f"{topic_name}-policy",
            arn=topic.arn,
            policy=pulumi.Output.json_dumps(document, sort_keys=True),
            opts=child,
        )
        self.topic_arn = topic.arn
        self.register_outputs({"topic_arn": self.topic_arn})


def _publishers(naming: Naming, topic_arn: str) -> dict[str, Any]:
    """Return who may publish: alarms and events of this account."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AlarmsAndEvents",
                "Effect": "Allow",
                "Principal": {"Service": ["cloudwatch.amazonaws.com", "events.amazonaws.com"]},
                "Action": "sns:Publish",
                "Resource": topic_arn,
                "Condition": {"StringEquals": {"aws:SourceAccount": naming.account}},
            }
        ],
    }
