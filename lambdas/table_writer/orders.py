"""Orders: the changes that a call must write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from table_writer.errors import InvalidEventError

KINDS = ("puts", "deletes")


@dataclass(frozen=True, kw_only=True)
class Order:
    """A lane of a table's changes: the parts whose index modulo `lanes` is `lane`.

    The call starts at `part` and `offset`; every change before them is settled.
    """

    domain: str
    run: str
    attempt: str  # the folder of the changes
    execution: str
    table: str  # as the catalog names it
    table_name: str
    table_id: str
    kind: str  # puts or deletes
    lane: int
    lanes: int
    part: int
    offset: int
    writes_per_second: float  # of this lane
    version: tuple[str, ...] = ()  # attributes that change with each write of the application

    @property
    def folder(self) -> str:
        """Return the table's folder below changes/ and conflicts/."""
        return f"{self.domain}/{self.run}/{self.attempt}/{self.table}/"

    @classmethod
    def read(cls, event: dict[str, Any]) -> Order:
        """Return the order of an event.

        Raises:
            InvalidEventError: A field is missing or wrong.
        """
        made = cls(
            domain=_text(event, "domain"),
            run=_text(event, "run"),
            attempt=_text(event, "attempt"),
            execution=_text(event, "execution"),
            table=_text(event, "table"),
            table_name=_text(event, "tableName"),
            table_id=_text(event, "tableId"),
            kind=_text(event, "kind"),
            lane=_count(event, "lane"),
            lanes=_count(event, "lanes"),
            part=_count(event, "part"),
            offset=_count(event, "offset"),
            writes_per_second=_rate(event),
            version=_names(event),
        )
        if made.kind not in KINDS:
            raise InvalidEventError(f"kind: {made.kind!r} is not {' or '.join(KINDS)}")
        if made.lane >= made.lanes:
            raise InvalidEventError(f"lane: {made.lane} is not below lanes, which is {made.lanes}")
        for name, value in (("domain", made.domain), ("run", made.run), ("attempt", made.attempt)):
            if "/" in value:
                raise InvalidEventError(f"{name}: {value!r} contains a slash, but must name a single folder")
        return made


def _text(event: dict[str, Any], field: str) -> str:
    value = event.get(field)
    if not isinstance(value, str) or not value:
        raise InvalidEventError(f"{field}: is missing or not a text")
    return value


def _count(event: dict[str, Any], field: str) -> int:
    value = event.get(field)
    # JSONata makes no difference between 2 and 2.0.
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0 or value != int(value):
        raise InvalidEventError(f"{field}: {value!r} is not a whole number of 0 or more")
    return int(value)


def _rate(event: dict[str, Any]) -> float:
    value = event.get("writesPerSecond")
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise InvalidEventError(f"writesPerSecond: {value!r} is not a number above 0")
    return float(value)


def _names(event: dict[str, Any]) -> tuple[str, ...]:
    value = event.get("version", [])
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise InvalidEventError(f"version: {value!r} is not a list of attributes")
    return tuple(value)
