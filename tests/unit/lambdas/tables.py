"""A table in memory that evaluates the writer's expressions, and a bucket in memory for its changes."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from table_writer.changes import Change, Part, read
from table_writer.items import Item, canonical, to_json
from table_writer.orders import Order
from table_writer.preconditions import Facts
from table_writer.service import TableWriter
from table_writer.settling import Answer, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from table_writer.conditions import Expression
    from table_writer.store import Conflict

T = TypeVar("T")
KEY = ("id",)
NOW = 1_800_000_000.0
ORDER = Order(
    domain="rates",
    run="r2",
    attempt="a1",
    execution="arn:aws:states:eu-west-1:971779422973:execution:migration-test-rates-catch-up:e1",
    table="BaseRate",
    table_name="BaseRate",
    table_id="table-1",
    kind="puts",
    lane=0,
    lanes=1,
    part=0,
    offset=0,
    writes_per_second=1000,
)


class CrashError(Exception):
    """The process ended."""


def item(key: str, **attributes: str | int | dict[str, Any]) -> Item:
    """Return an item: texts are S, whole numbers N, and anything else is taken as it is."""
    kinds = {str: "S", int: "N"}
    return {
        "id": {"S": key},
        **{
            name: value if isinstance(value, dict) else {kinds[type(value)]: str(value)}
            for name, value in attributes.items()
        },
    }


def put(new: Item, was: Item | None = None) -> Change:
    return Change(was, put=new)


def delete(was: Item) -> Change:
    return Change(was, delete={"id": was["id"]})


def holds(expression: Expression, stored: Item | None) -> bool:
    """Return whether a condition holds for what is there."""
    return all(_holds(term, expression, stored) for term in expression.condition.split(" AND "))


def _holds(term: str, expression: Expression, stored: Item | None) -> bool:
    function = re.fullmatch(r"(attribute_exists|attribute_not_exists)\((#\w+)\)", term)
    if function is not None:
        there = stored is not None and expression.names[function[2]] in stored
        return there == (function[1] == "attribute_exists")
    name, value = re.fullmatch(r"(#\w+)=(:\w+)", term).groups()  # type: ignore[union-attr]  # no other term is written
    held = (stored or {}).get(expression.names[name])
    return held is not None and canonical(held) == canonical(expression.values[value])


def updated(expression: Expression, stored: Item) -> Item:
    """Return what an update makes of an item."""
    made = dict(stored)
    assigned, _, removed = expression.update.partition("REMOVE ")
    for name, value in re.findall(r"(#\w+)=(:\w+)", assigned):
        made[expression.names[name]] = expression.values[value]
    for name in re.findall(r"#\w+", removed):
        made.pop(expression.names[name], None)
    return made


@dataclass
class MemoryTable:
    """A table; `before` and `after` are called around each call with its name, and may raise or write."""

    items: dict[str, Item] = field(default_factory=dict)
    before: Callable[[str], None] = lambda _: None
    after: Callable[[str], None] = lambda _: None
    calls: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, *items: Item) -> MemoryTable:
        return cls({held["id"]["S"]: held for held in items})

    def get(self, key: Item) -> Item | None:
        return self._around("get", lambda: self.items.get(key["id"]["S"]))

    def put(self, new: Item, expression: Expression) -> Answer:
        return self._write("put", new, expression, lambda _: new)

    def put_back(self, new: Item, expression: Expression) -> Answer:
        return self._write("put_back", new, expression, lambda _: new)

    def update(self, key: Item, expression: Expression) -> Answer:
        answer = self._write("update", key, expression, lambda stored: updated(expression, stored or key))
        return Answer(written=True, item=self.items[key["id"]["S"]]) if answer.written else answer

    def delete(self, key: Item, expression: Expression) -> Answer:
        return self._write("delete", key, expression, lambda _: None)

    def _write(
        self, name: str, key: Item, expression: Expression, make: Callable[[Item | None], Item | None]
    ) -> Answer:
        def write() -> Answer:
            stored = self.items.get(key["id"]["S"])
            if not holds(expression, stored):
                return Answer(written=False, item=stored)
            self.items.pop(key["id"]["S"], None)
            made = make(stored)
            if made is not None:
                self.items[key["id"]["S"]] = made
            return Answer(written=True, item=stored)

        return self._around(name, write)

    def _around(self, name: str, act: Callable[[], T]) -> T:
        self.calls.append(name)
        self.before(name)
        answer = act()
        self.after(name)
        return answer


class MemoryStore:
    """The data bucket: parts as the Delta job writes them, and the conflicts that were kept."""

    def __init__(self, *parts: Iterable[Change]) -> None:
        self.objects = [packed(part) for part in parts]
        self.kept: dict[tuple[int, int], list[Conflict]] = {}

    def parts(self, order: Order) -> list[Part]:
        return [
            Part(f"{order.kind}-{number}.jsonl.gz", len(gzip.decompress(content).splitlines()), md5(content))
            for number, content in enumerate(self.objects)
        ]

    def changes(self, order: Order, part: Part) -> list[Change]:
        return read(part, order.kind, self.objects[int(re.findall(r"\d+", part.name)[0])])

    def keep(self, _order: Order, part: int, offset: int, conflicts: list[Conflict]) -> None:
        self.kept[part, offset] = conflicts


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def packed(changes: Iterable[Change]) -> bytes:
    """Return a part of changes as the Delta job writes it."""
    lines = []
    for change in changes:
        was = None if change.was is None else to_json(change.was)
        done = {"delete": to_json(change.delete)} if change.put is None else {"put": to_json(change.put)}  # type: ignore[arg-type]  # one of both
        lines.append(json.dumps({**done, "was": was}))
    return gzip.compress("".join(f"{line}\n" for line in lines).encode(), mtime=0)


@dataclass
class Proven:
    """A table and an execution that are what they should be."""

    facts: Facts
    asked: int = 0

    def require(self, _order: Order) -> Facts:
        self.asked += 1
        return self.facts


def writer(
    table: Table, store: MemoryStore, *, has_time: Callable[[], bool] = lambda: True, threads: int = 1, ttl: str = ""
) -> TableWriter:
    return TableWriter(
        store=store,
        preconditions=Proven(Facts(KEY, ttl)),
        table=table,
        now=lambda: NOW,
        has_time=has_time,
        threads=threads,
    )


def following(order: Order, answer: dict[str, Any]) -> Order:
    """Return the order of the next call."""
    return replace(order, part=answer["part"], offset=answer["offset"])
