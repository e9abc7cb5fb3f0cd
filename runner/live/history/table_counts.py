"""Item counts of an execution's tables, from its states or from an earlier attempt."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.account.json_texts import json_list, json_number, json_object
from runner.labels import COUNTS as WORDS
from runner.labels import compared_keys
from runner.live.history.changes import COUNTS, Change

if TYPE_CHECKING:
    import datetime as dt

_ADOPTED = ("FindSummary", "FindVerdict")  # an earlier attempt's counts apply once the execution adopts its items
_OF_ITEMS = ("imported", "exported")


@dataclass
class TableCounts:
    """Counts by table; their names are the keys of `labels.COUNTS`."""

    by_table: dict[str, dict[str, int]] = field(default_factory=dict)
    _documents: dict[str, dict[str, Any]] = field(default_factory=dict)

    def apply_item(self, table: str | None, left: dict[str, Any], moment: dt.datetime) -> list[Change]:
        """Process the assignments or the output of a state in a table's Map item."""
        if left["name"] in ("TableMigrated", "TableVerified"):
            return self._read_outcomes([json_object(left.get("output"))], moment)
        assigned = left.get("assignedVariables") or {}
        known = {name: json_number(assigned[name]) for name in _OF_ITEMS if name in assigned}
        return self._take(table, {name: count for name, count in known.items() if count}, moment) if table else []

    def apply(self, left: dict[str, Any], moment: dt.datetime) -> list[Change]:
        """Process the assignments of a state of the execution itself."""
        assigned = left.get("assignedVariables") or {}
        for name in ("summary", "verdict"):
            if name in assigned:
                self._documents[name] = json_object(assigned[name]).get("tables", {})
                if left["name"] not in _ADOPTED:
                    return self._read_document(name, moment)
        return self._read_outcomes(json_list(assigned.get("migrated")), moment)

    def adopt(self, state: str, moment: dt.datetime) -> list[Change]:
        """Apply an earlier attempt's counts when the execution enters the adopting state."""
        if state == "AdoptSummary":
            return self._read_document("summary", moment)
        return self._read_document("verdict", moment) if state == "DeleteStatus" else []

    def _read_document(self, name: str, moment: dt.datetime) -> list[Change]:
        changes = []
        for table, counts in self._documents.get(name, {}).items():
            if name == "summary":
                known = {key: counts[key] for key in ("rowsRead", "items") if isinstance(counts.get(key), int)}
            else:
                compared = compared_keys(counts)
                compared = counts.get("compared") if compared is None else compared
                known = {"compared": compared} if isinstance(compared, int) else {}
            changes += self._take(table, known, moment)
        return changes

    def _read_outcomes(self, outcomes: list[dict[str, Any]], moment: dt.datetime) -> list[Change]:
        changes = []
        for outcome in outcomes:
            if "name" in outcome:  # a history may lack its data
                counts = {key: outcome[key] for key in _OF_ITEMS if key in outcome}  # a catch-up imports nothing
                changes += self._take(outcome["name"], counts, moment)
        return changes

    def _take(self, table: str, counts: dict[str, int], moment: dt.datetime) -> list[Change]:
        known = self.by_table.setdefault(table, {})
        news = {name: count for name, count in counts.items() if known.get(name) != count}
        known.update(news)
        if not known:
            del self.by_table[table]
        if not news:
            return []
        text = f"{table}: " + ", ".join(f"{count:,} {WORDS[name]}" for name, count in news.items())
        return [Change(moment, COUNTS, text, {"table": table, "counts": news})]
