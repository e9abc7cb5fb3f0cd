"""Sizes of splits and sessions per clone, from the session and the catalog."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from migration_spark.read_permits import Permits
from migration_spark.splits import SPLIT_BYTES, SPLIT_ROWS, Limits, limits


@dataclass
class Conf:
    """A session's settings."""

    settings: dict[str, str] = field(default_factory=dict)

    def get(self, name: str, default: str) -> str:
        return self.settings.get(name, default)


@dataclass
class Session:
    conf: Conf


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, Limits(SPLIT_BYTES, SPLIT_ROWS, speculation=False)),
        ({"spark.migration.splitBytes": "7", "spark.migration.splitRows": "9"}, Limits(7, 9)),
        ({"spark.migration.splitBytes": "", "spark.migration.splitRows": ""}, Limits(0, 0)),
        ({"spark.speculation": "true"}, Limits(speculation=True)),
        ({"spark.speculation": "false"}, Limits()),
    ],
)
def test_a_session_may_make_splits_smaller_and_says_whether_it_speculates(
    settings: dict[str, str], expected: Limits
) -> None:
    session: Any = Session(Conf(settings))

    assert limits(session) == expected
    assert (SPLIT_BYTES, SPLIT_ROWS) == (1_073_741_824, 5_000_000)


def test_a_clone_is_read_by_as_many_sessions_as_it_allows() -> None:
    permits = Permits({"a": 3, "b": 1}, 9)

    assert (permits.allowed("a"), permits.allowed("b")) == (3, 1)
    with permits.held({"a": 3}):
        assert permits.allowed("a") == 3


def test_a_wish_for_nothing_of_a_clone_waits_for_nobody() -> None:
    permits = Permits({"a": 1, "b": 1}, 1)

    with permits.held({"a": 1}), permits.held({"a": 0}):
        assert permits._free == {"a": 0, "b": 1}
    assert permits._free == {"a": 1, "b": 1}


def test_a_wish_for_two_clones_waits_until_both_are_free() -> None:
    permits = Permits({"a": 2, "b": 2}, 9)

    with permits.held({"a": 1}):
        assert not permits._is_granted({"a": 2, "b": 1})
        assert not permits._is_granted({"b": 1, "a": 2})
        assert permits._is_granted({"a": 1, "b": 2})
