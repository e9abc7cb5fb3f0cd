"""Limits of waiting and listing, in the units of their names."""

from __future__ import annotations

from dataclasses import dataclass

POLL_SECONDS = 30
LONGEST_POLL_SECONDS = 300
# Maximum of all outcomes of a Map together, below four fifths of a payload.
_OUTCOMES_BYTES = 200_000
FAILURE_FACTS_BYTES = 400  # of a bad outcome besides its cause: the longest names of a table and an error
BYTES_PER_CHARACTER = 2
_LONGEST_CAUSE, _SHORTEST_CAUSE = 8000, 200


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The waits, checks and page sizes of a definition."""

    execution_seconds: int = 7 * 24 * 3600
    max_parallelism: int = 40
    default_parallelism: int = 9
    call_seconds: int = 60
    lambda_seconds: int = 330  # the functions' own timeout is 300
    list_keys: int = 400  # 1,000 keys are about 300 KB, and a payload ends at 256 KiB
    list_pages: int = 10  # of 25 imports or exports, 10 tags, 50 applications, 400 keys of releases
    prefix_pages: int = 25  # of 400 objects to import: at least 1 TB at the smallest size of the job's objects
    clone_wait_seconds: int = 60  # between two checks of a clone that is being created
    clone_checks: int = 60
    start_calls: int = 20  # for the cluster, its instance, and refused calls
    clone_max_age_hours: int = 24
    destroy_wait_seconds: int = 60  # between two checks of a clone that is being destroyed
    destroy_checks: int = 30
    teardown_wait_seconds: int = 60  # between two attempts to begin while clones are being destroyed
    teardown_checks: int = 45  # longer than the destruction, so that a running teardown always ends first
    poll_seconds: int = POLL_SECONDS
    longest_poll_seconds: int = LONGEST_POLL_SECONDS
    settings_checks: int = 20
    lanes: int = 4  # of a table, whose parts are written in parallel
    apply_calls: int = 1500  # of the table writer's calls in a lane, each up to five minutes
    most_writes_per_second: int = 1_000_000
    quiet_seconds: int = (
        90  # from the last write to the export's instant: an export may miss writes up to a minute around it
    )
    restorable_checks: int = 60  # of the latest restorable time, which is about five minutes behind
    updates: int = 3  # of a table: deletion protection, table class, warm throughput

    @property
    def clone_minutes(self) -> int:
        """Return how long a run waits for a clone."""
        return self.clone_checks * self.clone_wait_seconds // 60

    @property
    def destroy_minutes(self) -> int:
        """Return how long a run waits until a clone is gone."""
        return self.destroy_checks * self.destroy_wait_seconds // 60

    @property
    def teardown_minutes(self) -> int:
        """Return how long a run waits for the end of another run's destruction."""
        return self.teardown_checks * self.teardown_wait_seconds // 60

    def outcome_characters(self, items: int) -> int:
        """Return the length of an item's cause with which the causes of all items of a Map fit into a payload."""
        each = (_OUTCOMES_BYTES // max(items, 1) - FAILURE_FACTS_BYTES) // BYTES_PER_CHARACTER
        return min(_LONGEST_CAUSE, max(_SHORTEST_CAUSE, each))


def checks_for(minutes: int) -> int:
    """Return how many checks fit into a time if the waits double from 30 s to 300 s."""
    checks, waited = 1, 0
    while waited < minutes * 60:
        waited += min(LONGEST_POLL_SECONDS, POLL_SECONDS * 2 ** (checks - 1))
        checks += 1
    return checks
