"""The demo's rows hang together."""

from __future__ import annotations

from collections import Counter

from local.data.rows import properties, rate_plans, rows_of

COUNT = 60_000  # more than one cycle over the bookings


def test_keys_never_repeat_but_where_they_are_meant_to() -> None:
    rates = Counter(row[:4] for row in rows_of("base_rate", COUNT))
    nights = Counter(row[:3] for row in rows_of("inventory", COUNT))

    assert max(rates.values()) == 1
    assert max(nights.values()) == 2
    for table, key in (("restriction", 0), ("allotment", 0), ("base_rate_association", 0)):
        assert len({row[key] for row in rows_of(table, COUNT)}) == COUNT


def test_every_reference_of_a_rate_exists() -> None:
    known, plans = {row[0] for row in properties(COUNT)}, {row[0] for row in rate_plans()}

    assert {row[0] for row in rows_of("base_rate", COUNT)} <= known
    assert {row[2] for row in rows_of("base_rate", COUNT)} <= plans


def test_the_mess_of_real_data_is_there() -> None:
    rates = list(rows_of("base_rate", COUNT))
    remarks = "".join(row[9] or "" for row in rates)

    assert any(row[4] == 0 for row in rates)
    assert any(row[9] is None for row in rates)
    assert all(sign in remarks for sign in ('"', "\\", "\n", "é", "🥂"))
