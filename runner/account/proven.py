"""Proven states and live marks of domains, read from their objects in S3."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.account.stored_json import read_json_or_refuse

if TYPE_CHECKING:
    from runner.account.environments import Environment

MODES = ("official", "rehearsal")
PENDING, MATCH, MISMATCH = "PENDING", "MATCH", "MISMATCH"


@dataclass(frozen=True)
class ProvenTable:
    """A table as the last MATCH proved it."""

    name: str  # in the catalog
    table_name: str
    table_id: str
    table_arn: str
    items: int


@dataclass(frozen=True)
class Proven:
    """The state that the last run with the verdict MATCH proved, and the run that has begun to write since."""

    domain: str
    mode: str
    run: str
    kind: str
    proven_at: dt.datetime
    changing: str
    tables: tuple[ProvenTable, ...]

    @property
    def is_broken(self) -> bool:
        """Return whether a later verification found differences."""
        return self.changing == self.run


@dataclass(frozen=True)
class Live:
    """A domain's live mark; an interrupted cut-over leaves an unconfirmed one."""

    domain: str
    run: str
    instant: str
    by: str
    confirmed: bool
    verdict: str = "MATCH"  # of a cut-over before its verdict: PENDING, MATCH or MISMATCH


def verdict_of(live: Live, proven: Proven | None) -> str:
    """Return the verdict on a live domain's tables: PENDING, MATCH or MISMATCH."""
    is_proven = proven is not None and (proven.run, proven.changing) == (live.run, "")
    return MATCH if is_proven else live.verdict


def read_proven(environment: Environment, domain: str, mode: str) -> Proven | None:
    """Return the proven state of a domain's tables in a mode, or None.

    Raises:
        UsageError: The bucket cannot be read.
    """
    document = read_json_or_refuse(environment.client("s3"), environment.data_bucket, f"proven/{domain}/{mode}.json")
    if document is None:
        return None
    return Proven(
        domain=document["domain"],
        mode=document["mode"],
        run=document["run"],
        kind=document["kind"],
        proven_at=dt.datetime.fromisoformat(document["provenAt"]),
        changing=document["changing"],
        tables=tuple(
            ProvenTable(name, table["tableName"], table["tableId"], table["tableArn"], table["items"])
            for name, table in sorted(document["tables"].items())
        ),
    )


def read_live(environment: Environment, domain: str) -> Live | None:
    """Return a domain's live mark, or None.

    Raises:
        UsageError: The bucket cannot be read.
    """
    document = read_json_or_refuse(environment.client("s3"), environment.data_bucket, f"live/{domain}.json")
    if document is None:
        return None
    names = ("domain", "run", "instant", "by", "confirmed")
    return Live(**{name: document[name] for name in names}, verdict=document.get("verdict", "MATCH"))
