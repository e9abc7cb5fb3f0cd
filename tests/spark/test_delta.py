"""Delta writes what differs between two sides of a table, and nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.spark.deltas import ALL, applied, base_of, lines_of, run_delta
from tests.spark.jobs import Jobs, thing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROWS = 24


@pytest.fixture(scope="module")
def filled(jobs: Jobs) -> Iterator[Jobs]:
    rows = [thing(number) for number in range(ROWS)]
    jobs.fill({"one": rows[::2], "two": rows[1::2]})
    assert jobs.bootstrap("before")["failure"] is None
    return jobs


def test_every_kind_of_change_arrives_and_nothing_else_is_written(filled: Jobs) -> None:
    filled.sql(
        "one",
        "UPDATE thing SET precise = precise + 1 WHERE id = 'k00'",
        "UPDATE thing SET note = NULL WHERE id = 'k02'",
        "DELETE FROM thing WHERE id = 'k04'",
        "UPDATE thing SET id = 'k99' WHERE id = 'k06'",
        "INSERT INTO thing (id, title) VALUES ('k50', 'new')",
    )
    filled.bootstrap("after")
    summary = run_delta(filled, "after", *base_of(filled, "before"), *ALL)

    before, after = filled.items("before"), filled.items("after")
    counts = {name: value for name, value in summary.items()}
    assert counts == {
        "inserted": 2,
        "updated": 2,
        "deleted": 2,
        "unchanged": 20,
        "base": 24,
        "items": 24,
        "puts": 1,
        "deletes": 1,
    }
    changes = lines_of(filled, "after")
    assert applied(before, changes) == after
    assert {change["put"]["id"]["S"] for change in changes["puts"]} == {"k00", "k02", "k50", "k99"}
    assert {change["delete"]["id"]["S"] for change in changes["deletes"]} == {"k04", "k06"}
