"""Lookup of the section on a failure in the runbook of failed runs."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from runner.links import RUNBOOK

_HEADING = re.compile(r"^#+ +(.+)$")
_FILE = Path(__file__).parents[1] / RUNBOOK


def section_of(error: str) -> str:
    """Return the anchor of the section on a failure: its own heading, or the heading above the table that lists it.

    The result is empty if the runbook does not name the failure, or is not in this checkout.
    """
    try:
        return _sections(_FILE).get(error, "")
    except OSError:
        return ""


@cache
def _sections(path: Path) -> dict[str, str]:
    """Return the anchor per word of the runbook; a word's own heading wins over its first mention."""
    mentioned: dict[str, str] = {}
    headings: dict[str, str] = {}
    anchor = ""
    for line in path.read_text("utf-8").splitlines():
        heading = _HEADING.match(line)
        if heading:
            anchor = _anchor(heading[1])
            headings |= dict.fromkeys(_words(heading[1]), anchor)
        elif line.startswith(("|", "**")):
            mentioned |= {name: anchor for name in _words(line) if name not in mentioned}
    return mentioned | headings


def _words(text: str) -> list[str]:
    return re.findall(r"[A-Za-z]+", text)


def _anchor(heading: str) -> str:
    """Return the anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
