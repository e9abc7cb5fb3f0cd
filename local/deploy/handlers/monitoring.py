"""Log groups and the topic of notifications."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.deploy.cloud import tag_list

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.deploy.cloud import Cloud, Inputs, Made


def _log_group(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    group = inputs.get("name", name)
    logs = cloud.client("logs")
    key = {"kmsKeyId": inputs["kmsKeyId"]} if "kmsKeyId" in inputs else {}
    logs.create_log_group(logGroupName=group, tags=inputs.get("tags") or {}, **key)
    logs.put_retention_policy(logGroupName=group, retentionInDays=int(inputs["retentionInDays"]))
    return group, {"name": group, "arn": cloud.arn("logs", f"log-group:{group}")}


def _topic(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    topic = inputs.get("name", name)
    made = cloud.client("sns").create_topic(
        Name=topic, Attributes={"KmsMasterKeyId": inputs["kmsMasterKeyId"]}, Tags=tag_list(inputs.get("tags"))
    )
    return made["TopicArn"], {"arn": made["TopicArn"], "name": topic}


def _topic_policy(cloud: Cloud, _name: str, inputs: Inputs) -> Made:
    cloud.client("sns").set_topic_attributes(
        TopicArn=inputs["arn"], AttributeName="Policy", AttributeValue=inputs["policy"]
    )
    return inputs["arn"], {}


def _subscription(cloud: Cloud, _name: str, inputs: Inputs) -> Made:
    made = cloud.client("sns").subscribe(
        TopicArn=inputs["topic"], Protocol=inputs["protocol"], Endpoint=inputs["endpoint"], ReturnSubscriptionArn=True
    )
    return made["SubscriptionArn"], {"arn": made["SubscriptionArn"]}


HANDLERS: dict[str, Callable[[Cloud, str, Inputs], Made]] = {
    "aws:cloudwatch/logGroup:LogGroup": _log_group,
    "aws:sns/topic:Topic": _topic,
    "aws:sns/topicPolicy:TopicPolicy": _topic_policy,
    "aws:sns/topicSubscription:TopicSubscription": _subscription,
}
