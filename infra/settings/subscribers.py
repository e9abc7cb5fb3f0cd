"""Subscribers to a stack's notices and alarms, as its file lists them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Protocol = Literal["email", "https", "slack", "teams"]
_UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# What an endpoint is like, by protocol, and an example of it.
# https://docs.aws.amazon.com/sns/latest/dg/sns-create-subscribe-endpoint-to-topic.html
# https://docs.aws.amazon.com/chatbot/latest/APIReference/API_CreateSlackChannelConfiguration.html
# https://docs.aws.amazon.com/chatbot/latest/APIReference/API_CreateTeamsChannelConfiguration.html
ENDPOINTS: dict[str, tuple[re.Pattern[str], str]] = {
    "email": (re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"), "team@company.example"),
    "https": (re.compile(r"https://[^\s/]+(/\S*)?"), "https://events.company.example/migration"),
    "slack": (re.compile(r"[0-9A-Z]{1,255}/[A-Za-z0-9]+"), "T0123ABCD/C0456EFGH, the workspace and the channel"),
    "teams": (
        re.compile(rf"{_UUID}/{_UUID}/\S+"),
        "the ids of team, tenant and channel, as the channel's link has them, with / between",
    ),
}


@dataclass(frozen=True)
class Subscriber:
    """One entry of the stack file's `notify`."""

    protocol: Protocol
    endpoint: str
