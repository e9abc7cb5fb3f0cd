"""Expiry: which items DynamoDB may have deleted by their time to live.

It ignores a time that lies more than five years back, so that such an item is never deleted:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-before-you-start.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import Column as Expression

_DAY_SECONDS = 86_400
# AWS does not say how long its five years are; leap days make the difference. Each question takes the safe side.
_LEAST_SECONDS = 5 * 365 * _DAY_SECONDS
_MOST_SECONDS = 5 * 366 * _DAY_SECONDS


def has_expired(expiry: Expression, exported_at_seconds: int) -> Expression:
    """Return whether an item that is not in an export may have been deleted; in doubt it is lost."""
    return (expiry > exported_at_seconds - _LEAST_SECONDS) & (expiry <= exported_at_seconds)


def can_expire(expiry: Expression, now_seconds: int) -> Expression:
    """Return whether DynamoDB may delete an item from now on; in doubt it may. What is too old stays too old."""
    return expiry > now_seconds - _MOST_SECONDS
