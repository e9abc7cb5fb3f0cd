"""Subscribers to a stack's notices and alarms, as its file lists them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Literal

from infra.settings.values import parsed

Protocol = Literal["email", "https", "slack", "teams"]
_UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# The pattern and an example of an endpoint, by protocol.
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


def subscribers(value: object) -> tuple[Subscriber, ...]:
    """Return the entries of a list; a ValueError says what is wrong with it."""
    entries = parsed(value)
    if not isinstance(entries, list | tuple):
        raise ValueError(f"is {value}; it must be a list of entries with protocol and endpoint")  # noqa: TRY004 - pydantic reports ValueError
    listed = tuple(_subscriber(entry) for entry in entries)
    if len(set(listed)) < len(listed):
        raise ValueError("has an entry twice")
    return listed


def _subscriber(entry: object) -> Subscriber:
    if not isinstance(entry, dict) or set(entry) != {"protocol", "endpoint"}:
        raise ValueError(f"has {json.dumps(entry)}; an entry has protocol and endpoint, and nothing else")
    protocol, endpoint = entry["protocol"], entry["endpoint"]
    if protocol not in ENDPOINTS:
        raise ValueError(f"has the protocol {protocol!r}; it must be {' or '.join(ENDPOINTS)}")
    pattern, example = ENDPOINTS[protocol]
    if not isinstance(endpoint, str) or not pattern.fullmatch(endpoint):
        raise ValueError(f"has the endpoint {endpoint!r}; of {protocol} it must be like {example}")
    return Subscriber(protocol, endpoint)
