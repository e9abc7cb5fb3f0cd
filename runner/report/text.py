"""Text of the data as a person may safely be shown it, and numbers and times as a person reads them."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import Any

from runner.words import duration

# What a reader does not see, or what reorders what he sees: controls, surrogates, bidirectional and zero-width marks.
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
NOTHING = "\N{EN DASH}"
# Emoji are joined by U+200D, and that is how they are seen.
_JOINER = "\u200d"


def visible(text: str) -> str:
    """Return text whose unseen characters are written out as ⟨U+202E⟩."""
    return _UNSEEN.sub(lambda found: _named(found, text), text)


def _named(found: re.Match[str], text: str) -> str:
    if found[0] == _JOINER and found.start() and unicodedata.category(text[found.start() - 1]) in ("So", "Sk", "Mn"):
        return found[0]
    return f"⟨U+{ord(found[0]):04X}⟩"


def number(value: float | None) -> str:
    """Return a number with its thousands apart; what is not known is a dash."""
    if value is None:
        return NOTHING
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"


def quantity(value: float) -> str:
    """Return a quantity with as many digits as it needs."""
    if value == 0:
        return "0"
    return f"{value:,.2f}" if abs(value) >= 1 else f"{value:.3g}" if abs(value) >= 1e-4 else f"{value:.1e}"  # noqa: PLR2004 - where the next notation reads better


def price(value: float) -> str:
    """Return a unit's price with at least two digits that say something."""
    return f"{value:.7f}".rstrip("0") if value < 0.001 else f"{value:.3g}"  # noqa: PLR2004 - where three decimals end


def usd(value: float | None) -> str:
    """Return an amount of dollars; what is less than a cent is not shown as nothing."""
    if value is None:
        return "no price"
    return "< 0.01" if 0 < value < 0.01 else f"{value:,.2f}"  # noqa: PLR2004 - a cent


def iso(moment: dt.datetime | str | None) -> str | None:
    """Return a time as the document has it: ISO 8601 in UTC with milliseconds."""
    if not moment:
        return None
    found = dt.datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return found.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def existing_clones(remains: dict[str, Any]) -> str:
    """Return in words which clones still exist, how old the oldest is, what they cost, and who holds them."""
    clones, hour = remains["clones"], remains["clonesUsdPerHour"]
    count = "1 clone still exists" if len(clones) == 1 else f"{len(clones)} clones still exist"
    ages = [clone["ageSeconds"] for clone in clones if clone["ageSeconds"] is not None]
    age = f", the oldest {duration(max(ages))} old" if ages else ""
    cost = f", {hour:.2f} USD an hour" if hour is not None else ""
    holders = ", ".join(f"{lock['domain']} ({lock['state'].lower()})" for lock in remains["heldBy"]) or "nobody"
    return f"{count}{age}{cost}; held by {holders}."


def utc(moment: str | None) -> str:
    """Return a time of the document for people: 2026-11-25 16:52:54 UTC."""
    return f"{dt.datetime.fromisoformat(moment):%Y-%m-%d %H:%M:%S} UTC" if moment else NOTHING
