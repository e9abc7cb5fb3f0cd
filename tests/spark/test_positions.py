"""Log positions at which the changes after a clone begin: recorded if the clone has them, never a failure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from migration_spark.log_positions import position_of

from tests.spark.jobs import Jobs, thing

if TYPE_CHECKING:
    from collections.abc import Iterator

FUNCTION = "aurora_volume_logical_start_lsn()"
UNKNOWN = f"the clone has no function {FUNCTION}, or its reader may not call it"


@pytest.fixture
def aurora(jobs: Jobs) -> Iterator[Jobs]:
    """Give the cluster `one` the function that Aurora PostgreSQL has."""
    made = f"CREATE FUNCTION {FUNCTION} RETURNS pg_lsn LANGUAGE sql AS $$ SELECT '0/402E2F0'::pg_lsn $$"
    jobs.sql("one", f"DROP FUNCTION IF EXISTS {FUNCTION}", made)
    yield jobs
    jobs.sql("one", f"DROP FUNCTION IF EXISTS {FUNCTION}")


def test_the_manifest_has_the_position_of_each_clone_that_tells_one(aurora: Jobs) -> None:
    aurora.fill({"one": [thing(1)], "two": [thing(2)]})
    assert aurora.bootstrap("positions")["failure"] is None

    assert aurora.read("processed/d/positions/manifest.json")["positions"] == {
        "one": {"engine": "aurora-postgresql", "position": "0/402E2F0", "reason": ""},
        "two": {"engine": "aurora-postgresql", "position": None, "reason": UNKNOWN},
    }


def test_a_function_that_fails_or_may_not_be_called_leaves_the_position_unknown(aurora: Jobs) -> None:
    failing = f"CREATE OR REPLACE FUNCTION {FUNCTION} RETURNS pg_lsn LANGUAGE sql AS $$ SELECT 'x'::text::pg_lsn $$"
    aurora.sql("one", failing)
    position = position_of(aurora.clone("one"))
    assert position["position"] is None
    assert position["reason"].startswith("the clone of one at 127.0.0.1:")


def test_a_position_that_the_clone_service_gives_is_kept_whatever_the_engine(jobs: Jobs) -> None:
    clone = jobs.clone("one")
    clone.clone = replace(clone.clone, position="mysql-bin-changelog.000003:154")
    assert position_of(clone)["position"] == "mysql-bin-changelog.000003:154"

    clone.cluster, clone.clone = replace(clone.cluster, engine="aurora-mysql"), replace(clone.clone, position="")
    assert position_of(clone) == {
        "engine": "aurora-mysql",
        "position": None,
        "reason": "no event of the clone's instance says it: the source's binary logging is off, or RDS was not asked",
    }
