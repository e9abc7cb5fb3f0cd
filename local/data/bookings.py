"""The bookings of hotel_bookings.csv, moved twelve years into the future."""

from __future__ import annotations

import calendar
import csv
import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("hotel_bookings.csv")
_YEARS_LATER = 12
_MONTHS = tuple(calendar.month_name)
_PROPERTIES = 48
_MISSING = ("NULL", "NA", "")


@dataclass(frozen=True)
class Booking:
    """One stay, in the terms of the data set."""

    number: int
    property_number: int
    arrival: dt.date
    nights: int
    lead_time: int
    adults: int
    meal: str
    country: str | None
    market_segment: str
    channel: str
    room_type: str
    deposit: str
    agent: str | None
    company: str | None
    customer_type: str
    adr: Decimal
    special_requests: int
    status: str

    @property
    def rate_plan(self) -> str:
        """Return the code of the rate plan of the stay."""
        return f"{self.meal}-{'NR' if self.deposit == 'Non Refund' else 'FX'}-{self.market_segment[:3].upper()}"


@cache
def bookings() -> tuple[Booking, ...]:
    """Return every booking, in the order of the file."""
    with _FILE.open(encoding="utf-8", newline="") as source:
        return tuple(_booking(number, row) for number, row in enumerate(csv.DictReader(source)))


def _booking(number: int, row: dict[str, str]) -> Booking:
    agent = _optional(row["agent"])
    arrival = dt.date(
        int(row["arrival_date_year"]) + _YEARS_LATER,
        _MONTHS.index(row["arrival_date_month"]),
        1,
    ) + dt.timedelta(days=int(row["arrival_date_day_of_month"]) - 1)
    return Booking(
        number=number,
        property_number=(int(agent) if agent else number) % _PROPERTIES,
        arrival=arrival,
        nights=max(1, int(row["stays_in_weekend_nights"]) + int(row["stays_in_week_nights"])),
        lead_time=int(row["lead_time"]),
        adults=int(row["adults"]),
        meal=row["meal"].strip(),
        country=_optional(row["country"]),
        market_segment=row["market_segment"],
        channel=row["distribution_channel"],
        room_type=row["reserved_room_type"].strip(),
        deposit=row["deposit_type"].strip(),
        agent=agent,
        company=_optional(row["company"]),
        customer_type=row["customer_type"],
        adr=Decimal(row["adr"]),
        special_requests=int(row["total_of_special_requests"]),
        status=row["reservation_status"],
    )


def _optional(text: str) -> str | None:
    return None if text.strip() in _MISSING else text.strip()
