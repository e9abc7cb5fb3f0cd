"""Changes of a followed execution, each with its own time."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - a dataclass's field
from dataclasses import dataclass, field
from typing import Any

# Kinds of changes. docs/progress.md describes the facts of each.
PHASE, CLONE, TABLE, COUNTS, REUSED, WRITES, INSTANT = (
    "phase",
    "clone",
    "table",
    "counts",
    "reused",
    "writes",
    "instant",
)
JOB, STATE, NOTICE, END = "job", "state", "notice", "end"


@dataclass(frozen=True)
class Change:
    """A change: its time, its text and its facts.

    `moment` is the time of the history event or of the job's document, not the time of reading.
    """

    moment: dt.datetime
    event: str
    text: str
    facts: dict[str, Any] = field(default_factory=dict)
