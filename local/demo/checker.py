"""The independent check: compare every table with its live sources, key by key and attribute by attribute.

It imports nothing of catalog, spark, lambdas, statemachine or runner; a test enforces that.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from local.demo.expected import TABLES, Attribute, Item

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from local.demo.live_sources import LiveSources

_SHOWN = 5


@dataclass(frozen=True)
class Rule:
    """A table, its key attributes, and the attribute with an item's expiry time, empty if items do not expire."""

    table: str
    key: tuple[str, ...]
    ttl: str = ""


@dataclass(frozen=True)
class TableCheck:
    """The result of one table's comparison; `differences` are the first few, as sentences."""

    table: str
    compared: int  # items that the sources require
    missing: int
    extra: int
    changed: int
    expired: int  # absent, and past their time to live
    differences: tuple[str, ...]

    @property
    def is_equal(self) -> bool:
        """Return whether the table holds exactly the items that the sources require."""
        return self.missing == self.extra == self.changed == 0


def check(
    dynamodb: Any,  # noqa: ANN401 - a boto3 client
    sources: LiveSources,
    tables: Collection[str] = TABLES,
) -> list[TableCheck]:
    """Return how tables differ from their live sources, to which nobody writes meanwhile."""
    with sources:
        return [
            compare(Rule(name, key, ttl), list(items(sources)), list(scan(dynamodb, name)), time.time())
            for name, (items, key, ttl) in TABLES.items()
            if name in tables
        ]


def compare(rule: Rule, expected: Sequence[Item], actual: Sequence[Item], now: float) -> TableCheck:
    """Return how the items of a table differ from the expected ones; `now` is in seconds of the epoch."""
    wanted, there = ({tuple(item[name] for name in rule.key): item for item in items} for items in (expected, actual))
    gone = wanted.keys() - there.keys()
    expired = {key for key in gone if rule.ttl in wanted[key] and wanted[key][rule.ttl][1] <= now}
    twice = len(expected) - len(wanted)
    missing, extra = gone - expired, there.keys() - wanted.keys()
    changed = {key for key in wanted.keys() & there.keys() if wanted[key] != there[key]}
    sentences = [
        *(f"{_name(key)} is missing" for key in sorted(missing, key=str)),
        *(f"{_name(key)} is in no source" for key in sorted(extra, key=str)),
        *(f"{_name(key)}: {_difference(wanted[key], there[key])}" for key in sorted(changed, key=str)),
        *([f"{twice} keys occur twice in the sources"] if twice else []),
    ]
    shown = tuple(sentences[:_SHOWN])
    return TableCheck(rule.table, len(wanted), len(missing) + twice, len(extra), len(changed), len(expired), shown)


def scan(dynamodb: Any, table: str) -> Iterator[Item]:  # noqa: ANN401 - a boto3 client
    """Yield every item of a table, with consistent reads."""
    for page in dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        for item in page["Items"]:
            yield {name: _attribute(value) for name, value in item.items()}


def _attribute(value: dict[str, Any]) -> Attribute:
    """Return an attribute in canonical form: a number as its value, a set without order."""
    ((kind, content),) = value.items()
    match kind:
        case "N":
            return kind, Decimal(content)
        case "SS" | "BS":
            return kind, frozenset(content)
        case "NS":
            return kind, frozenset(map(Decimal, content))
        case "L":
            return kind, tuple(_attribute(each) for each in content)
        case "M":
            return kind, {name: _attribute(each) for name, each in content.items()}
    return kind, content


def _name(key: tuple[Attribute, ...]) -> str:
    return " / ".join(str(value) for _, value in key)


def _difference(wanted: Item, there: Item) -> str:
    names = sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))
    return "; ".join(f"{name} is {there.get(name)} instead of {wanted.get(name)}" for name in names)
