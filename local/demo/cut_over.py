"""`make demo CUTOVER=1`: from the first official run to the cut-over, while a writer changes the sources."""

from __future__ import annotations

import datetime as dt
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from catalog.loader import CATALOG_DIRECTORY
from local import embedded_run
from local.aurora.fleet import MYSQL
from local.data.mysql_writer import MySqlWriter
from local.data.schema import MAIN_DATABASE, PARTITION_DATABASE
from local.data.writer import Writer
from local.demo import run_summary
from local.demo.checker import TableCheck, check
from local.demo.live_sources import MySqlSources, PostgresSources
from local.stack import STACK
from runner.account.environments import load_environment
from runner.account.functions import Functions
from runner.account.proven import MATCH, read_live, read_proven, verdict_of
from runner.account.registry import locks
from runner.account.requests import OFFICIAL, Request
from runner.commands.cut_over.checks import table_states
from runner.commands.cut_over.last_verification import last_catch_up, wait_until_applied
from runner.commands.cut_over.marks import mark_live, settle_tables
from runner.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from local.data.writing import WritingThread
    from local.demo.live_sources import LiveSources
    from local.stack import LocalStack
    from runner.account.environments import Environment
    from runner.live.history.progress import Progress

_CATCH_UPS_UNDER_LOAD = 2
# In percent: the writer changes a larger share of these small tables than an application does of large ones.
_BOUNDS = {"max_delete_percent": 100.0, "max_change_percent": 1000.0}
_LOCK_WITHIN_SECONDS = 600
# The phases of a last catch-up until its changes are in the tables; the rest of the time is the quiet minutes.
_BEFORE_QUIET = ("Prepare", "Clone", "Locate Spark", "Bootstrap", "Delta", "Apply")


@dataclass(frozen=True)
class Round:
    """The outcome of runs of all domains that were started together."""

    name: str
    ended: list[Progress]
    verdicts: dict[str, str]
    changes: dict[str, dict[str, int]]  # by table, of a catch-up
    seconds: float

    @property
    def matched(self) -> bool:
        """Return whether every domain's verdict is MATCH."""
        return all(
            progress.status == "SUCCEEDED" and self.verdicts[progress.domain] == MATCH for progress in self.ended
        )


@dataclass(frozen=True)
class LiveDomain:
    """A live domain: the instant of its mark, and the time when its tables were tagged."""

    domain: str
    instant: str
    tagged_at: dt.datetime


@dataclass
class CutOver:
    """The outcome of all rounds; later parts are empty if a round did not match."""

    rounds: list[Round] = field(default_factory=list)
    rows_written: dict[str, int] = field(default_factory=dict)  # by the writer, per kind of change
    standstill_seconds: dict[str, float] = field(default_factory=dict)  # seconds without writes, by phase
    verdict_seconds: float = 0  # from the writer's stop to the last verdict: the least for a cut-over after it
    live: list[LiveDomain] = field(default_factory=list)
    live_verdicts: dict[str, str] = field(default_factory=dict)  # by domain, of the live mark
    checked: list[TableCheck] = field(default_factory=list)

    @property
    def matched(self) -> bool:
        """Return whether every round so far matched."""
        return all(each.matched for each in self.rounds)

    @property
    def succeeded(self) -> bool:
        """Return whether every round matched, every domain is live and proven, and every table equals its sources."""
        is_proven = bool(self.live_verdicts) and set(self.live_verdicts.values()) == {MATCH}
        return self.matched and is_proven and bool(self.checked) and all(each.is_equal for each in self.checked)


class CutOverDemo:
    """The migration of both domains to DynamoDB, up to the cut-over, on the embedded AWS."""

    def __init__(self, stack: LocalStack, console: Console, catalog: Path = CATALOG_DIRECTORY) -> None:
        self._stack = stack
        self._console = console
        self._environment: Environment = replace(load_environment(STACK), catalog=catalog)
        self._domains = stack.domains

    def run(self) -> CutOver:
        """Bootstrap and catch up under load, stop the writer, catch up again, cut over, and check every item."""
        outcome = CutOver()
        bootstraps = [Request(name, mode=OFFICIAL) for name in self._domains]
        catch_ups = [Request(name, mode=OFFICIAL, is_catch_up=True, **_BOUNDS) for name in self._domains]  # type: ignore[arg-type]  # only floats
        with writer_to(self._stack) as writer:
            outcome.rounds.append(self._round("official bootstrap", bootstraps))
            for number in range(_CATCH_UPS_UNDER_LOAD):
                if outcome.matched:
                    outcome.rounds.append(self._round(f"catch-up {number + 1}, under load", catch_ups))
        stopped = dt.datetime.now(dt.UTC)
        outcome.rows_written = dict(writer.kinds)
        if outcome.matched:
            self._console.print(
                f"\nThe writer stops after {writer.changes:,} changed rows. Nothing writes from now on."
            )
            self._cut_over(outcome, catch_ups, stopped)
        return outcome

    def _cut_over(self, outcome: CutOver, catch_ups: list[Request], stopped: dt.datetime) -> None:
        """Run the last catch-up of each domain, and cut each over as soon as its changes are applied."""
        with ThreadPoolExecutor(len(self._domains)) as pool:
            going = [pool.submit(self.go_live, name) for name in self._domains]
            outcome.rounds.append(self._round("last catch-up, cut over before its verdict", catch_ups))
            outcome.verdict_seconds = (dt.datetime.now(dt.UTC) - stopped).total_seconds()
            outcome.live = [each.result() for each in going] if outcome.matched else []
        if not outcome.live:
            return
        slowest = max(outcome.live, key=lambda each: each.tagged_at)
        (progress,) = (ended for ended in outcome.rounds[-1].ended if ended.domain == slowest.domain)
        outcome.standstill_seconds = _standstill(progress, stopped, slowest.tagged_at)
        outcome.live_verdicts = {name: self._live_verdict(name) for name in self._domains}
        outcome.checked = self._check()

    def _round(self, name: str, requests: list[Request]) -> Round:
        self._console.print(f"\n[bold]{name}[/]")
        began = time.monotonic()
        ended = embedded_run.migrate(self._environment, requests, self._console)
        seconds = time.monotonic() - began
        verdicts, changes = {}, {}
        for progress in ended:
            verdict = run_summary.document(self._stack, f"reports/{progress.domain}/{progress.run}/verdict.json")
            verdicts[progress.domain] = str(verdict.get("verdict", "NONE"))
            summary = run_summary.document(
                self._stack, f"changes/{progress.domain}/{progress.run}/{progress.name}/summary.json"
            )
            changes.update(summary.get("tables", {}))
        return Round(name, ended, verdicts, changes, seconds)

    def go_live(self, domain: str) -> LiveDomain:
        """Cut a domain over as `migrate cut-over --verify-after` does after its confirmation."""
        environment = self._environment
        self._await_lock(domain)
        lock = wait_until_applied(environment, last_catch_up(environment, domain), self._console.print, self._sleep)
        proven = read_proven(environment, domain, OFFICIAL)
        if proven is None:
            raise UsageError(f"no official run of {domain} has matched")
        tables = table_states(environment, proven, exports=False)
        now = dt.datetime.now(dt.UTC)
        instant = mark_live(Functions(environment), domain, lock.run, now, verify_after=True)
        settle_tables(environment, tables, instant)
        return LiveDomain(domain, instant, dt.datetime.now(dt.UTC))

    def _await_lock(self, domain: str) -> None:
        """Wait until the domain's run has begun, which is started at the same time."""
        limit = time.monotonic() + _LOCK_WITHIN_SECONDS
        while domain not in {lock.domain for lock in locks(self._environment)} and time.monotonic() < limit:
            time.sleep(0.1)

    def _sleep(self, seconds: float) -> None:
        """Wait for the scaled time of so many seconds of AWS."""
        time.sleep(seconds * self._stack.aws.active.time_scale)

    def _live_verdict(self, domain: str) -> str:
        live = read_live(self._environment, domain)
        return verdict_of(live, read_proven(self._environment, domain, OFFICIAL)) if live else "NOT LIVE"

    def _check(self) -> list[TableCheck]:
        return check(self._stack.client("dynamodb"), live_sources(self._stack))


def is_mysql(stack: LocalStack) -> bool:
    """Return whether the sources of a stack run MySQL."""
    return stack.clusters[0].engine == MYSQL


def writer_to(stack: LocalStack) -> WritingThread:
    """Return a writer that changes the sources of a stack."""
    writer = MySqlWriter if is_mysql(stack) else Writer
    return writer(stack.fleet, stack.partitions, stack.main)


def live_sources(stack: LocalStack) -> LiveSources:
    """Return the sources of a stack, for the checker."""
    fleet = stack.fleet
    if is_mysql(stack):
        return MySqlSources(
            fleet.mysql_server(stack.main).connection_arguments(MAIN_DATABASE),
            [fleet.mysql_server(name).connection_arguments(PARTITION_DATABASE) for name in stack.partitions],
        )
    return PostgresSources(
        fleet.server(stack.main).dsn(MAIN_DATABASE),
        [fleet.server(name).dsn(PARTITION_DATABASE) for name in stack.partitions],
    )


def _standstill(progress: Progress, stopped: dt.datetime, live: dt.datetime) -> dict[str, float]:
    """Return the seconds from the writer's stop to the end of the cut-over, by phase of the last catch-up."""
    spent = {
        phase.name: phase.seconds(live)
        for phase in progress.phases
        if phase.name in _BEFORE_QUIET and phase.seconds(live)
    }
    together = (live - stopped).total_seconds()
    return {**spent, "Quiet minutes and cut-over": together - sum(spent.values()), "together": together}


def document(outcome: CutOver) -> dict[str, Any]:
    """Return the document of build/demo/cut-over.json."""
    return {
        "rounds": [
            {"name": each.name, "verdicts": each.verdicts, "changes": each.changes, "seconds": round(each.seconds, 1)}
            for each in outcome.rounds
        ],
        "rowsWritten": outcome.rows_written,
        "live": {each.domain: each.instant for each in outcome.live},
        "liveVerdicts": outcome.live_verdicts,
        "writesStoodStillSeconds": {name: round(seconds, 1) for name, seconds in outcome.standstill_seconds.items()},
        "lastVerdictAfterSeconds": round(outcome.verdict_seconds, 1),
        "checked": {each.table: asdict(each) for each in outcome.checked},
    }
