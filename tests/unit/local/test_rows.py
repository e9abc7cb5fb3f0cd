"""The demo's rows are consistent."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from local.data.rows import properties, rate_plans, rows_of

COUNT = 60_000  # more than one cycle over the bookings


@pytest.fixture(scope="module")
def rates() -> list[tuple[Any, ...]]:
    return list(rows_of("base_rate", COUNT))


def test_keys_never_repeat_but_where_they_are_meant_to(rates: list[tuple[Any, ...]]) -> None:
    keys = Counter(row[:4] for row in rates)
    nights = Counter(row[:3] for row in rows_of("inventory", COUNT))

    assert max(keys.values()) == 1
    assert max(nights.values()) == 2
    for table, key in (("restriction", 0), ("allotment", 0), ("base_rate_association", 0)):
        assert len({row[key] for row in rows_of(table, COUNT)}) == COUNT


def test_every_reference_of_a_rate_exists(rates: list[tuple[Any, ...]]) -> None:
    known, plans = {row[0] for row in properties(COUNT)}, {row[0] for row in rate_plans()}

    assert {row[0] for row in rates} <= known
    assert {row[2] for row in rates} <= plans


def test_the_mess_of_real_data_is_there(rates: list[tuple[Any, ...]]) -> None:
    remarks = "".join(row[9] or "" for row in rates)

    assert any(row[4] == 0 for row in rates)
    assert any(row[9] is None for row in rates)
    assert all(sign in remarks for sign in ('"', "\\", "\n", "é", "🥂"))
