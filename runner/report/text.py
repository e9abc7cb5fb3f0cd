"""Text of the data in a form that is safe to show."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from runner.formatting import money
from runner.labels import duration

if TYPE_CHECKING:
    from runner.report.model.remains import Remains

# Characters that a reader does not see, or that reorder the text: controls, surrogates, bidirectional and zero-width.
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
# Emoji are joined by U+200D, and that is how they are seen.
_JOINER = "\u200d"


def visible(text: str) -> str:
    """Return text whose unseen characters are written out as ⟨U+202E⟩."""
    return _UNSEEN.sub(lambda match: _named(match, text), text)


def _named(match: re.Match[str], text: str) -> str:
    if match[0] == _JOINER and match.start() and unicodedata.category(text[match.start() - 1]) in ("So", "Sk", "Mn"):
        return match[0]
    return f"⟨U+{ord(match[0]):04X}⟩"


def existing_clones(remains: Remains) -> str:
    """Return in words which clones still exist, how old the oldest is, what they cost, and who holds them."""
    clones, hour = remains.clones, remains.clones_usd_per_hour
    count = "1 clone still exists" if len(clones) == 1 else f"{len(clones)} clones still exist"
    ages = [clone.age_seconds for clone in clones if clone.age_seconds is not None]
    age = f", the oldest {duration(max(ages))} old" if ages else ""
    cost = f", {money(hour)} USD an hour" if hour is not None else ""
    holders = ", ".join(f"{lock.domain} ({lock.state.lower()})" for lock in remains.held_by) or "nobody"
    return f"{count}{age}{cost}; held by {holders}."
