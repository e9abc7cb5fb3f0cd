"""Bounds of waiting and listing, in the units of their names."""

from __future__ import annotations

import math
from dataclasses import dataclass

POLL_SECONDS = 30
LONGEST_POLL_SECONDS = 300
# What the outcomes of a Map's items may have together, below four fifths of a payload.
_OUTCOMES_BYTES = 200_000
FAILURE_FACTS_BYTES = 400  # of a bad outcome, beside its cause: the longest name of a table, and an error's
BYTES_PER_CHARACTER = 2
_LONGEST_CAUSE, _SHORTEST_CAUSE = 8000, 200


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
    clone_wait_seconds: int = 60  # between two looks at a clone that is being made
    clone_laps: int = 60
    start_laps: int = 20  # of the next missing step: the cluster, its instance, and what was refused meanwhile
    clone_max_age_hours: int = 24
    destroy_wait_seconds: int = 60  # between two looks at a clone that is being destroyed
    destroy_laps: int = 30
    teardown_wait_seconds: int = 60  # between two tries to begin while clones are destroyed
    teardown_laps: int = 45  # longer than the destruction: a living teardown always ends first
    poll_seconds: int = POLL_SECONDS
    longest_poll_seconds: int = LONGEST_POLL_SECONDS
    settings_laps: int = 20
    lanes: int = 4  # of a table: its parts are written side by side
    apply_laps: int = 1500  # of the table writer's calls in a lane, each up to five minutes
    most_writes_per_second: int = 1_000_000
    quiet_seconds: int = 90  # from the last write to the export's instant, around which AWS leaves a minute open
    restorable_laps: int = 60  # looks at how far recovery reaches, which is about five minutes behind
    updates: int = 3  # of a table: deletion protection, table class, warm throughput

    @property
    def clone_minutes(self) -> int:
        """Return how long a run waits for a clone."""
        return self.clone_laps * self.clone_wait_seconds // 60

    @property
    def destroy_minutes(self) -> int:
        """Return how long a run waits for a clone to be gone."""
        return self.destroy_laps * self.destroy_wait_seconds // 60

    @property
    def teardown_minutes(self) -> int:
        """Return how long a run waits for the end of a destruction that is not its own."""
        return self.teardown_laps * self.teardown_wait_seconds // 60

    def outcome_characters(self, items: int) -> int:
        """Return how much an item of a Map may say of its failure, so that all of them fit a payload."""
        each = (_OUTCOMES_BYTES // max(items, 1) - FAILURE_FACTS_BYTES) // BYTES_PER_CHARACTER
        return min(_LONGEST_CAUSE, max(_SHORTEST_CAUSE, each))


def laps_for(minutes: int) -> int:
    """Return how many looks fit into a time, when waits double from 30 s to 300 s."""
    laps, waited = 1, 0
    while waited < minutes * 60:
        waited += min(LONGEST_POLL_SECONDS, POLL_SECONDS * 2 ** min(laps - 1, math.ceil(math.log2(10))))
        laps += 1
    return laps
