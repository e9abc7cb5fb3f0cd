"""The plan of a run, as data."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from runner.account.spark_workers import Workers
    from runner.plan.facts import ClonePlan, TableSettings, Unread

VERSION = 1
NOT_KNOWN = "not known"
# The run would fail; it may fail; the check could not run.
Level = Literal["fails", "warns", "unchecked"]


@dataclass(frozen=True)
class Finding:
    """A finding: its subject, the problem and the remedy."""

    level: Level
    about: str
    what: str
    todo: str


@dataclass(frozen=True)
class Read:
    """The rows and bytes of one extract in one cluster; None means unknown."""

    table: str
    extract: str
    cluster: str
    rows: int | None
    bytes: int | None
    source: str


@dataclass(frozen=True)
class Volume:
    """A source cluster's volume, whose size bounds the bytes to read."""

    cluster: str
    clone: str
    bytes: int | None
    source: str


@dataclass(frozen=True)
class TablePlan:
    """The plan of one table; sizes in bytes, None means unknown."""

    table: str
    name: str
    items: int | None
    import_bytes: int | None
    stored_bytes: int | None
    objects: int | None
    source: str


@dataclass(frozen=True)
class Totals:
    """The sums over all tables; `at_most` marks bounds from the volumes."""

    rows: int | None
    source_bytes: int | None
    import_bytes: int | None
    stored_bytes: int | None
    objects: int | None
    at_most: bool


@dataclass(frozen=True)
class Quota:
    """An AWS limit: current use, the run's addition (exact or `at_most`), and the source of the limit."""

    name: str
    used: int | None
    needed: int | None
    limit: int
    source: str
    at_most: bool = False

    @property
    def passed(self) -> bool:
        """Return whether the run would exceed the limit."""
        return self.used is not None and self.needed is not None and self.used + self.needed > self.limit


@dataclass(frozen=True)
class JobPlan:
    """The needs of a Spark job; None means unknown, because the number of executors is unknown.

    The worst shuffle, disk and memory are of a run with duplicate keys, or with a difference in every bucket.
    """

    job: str
    splits: int
    tasks: int
    shuffle_bytes: int
    most_shuffle_bytes: int
    workers: Workers
    disk_gb: float | None  # of one executor, at worst
    heap_gb: float  # of one executor
    driver_heap_gb: float
    seconds: float | None
    least_seconds: float | None  # without a safety margin
    vcpu_seconds: float


@dataclass(frozen=True)
class PhasePlan:
    """The expected time of a phase; None means unknown."""

    name: str
    seconds: float | None
    source: str


@dataclass(frozen=True)
class Cost:
    """A line of the cost estimate in US dollars; None means unknown."""

    name: str
    quantity: float | None
    unit: str
    usd: float | None
    confirmed: bool


@dataclass(frozen=True)
class Plan:
    """The plan of a run."""

    environment: str
    account: str
    region: str
    domain: str
    mode: str
    parallelism: int
    run: str | None
    moment: dt.datetime
    all_findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    volumes: tuple[Volume, ...] = ()
    clones: tuple[ClonePlan, ...] = ()
    reads: tuple[Read, ...] = ()
    tables: tuple[TablePlan, ...] = ()
    settings: tuple[TableSettings, ...] = ()
    unread: tuple[Unread, ...] = ()
    totals: Totals | None = None
    jobs: tuple[JobPlan, ...] = ()
    quotas: tuple[Quota, ...] = ()
    phases: tuple[PhasePlan, ...] = ()
    vcpu_hours: float | None = None
    history_events: int | None = None
    costs: tuple[Cost, ...] = ()
    monthly: tuple[Cost, ...] = ()
    not_counted: tuple[str, ...] = ()
    prices_date: dt.date | None = None
    sources: dict[str, str] = field(default_factory=dict)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return the findings that would make the run fail."""
        return self._of("fails")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """Return the warnings."""
        return self._of("warns")

    @property
    def unchecked(self) -> tuple[Finding, ...]:
        """Return the checks that could not run, with the reasons."""
        return self._of("unchecked")

    @property
    def would_go(self) -> bool:
        """Return whether no finding would make the run fail."""
        return not self.findings

    @property
    def seconds(self) -> float | None:
        """Return the expected time of the run, or None if a phase is unknown."""
        return _sum([phase.seconds for phase in self.phases])

    @property
    def usd(self) -> float | None:
        """Return the sum of the known cost lines."""
        known = [line.usd for line in self.costs if line.usd is not None]
        return sum(known) if known else None

    @property
    def complete(self) -> bool:
        """Return whether every cost line is known."""
        return all(line.usd is not None for line in self.costs)

    def document(self) -> dict[str, Any]:
        """Return the plan's JSON document; docs/plan.md describes it."""
        facts = asdict(self)
        findings = facts.pop("all_findings")
        facts["quotas"] = [{**asdict(quota), "passed": quota.passed} for quota in self.quotas]
        facts["prices_date"] = self.prices_date.isoformat() if self.prices_date else None
        facts["moment"] = self.moment.isoformat(timespec="seconds")
        return {
            "version": VERSION,
            "wouldGo": self.would_go,
            **{_camel(name): _keys(value) for name, value in facts.items() if name != "sources"},
            "sources": self.sources,
            "seconds": self.seconds,
            "usd": self.usd,
            "usdComplete": self.complete,
            "findings": list(findings),
        }

    def _of(self, level: Level) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.all_findings if finding.level == level)


def _sum(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known and len(known) == len(values) else None


def _keys(value: object) -> object:
    if isinstance(value, dt.datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, dict):
        return {_camel(key): _keys(item) for key, item in value.items()}
    return [_keys(item) for item in value] if isinstance(value, list | tuple) else value


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
