"""The pace of a lane: bounded by what was asked for, slower while DynamoDB throttles."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_LEAST_PER_SECOND = 1.0
_RECOVERY = 0.01  # of the bound, for each write that DynamoDB took
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.05, 5.0


@dataclass(frozen=True)
class Clock:
    """Time, and the passing of it."""

    now: Callable[[], float] = time.time  # seconds since 1970, which a TTL is compared with
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random


class Pace:
    """A rate that halves when DynamoDB throttles and comes back as it takes writes again.

    Writers of several threads share it.
    """

    def __init__(self, most_per_second: float, clock: Clock) -> None:
        self._most = self._rate = most_per_second
        self._clock = clock
        self._next = clock.monotonic()
        self._lock = threading.Lock()

    @property
    def per_second(self) -> float:
        """Return the rate as it is now."""
        return self._rate

    def wait(self) -> None:
        """Return when the next write may begin."""
        with self._lock:
            now = self._clock.monotonic()
            begins = max(now, self._next)
            self._next = begins + 1 / self._rate
        if begins > now:
            self._clock.sleep(begins - now)

    def taken(self) -> None:
        """Note that DynamoDB took a write."""
        with self._lock:
            self._rate = min(self._most, self._rate + self._most * _RECOVERY)

    def throttled(self, attempt: int) -> float:
        """Note that DynamoDB refused a write for now; return the seconds to wait before the next attempt.

        Full jitter: https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
        """
        with self._lock:
            self._rate = max(min(self._most, _LEAST_PER_SECOND), self._rate / 2)
        longest: float = min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2**attempt)
        return self._clock.jitter() * longest
