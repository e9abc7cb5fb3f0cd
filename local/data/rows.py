"""Rows of the source tables, as many as needed, derived from the bookings.

Each cycle over the bookings creates new hotels, so keys repeat only where they are meant to.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from local.data.bookings import Booking, bookings

if TYPE_CHECKING:
    from collections.abc import Iterator

Row = tuple[Any, ...]
# Percent of all rows: a hotel chain has mostly rates and inventory.
SHARES = {
    "base_rate": 40,
    "inventory": 30,
    "restriction": 14,
    "allotment": 8,
    "base_rate_association": 4,
    "restriction_association": 4,
}
_NAMESPACE = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
_CYCLE_PROPERTIES = 100
_REMARKS = (
    None,
    None,
    "Vista mar, não fumador",
    'Guest said: "late check-in" \\ keys at the bar',
    "Früh­stück inklusive – café & crème brûlée",
    "two lines:\nhigh floor, far from the lift",
    "",
    "honeymoon 🥂🌅 please decorate",
)
_TAX = Decimal("1.06")
_MOMENT = dt.datetime(2026, 10, 1, tzinfo=dt.UTC)


def rows_of(table: str, count: int) -> Iterator[Row]:
    """Return the first `count` rows of a table."""
    return itertools.islice(_SOURCES[table](), count)


def properties(rows: int) -> Iterator[Row]:
    """Return every property to which `rows` rows may refer."""
    cycles = rows // len(bookings()) + 2
    for cycle in range(cycles):
        for number in range(_CYCLE_PROPERTIES):
            kind = "Resort" if number % 2 else "City"
            country, currency = (("PRT", "EUR"), ("GBR", "GBP"), (None, "EUR"))[number % 3]
            yield (_property_id(cycle, number), f"{kind} Hotel São José {cycle + 1}/{number + 1}", country, currency)


def rate_plans() -> Iterator[Row]:
    """Return every rate plan of the bookings."""
    for code in sorted({booking.rate_plan for booking in bookings()}):
        meal, terms, segment = code.split("-")
        yield (code, f"{segment.title()} {meal}", None if meal == "SC" else meal, terms == "FX")


def _stays() -> Iterator[tuple[int, Booking]]:
    for cycle in itertools.count():
        for booking in bookings():
            yield cycle, booking


def _property_id(cycle: int, number: int) -> int:
    return 1000 + cycle * _CYCLE_PROPERTIES + number


def _moment(number: int, cycle: int) -> dt.datetime:
    return _MOMENT + dt.timedelta(minutes=number, microseconds=(number * 7919 + cycle) % 1_000_000)


def _base_rates() -> Iterator[Row]:
    seen: set[tuple[Any, ...]] = set()
    for cycle, booking in _stays():
        if booking.number == 0:
            seen.clear()  # a new cycle has new properties
        for night in range(booking.nights):
            stay = booking.arrival + dt.timedelta(days=night)
            key = (_property_id(cycle, booking.property_number), booking.room_type, booking.rate_plan, stay)
            if key in seen:
                continue
            seen.add(key)
            yield (
                *key,
                booking.adr,
                (booking.adr / _TAX).quantize(Decimal("1e-20")),
                None if booking.adults < 3 else Decimal(15 + booking.adults),
                booking.lead_time / 365,
                _conditions(booking),
                _REMARKS[booking.number % len(_REMARKS)],
                booking.status != "No-Show",
                _moment(booking.number, cycle),
            )


def _conditions(booking: Booking) -> str | None:
    if booking.special_requests == 0 and booking.number % 3 == 0:
        return None
    return json.dumps(
        {
            "deposit": booking.deposit,
            "cancellation": {"days": booking.lead_time % 30, "fee": float(booking.adr) / 2, "waived": None},
            "requests": ["cot"] * min(booking.special_requests, 2) + [{"late": True}] * (booking.special_requests > 2),
            "agent": booking.agent,
        }
    )


def _inventory() -> Iterator[Row]:
    seen: set[tuple[Any, ...]] = set()
    for cycle, booking in _stays():
        if booking.number == 0:
            seen.clear()
        for night in range(booking.nights):
            key = (
                _property_id(cycle, booking.property_number),
                booking.room_type,
                booking.arrival + dt.timedelta(days=night),
            )
            if key in seen:
                continue
            seen.add(key)
            total = 20 + booking.number % 30
            sold = booking.lead_time % (total + 5)
            by = booking.company and f"company-{booking.company}"
            published = _moment(booking.number, cycle) + dt.timedelta(seconds=night)
            yield (*key, total, sold, 1 + booking.adults / 33, by, published)
            if booking.number % 20 == 0:  # published again: the later row counts
                yield (*key, total, sold + 1, None, "night audit", published + dt.timedelta(hours=6))


def _restrictions() -> Iterator[Row]:
    number = itertools.count(1)
    for cycle, booking in _stays():
        for night in range(min(booking.nights, 3)):
            stay = booking.arrival + dt.timedelta(days=night)
            expires = dt.datetime.combine(stay, dt.time(23, 59, 59), dt.UTC) if booking.number % 4 else None
            yield (
                next(number),
                _property_id(cycle, booking.property_number),
                booking.room_type,
                stay,
                booking.nights if booking.nights > 1 else None,
                None if booking.number % 2 else 28,
                booking.status == "Canceled",
                booking.deposit == "Non Refund",
                _REMARKS[(booking.number + 3) % len(_REMARKS)],
                expires,
                _moment(booking.number, cycle),
            )


def _allotments() -> Iterator[Row]:
    for cycle, booking in _stays():
        for part in range(1 + booking.special_requests):
            contract = {
                "customer": booking.customer_type,
                "rate": {"amount": str(booking.adr), "currency": "EUR"},
                "segments": [booking.market_segment, booking.channel],
                "released": booking.status == "Canceled",
                "margin": 0.1 + booking.lead_time / 10_000,
            }
            yield (
                uuid.uuid5(_NAMESPACE, f"allotment/{cycle}/{booking.number}/{part}"),
                _property_id(cycle, booking.property_number),
                booking.room_type,
                booking.agent,
                booking.arrival,
                booking.nights,
                1 + booking.adults,
                booking.lead_time % 90,
                json.dumps(contract),
                _moment(booking.number, cycle),
            )


def _base_rate_associations() -> Iterator[Row]:
    for cycle, booking in _stays():
        agents = [f"A{code}" for code in (booking.agent, booking.company) if code]
        yield (
            uuid.uuid5(_NAMESPACE, f"rate/{cycle}/{booking.number}"),
            _property_id(cycle, booking.property_number),
            booking.rate_plan,
            booking.channel,
            booking.market_segment,
            Decimal(booking.lead_time) / 10_000,
            booking.arrival,
            booking.arrival + dt.timedelta(days=365) if booking.number % 5 else None,
            agents if booking.number % 7 else None,
            _moment(booking.number, cycle),
        )


def _restriction_associations() -> Iterator[Row]:
    for cycle, booking in _stays():
        yield (
            uuid.uuid5(_NAMESPACE, f"restriction/{cycle}/{booking.number}"),
            _property_id(cycle, booking.property_number),
            f"R{booking.number % 97:02d}",
            booking.customer_type,
            booking.deposit,
            sorted({booking.channel, booking.market_segment}) if booking.number % 6 else [],
            booking.number % 10,
            _REMARKS[(booking.number + 5) % len(_REMARKS)],
            _moment(booking.number, cycle),
        )


_SOURCES = {
    "base_rate": _base_rates,
    "inventory": _inventory,
    "restriction": _restrictions,
    "allotment": _allotments,
    "base_rate_association": _base_rate_associations,
    "restriction_association": _restriction_associations,
}
