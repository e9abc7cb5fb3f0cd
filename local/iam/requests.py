"""The scope and tags of a request, and the facts of the account that its evaluation needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from local.errors import PolicyError

if TYPE_CHECKING:
    from local.iam.policy import Call

Arguments = Mapping[str, Any]


class AccountFacts(Protocol):
    """Facts of the account that the evaluation of a call needs."""

    def tags(self, arn: str) -> dict[str, str]:
        """Return the tags of a resource, or none if it does not exist."""

    def rds_groups(self, source: str) -> tuple[str, str]:
        """Return a cluster's subnet group and engine."""

    def bucket_key(self, bucket: str) -> str | None:
        """Return the ARN of the key that encrypts a bucket, or None."""

    def topic_key(self, arn: str) -> str | None:
        """Return the ARN of the key that encrypts a topic, or None."""

    def has_object(self, bucket: str, key: str) -> bool:
        """Return whether an object exists."""


@dataclass(frozen=True)
class Scope:
    """The account and region of a call."""

    account: str
    region: str

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"


def request_tags(tags: Iterable[Mapping[str, str]] | Mapping[str, str] | None) -> dict[str, str | tuple[str, ...]]:
    """Return the condition keys of a request's tags."""
    pairs = dict(tags) if isinstance(tags, Mapping) else {tag["Key"]: tag["Value"] for tag in tags or ()}
    keys: dict[str, str | tuple[str, ...]] = {f"aws:RequestTag/{key}": value for key, value in pairs.items()}
    return {**keys, "aws:TagKeys": tuple(sorted(pairs))} if pairs else {}


def resource_tags(arn: str, account: AccountFacts) -> dict[str, str]:
    """Return the condition keys of a resource's own tags."""
    return {f"aws:ResourceTag/{key}": value for key, value in account.tags(arn).items()}


def unknown(service: str, operation: str) -> list[Call]:
    """Refuse an operation by its name, so that no call goes unchecked.

    Raises:
        PolicyError: Always.
    """
    raise PolicyError(f"{service}:{operation} is called by a role, but local/iam/operations.py does not know it")
