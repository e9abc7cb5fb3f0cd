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
# A run would fail; it may; it could not be found out.
Level = Literal["fails", "warns", "unchecked"]


@dataclass(frozen=True)
class Finding:
    """What is wrong, with what, and what to do."""

    level: Level
    about: str
    what: str
    todo: str


@dataclass(frozen=True)
class Read:
    """What is read of one extract from one cluster; None is not known."""

    table: str
    extract: str
    cluster: str
    rows: int | None
    bytes: int | None
    source: str


@dataclass(frozen=True)
class Volume:
    """A source cluster: the size of its volume bounds what can be read of it."""

    cluster: str
    clone: str
    bytes: int | None
    source: str


@dataclass(frozen=True)
class TablePlan:
    """What becomes of one table; sizes in bytes, None is not known."""

    table: str
    name: str
    items: int | None
    import_bytes: int | None
    stored_bytes: int | None
    objects: int | None
    source: str


@dataclass(frozen=True)
class Totals:
    """The sums over all tables; `at_most` says that they are bounds, made of the volumes."""

    rows: int | None
    source_bytes: int | None
    import_bytes: int | None
    stored_bytes: int | None
    objects: int | None
    at_most: bool


@dataclass(frozen=True)
class Quota:
    """One limit of AWS: what is used now, what the run adds (or `at_most` adds), and where the limit was read."""

    name: str
    used: int | None
    needed: int | None
    limit: int
    source: str
    at_most: bool = False

    @property
    def passed(self) -> bool:
        """Say whether the run would pass the limit."""
        return self.used is not None and self.needed is not None and self.used + self.needed > self.limit


@dataclass(frozen=True)
class JobPlan:
    """What a Spark job needs; None is not known, since nobody knows how many executors it gets.

    Shuffle, disk and memory at worst are those of a run that finds keys twice, or a difference in every bucket.
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
    least_seconds: float | None  # without any caution
    vcpu_seconds: float


@dataclass(frozen=True)
class PhasePlan:
    """How long a phase is expected to take; None is not known."""

    name: str
    seconds: float | None
    source: str


@dataclass(frozen=True)
class Cost:
    """One line of the bill in US dollars; None is not known."""

    name: str
    quantity: float | None
    unit: str
    usd: float | None
    confirmed: bool


@dataclass(frozen=True)
class Plan:
    """All that is known of a run before it is started."""

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
        """Return what would make the run fail; none means that it would go."""
        return self._of("fails")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """Return what may be wrong."""
        return self._of("warns")

    @property
    def unchecked(self) -> tuple[Finding, ...]:
        """Return what could not be found out, and why."""
        return self._of("unchecked")

    @property
    def would_go(self) -> bool:
        """Say whether nothing was found that would make the run fail."""
        return not self.findings

    @property
    def seconds(self) -> float | None:
        """Return how long the run is expected to take, if every phase is known."""
        return _sum([phase.seconds for phase in self.phases])

    @property
    def usd(self) -> float | None:
        """Return what the known lines of the bill make together."""
        known = [line.usd for line in self.costs if line.usd is not None]
        return sum(known) if known else None

    @property
    def complete(self) -> bool:
        """Say whether every line of the bill is known."""
        return all(line.usd is not None for line in self.costs)

    def document(self) -> dict[str, Any]:
        """Return the plan as JSON holds it; docs/plan.md describes it."""
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
