"""The proven state of a domain's tables: the proof of the last MATCH, and the run that has begun to change it since.

`proven/<domain>/<mode>.json` is the base of the next catch-up. Only the holder of the domain's lock writes it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

VERSION = 1
_OF_THE_REGISTRY = ("version", "provenAt", "changing")  # the fields that no caller supplies
_TEXTS = ("domain", "mode", "run", "kind", "attempt", "specHash", "release")
_TABLE_TEXTS = ("tableName", "tableId", "tableArn", "prefix")


def proven_key(domain: str, mode: str) -> str:
    """Return the key of the proven state of a domain's tables of one mode."""
    return f"proven/{domain}/{mode}.json"


@dataclass(frozen=True)
class Proven:
    """A proven state, with or without the registry's own fields."""

    document: dict[str, Any]

    @property
    def run(self) -> str:
        """Return the run that proved the state."""
        return str(self.document["run"])

    @property
    def mode(self) -> str:
        """Return the mode of the run that proved the state."""
        return str(self.document["mode"])

    @property
    def changing(self) -> str:
        """Return the run that has begun to write to the tables since; empty if there is none."""
        return str(self.document.get("changing", ""))

    def text(self) -> str:
        """Return the document."""
        return json.dumps(self.document, sort_keys=True)

    @classmethod
    def read(cls, text: str) -> Proven:
        """Return the state of a document."""
        return cls(json.loads(text))

    def stored(self, proven_at: datetime) -> Proven:
        """Return the state as the registry stores it: proven at an instant, and changed by no run."""
        return Proven(
            {
                **self.document,
                "version": VERSION,
                "provenAt": proven_at.isoformat(timespec="seconds"),
                "changing": "",
            }
        )

    def changed_by(self, run: str) -> Proven:
        """Return the state with the mark of the run that begins to write."""
        return Proven({**self.document, "changing": run})

    def reason_against(self, run: str) -> str:
        """Return why the tables are not as the run proved them; empty if they are."""
        if self.run != run:
            return f"the last {self.mode} run that matched is {self.run}"
        if self.changing == self.run:
            return f"a verification showed that the tables are no longer as the run {self.run} proved"
        if self.changing:
            return f"the run {self.changing} has begun to write to the tables since, and has not matched"
        return ""

    def is_same_state(self, other: Proven) -> bool:
        """Return whether both prove the same state, regardless of when they were written."""
        return self._facts() == other._facts()

    def is_older_than(self, other: Proven) -> bool:
        """Return whether any cluster was cloned for this state before it was cloned for the other."""
        return any(mine < theirs for mine, theirs in self._instants(other))

    def is_newer_than(self, other: Proven) -> bool:
        """Return whether every cluster was cloned for this state after it was cloned for the other."""
        return all(mine > theirs for mine, theirs in self._instants(other))

    def _facts(self) -> dict[str, Any]:
        return {name: value for name, value in self.document.items() if name not in _OF_THE_REGISTRY}

    def _instants(self, other: Proven) -> list[tuple[datetime, datetime]]:
        mine, theirs = self.document["instants"], other.document["instants"]
        return [
            (datetime.fromisoformat(mine[cluster]), datetime.fromisoformat(theirs[cluster]))
            for cluster in sorted(mine.keys() & theirs.keys())
        ]


def is_instant(value: object) -> bool:
    """Return whether a value is the text of an instant with its time zone."""
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def problem_of(document: object) -> str:
    """Return the problem of a caller's proven state, with the field's name; empty if there is none."""
    if not isinstance(document, dict):
        return "proven: is not an object"
    for field in _TEXTS:
        if not _is_text(document.get(field)):
            return f"proven.{field}: is missing or not a text"
    if extra := sorted(document.keys() & set(_OF_THE_REGISTRY)):
        return f"proven.{extra[0]}: is written only by the registry"
    return _instants_problem(document.get("instants")) or _tables_problem(document.get("tables"))


def _instants_problem(instants: object) -> str:
    if not isinstance(instants, dict) or not instants:
        return "proven.instants: is missing or names no cluster"
    wrong = (
        f"proven.instants.{cluster}: {instant!r} is not an instant with a time zone"
        for cluster, instant in instants.items()
        if not is_instant(instant)
    )
    return next(wrong, "")


def _tables_problem(tables: object) -> str:
    if not isinstance(tables, dict) or not tables:
        return "proven.tables: is missing or names no table"
    for name, table in tables.items():
        facts = table if isinstance(table, dict) else {}
        for field in _TABLE_TEXTS:
            if not _is_text(facts.get(field)):
                return f"proven.tables.{name}.{field}: is missing or not a text"
        if not isinstance(facts.get("listing"), str):  # empty of a table without items
            return f"proven.tables.{name}.listing: is missing or not a text"
        items = facts.get("items")
        if not isinstance(items, int) or isinstance(items, bool) or items < 0:
            return f"proven.tables.{name}.items: {items!r} is not a number of items"
    return ""


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)
