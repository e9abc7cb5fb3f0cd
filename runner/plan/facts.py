"""Facts that the plan shows beside its figures: clones, the tables' settings, columns that are not read."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - a dataclass's field
from dataclasses import dataclass


@dataclass(frozen=True)
class ClonePlan:
    """A clone of ours that exists; `run`, `domain` and `mode` are its maker's, empty where a tag is not there."""

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
    """The optional settings of a table; None is DynamoDB's default, or nothing."""

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
    """The columns of an extract's source that it does not read: on purpose, or because nobody listed them."""

    table: str
    extract: str
    left_out: tuple[str, ...]
    new: tuple[str, ...]
    source: str
