"""The pace of a lane: at most the requested rate, slower while DynamoDB throttles."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_LEAST_PER_SECOND = 1.0
_RECOVERY = 0.01  # of the maximum, for each write that DynamoDB accepted
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.05, 5.0


@dataclass(frozen=True)
class Clock:
    """The sources of time, sleep and jitter."""

    now: Callable[[], float] = time.time  # seconds since 1970, as in a TTL
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random


class Pace:
    """A rate that halves when DynamoDB throttles and recovers as it accepts writes again.

    Several threads share it.
    """

    def __init__(self, most_per_second: float, clock: Clock) -> None:
        self._most = self._rate = most_per_second
        self._clock = clock
        self._next = clock.monotonic()
        self._lock = threading.Lock()

    @property
    def per_second(self) -> float:
        """Return the current rate."""
        return self._rate

    def wait(self) -> None:
        """Wait until the next write may begin."""
        with self._lock:
            now = self._clock.monotonic()
            begins = max(now, self._next)
            self._next = begins + 1 / self._rate
        if begins > now:
            self._clock.sleep(begins - now)

    def accepted(self) -> None:
        """Speed up after DynamoDB accepted a write."""
        with self._lock:
            self._rate = min(self._most, self._rate + self._most * _RECOVERY)

    def throttled(self, attempt: int) -> float:
        """Slow down after DynamoDB throttled a write; return the seconds to wait before the next attempt.

        Full jitter: https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
        """
        with self._lock:
            self._rate = max(min(self._most, _LEAST_PER_SECOND), self._rate / 2)
        longest: float = min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2**attempt)
        return self._clock.jitter() * longest
