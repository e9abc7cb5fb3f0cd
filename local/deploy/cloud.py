"""Clients of the embedded AWS, and the types of the handlers' inputs and results."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from local.aws.server import EmbeddedAws

Inputs = dict[str, Any]
Made = tuple[str, dict[str, Any]]


class Cloud:
    """Clients of the embedded AWS, one per service and thread."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self._aws = aws
        self._local = threading.local()
        self.account = aws.active.account
        self.region = aws.active.region

    def client(self, service: str) -> Any:
        """Return a client."""
        clients: dict[str, Any] = self._local.__dict__.setdefault("clients", {})
        if service not in clients:
            clients[service] = self._aws.client(service)
        return clients[service]

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a regional resource."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"


def tag_list(tags: dict[str, str] | None, key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    """Return tags in the form of the service's API."""
    return [{key: name, value: text} for name, text in (tags or {}).items()]


def with_integers(inputs: Inputs) -> Inputs:
    """Return inputs with integers in place of Pulumi's floats."""
    return {name: int(value) if isinstance(value, float) else value for name, value in inputs.items()}
