"""Formats of numbers, money and times that plan, report, page and summary share.

runner.labels has durations and sizes, which the live views share.
"""

from __future__ import annotations

import datetime as dt
from typing import overload

NOTHING = "\N{EN DASH}"
_CENT = 0.01
_SMALL = 1e-4  # smaller quantities have an exponent


def number(value: float | None, unknown: str = NOTHING) -> str:
    """Return a number with thousands separators; an unknown one is a dash."""
    if value is None:
        return unknown
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"


def quantity(value: float | None, unknown: str = NOTHING) -> str:
    """Return a quantity with as many digits as it needs: 1,234.50, 0.0283, 0."""
    if value is None:
        return unknown
    if value == 0:
        return "0"
    return f"{value:,.2f}" if abs(value) >= 1 else f"{value:.3g}" if abs(value) >= _SMALL else f"{value:.1e}"


def money(usd: float | None, unknown: str = "no price") -> str:
    """Return dollars and cents; a positive amount below a cent never shows as zero."""
    if usd is None:
        return unknown
    return "<0.01" if 0 < usd < _CENT else f"{usd:,.2f}"


def price(usd: float | None, unknown: str = "no price") -> str:
    """Return a unit price with at least two significant digits: 0.286, 0.000025."""
    if usd is None:
        return unknown
    return f"{usd:.7f}".rstrip("0") if usd < 0.001 else f"{usd:.3g}"  # noqa: PLR2004 - where three decimals end


def percent(part: float | None, whole: float | None) -> str:
    """Return a share: 2.5 %, <0.1 %, 0 %."""
    if part is None or not whole:
        return NOTHING
    share = 100 * part / whole
    return "<0.1 %" if 0 < share < 0.1 else f"{share:.3g} %"  # noqa: PLR2004 - a tenth of a percent


@overload
def iso(moment: dt.datetime) -> str: ...


@overload
def iso(moment: dt.datetime | str | None) -> str | None: ...


def iso(moment: dt.datetime | str | None) -> str | None:
    """Return a time for documents: ISO 8601 in UTC with milliseconds."""
    if not moment:
        return None
    parsed = dt.datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return parsed.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def iso_seconds(at: dt.datetime) -> str:
    """Return a time for command arguments: 2026-11-25T16:52:54Z."""
    return f"{at.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"


def second(at: dt.datetime) -> str:
    """Return a time with seconds: 2026-11-25 16:52:54Z."""
    return f"{at.astimezone(dt.UTC):%Y-%m-%d %H:%M:%SZ}"


def minute(at: dt.datetime, zone: str = "Z") -> str:
    """Return a time with minutes: 2026-11-25 16:52Z."""
    return f"{at.astimezone(dt.UTC):%Y-%m-%d %H:%M}{zone}"


def clock(at: dt.datetime, now: dt.datetime | None = None) -> str:
    """Return the time of day, 16:52:54Z, with the date if `now` is on another day."""
    is_today = now is None or at.astimezone(dt.UTC).date() == now.astimezone(dt.UTC).date()
    return f"{at.astimezone(dt.UTC):%H:%M:%SZ}" if is_today else second(at)


def utc(moment: dt.datetime | str | None) -> str:
    """Return a time for people: 2026-11-25 16:52:54 UTC."""
    written = iso(moment)
    return f"{written[:10]} {written[11:19]} UTC" if written else NOTHING
