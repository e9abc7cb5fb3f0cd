"""Facts that the plan shows beside its figures: clones, table settings and unread columns."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - a dataclass's field
from dataclasses import dataclass


@dataclass(frozen=True)
class ClonePlan:
    """An existing clone of the stack; `run`, `domain` and `mode` are its creator's, empty without the tag."""

    cluster: str
    status: str
    created: dt.datetime | None
    run: str
    domain: str
    mode: str


@dataclass(frozen=True)
class Capacity:
    """Read and write units per second."""

    read: int
    write: int


@dataclass(frozen=True)
class TableSettings:
    """The optional settings of a table; None means DynamoDB's default."""

    table: str
    name: str
    billing_mode: str
    capacity: Capacity | None
    on_demand_maximum: Capacity | None
    warm_throughput: Capacity | None
    table_class: str
    kms_key: str | None
    stream: str | None
    deletion_protection: bool


@dataclass(frozen=True)
class Unread:
    """The columns of a source that the extract does not read: left out on purpose, or in no list."""

    table: str
    extract: str
    left_out: tuple[str, ...]
    new: tuple[str, ...]
    source: str
