"""Subscriptions to the stack's topic: mail and HTTPS, and channels of Slack and Teams."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi_aws import chatbot, iam, sns

from infra import policies

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.naming import Naming
    from infra.settings.subscribers import Subscriber

# A channel only shows the topic's messages: https://docs.aws.amazon.com/chatbot/latest/adminguide/security.html
_GUARDRAIL = "arn:aws:iam::aws:policy/AWSDenyAll"
_SERVICE = "chatbot.amazonaws.com"


@dataclass(frozen=True, kw_only=True)
class SubscribersArgs:
    """Inputs of :class:`Subscribers`."""

    naming: Naming
    subscribers: Sequence[Subscriber]
    topic_arn: pulumi.Output[str]
    boundary_arn: pulumi.Input[str]


class Subscribers(pulumi.ComponentResource):
    """The topic's subscribers; each mail recipient confirms once, with the link that SNS sends."""

    def __init__(self, name: str, args: SubscribersArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("migration:infra:Subscribers", name, None, opts)
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        for subscriber in args.subscribers:
            if subscriber.protocol in ("email", "https"):
                sns.TopicSubscription(
                    f"{args.naming.prefix}-notify-{_slug(subscriber.endpoint)}",
                    topic=args.topic_arn,
                    protocol=subscriber.protocol,
                    endpoint=subscriber.endpoint,
                    opts=self._child,
                )
        channels = [subscriber for subscriber in args.subscribers if subscriber.protocol in ("slack", "teams")]
        if channels:
            role = self._role()
            for subscriber in channels:
                self._channel(subscriber, role.arn)
        self.register_outputs({})

    def _role(self) -> iam.Role:
        """Return the role of all channels; it has no rights, because no command runs from a channel."""
        naming = self._args.naming
        name = f"{naming.prefix}-chat"
        return iam.Role(
            name,
            name=name,
            assume_role_policy=json.dumps(policies.trust(_SERVICE, naming.account), sort_keys=True),
            permissions_boundary=self._args.boundary_arn,
            tags=naming.tags(),
            opts=self._child,
        )

    def _channel(self, subscriber: Subscriber, role_arn: pulumi.Output[str]) -> None:
        args = self._args
        name = f"{args.naming.prefix}-{subscriber.protocol}-{_slug(subscriber.endpoint.rsplit('/', 1)[1])}"
        common: dict[str, Any] = {
            "configuration_name": name,
            "iam_role_arn": role_arn,
            "guardrail_policy_arns": [_GUARDRAIL],
            "sns_topic_arns": [args.topic_arn],
            "logging_level": "ERROR",
            "tags": args.naming.tags(),
        }
        if subscriber.protocol == "slack":
            workspace, channel = subscriber.endpoint.split("/")
            chatbot.SlackChannelConfiguration(
                name, slack_team_id=workspace, slack_channel_id=channel, opts=self._child, **common
            )
        else:
            team, tenant, channel = subscriber.endpoint.split("/", 2)
            chatbot.TeamsChannelConfiguration(
                name, team_id=team, tenant_id=tenant, channel_id=channel, opts=self._child, **common
            )


def _slug(text: str) -> str:
    """Return a string in a form that a resource name can contain."""
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")[:80]
