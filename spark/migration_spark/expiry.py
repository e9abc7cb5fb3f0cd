"""Expiry of items: which of them DynamoDB may have deleted by their time to live.

DynamoDB ignores a time that is more than five years ago, so it never deletes such an item:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-before-you-start.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import Column as Expression

_DAY_SECONDS = 86_400
# AWS does not say whether its five years count leap days. Each function takes the safe side.
_LEAST_SECONDS = 5 * 365 * _DAY_SECONDS
_MOST_SECONDS = 5 * 366 * _DAY_SECONDS


def has_expired(expiry: Expression, exported_at_seconds: int) -> Expression:
    """Return whether DynamoDB may have deleted an item that an export lacks; in doubt, it was lost."""
    return (expiry > exported_at_seconds - _LEAST_SECONDS) & (expiry <= exported_at_seconds)


def can_expire(expiry: Expression, now_seconds: int) -> Expression:
    """Return whether DynamoDB may delete an item from now on; in doubt, it may."""
    return expiry > now_seconds - _MOST_SECONDS
