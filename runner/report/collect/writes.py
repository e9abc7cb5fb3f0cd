"""The work of the table writer, from the histories of the Apply phase's items."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from runner.account.json_texts import json_object
from runner.live.history.items import map_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.live.history.items import Event

# The outcomes of a change: written, already done by an earlier call, expired, or in conflict.
OUTCOMES = ("applied", "already", "expired", "conflicts")
_MAPS = {"ApplyPuts": "TakePuts", "ApplyDeletes": "TakeDeletes"}  # a Map, and the state that learns its table


def read_writes(items: Sequence[tuple[str, Sequence[Event]]]) -> dict[str, dict[str, int]]:
    """Return the outcomes of each table's changes by its name in the catalog; `items` are ARNs and histories."""
    tables: dict[str, Counter[str]] = {}
    for arn, events in items:
        label = map_of(arn)
        if label not in _MAPS:
            continue
        table, counts = "", {}
        for event in events:
            entered = event.get("stateEnteredEventDetails")
            if entered and entered["name"] == _MAPS[label]:
                table = str(json_object(entered.get("input")).get("table", ""))
            assigned = (event.get("stateExitedEventDetails") or {}).get("assignedVariables") or {}
            if "written" in assigned:
                counts = json_object(assigned["written"])
        if table:
            tables.setdefault(table, Counter()).update({name: int(counts.get(name) or 0) for name in OUTCOMES})
    return {table: {name: counts[name] for name in OUTCOMES} for table, counts in tables.items()}
