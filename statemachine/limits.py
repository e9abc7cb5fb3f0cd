"""Bounds of waiting and listing, in the units of their names."""

from __future__ import annotations

import math
from dataclasses import dataclass

POLL_SECONDS = 30
LONGEST_POLL_SECONDS = 300
_OUTCOMES_CHARACTERS = 90_000


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a definition may wait for and how often it looks."""

    execution_seconds: int = 7 * 24 * 3600
    max_parallelism: int = 40
    default_parallelism: int = 9
    call_seconds: int = 60
    lambda_seconds: int = 330  # the functions' own timeout is 300
    list_keys: int = 400  # 1,000 keys are about 300 KB, and a payload ends at 256 KiB
    list_pages: int = 10  # of 25 imports or exports, 10 tags, 50 applications, 400 keys of releases
    prefix_pages: int = 25  # of 400 objects to import: 1 TB at the least that the job makes them
    clone_wait_seconds: int = 60
    clone_laps: int = 60
    start_laps: int = 20  # of the next missing step: the cluster, its instance, and what was refused meanwhile
    clone_max_age_hours: int = 24
    destroy_laps: int = 30
    teardown_laps: int = 45  # above the destroy bound: a living teardown always ends first
    poll_seconds: int = POLL_SECONDS
    longest_poll_seconds: int = LONGEST_POLL_SECONDS
    settings_laps: int = 20
    updates: int = 3  # of a table: deletion protection, table class, warm throughput
    job_minutes: int = 720

    def outcome_characters(self, items: int) -> int:
        """Return how much an item of a Map may say of its failure, so that all of them fit a payload."""
        return min(8000, _OUTCOMES_CHARACTERS // max(items, 1))


def laps_for(minutes: int) -> int:
    """Return how many looks fit into a time, when waits double from 30 s to 300 s."""
    laps, waited = 1, 0
    while waited < minutes * 60:
        waited += min(LONGEST_POLL_SECONDS, POLL_SECONDS * 2 ** min(laps - 1, math.ceil(math.log2(10))))
        laps += 1
    return laps
