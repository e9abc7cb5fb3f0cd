"""What a person or a program learns of an execution while it is followed: one change, with its own time."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - a dataclass's field
from dataclasses import dataclass, field
from typing import Any

# What a change is about. docs/progress.md describes the facts of each.
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
    """What became known, when it happened, in words and as facts.

    `moment` is the time of the event in the execution's history or of the job's document, not that of the look.
    """

    moment: dt.datetime
    event: str
    text: str
    facts: dict[str, Any] = field(default_factory=dict)
