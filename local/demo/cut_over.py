"""`make demo CUTOVER=1`: from the first official run to the switched application, while the sources are written to."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local.data.schema import MAIN_DATABASE, PARTITION_DATABASE
from local.data.writer import Writer
from local.demo import figures
from local.demo.checker import Checked, check
from local.stack import STACK
from runner.cut_over_checks import refuse_runs, refuse_unproven, table_states
from runner.cutting_over import mark_live, settle_tables, wait_out_exports
from runner.environments import load_environment
from runner.following import follow
from runner.functions import Functions
from runner.job_documents import JobDocuments
from runner.proven import read_proven
from runner.starting import OFFICIAL, Request, start
from runner.views import view_for

if TYPE_CHECKING:
    from rich.console import Console

    from local.stack import LocalStack
    from runner.environments import Environment
    from runner.progress import Progress

_CATCH_UPS_UNDER_LOAD = 2
_OLDEST_PROOF = dt.timedelta(hours=1)
# In percent: the writer changes more of small tables than an application does of large ones.
_BOUNDS = {"max_delete_percent": 100.0, "max_change_percent": 1000.0}


@dataclass(frozen=True)
class Round:
    """Runs of all domains that were started together: what became of them."""

    name: str
    ended: list[Progress]
    verdicts: dict[str, str]
    changes: dict[str, dict[str, int]]  # by table, of a catch-up
    seconds: float

    @property
    def matched(self) -> bool:
        """Say whether every domain's verdict is MATCH."""
        return all(one.status == "SUCCEEDED" and self.verdicts[one.domain] == "MATCH" for one in self.ended)


@dataclass(frozen=True)
class Switch:
    """What the whole way came to."""

    rounds: list[Round]
    rows_written: dict[str, int]  # by the writer, per kind of change
    still: dict[str, float]  # seconds that writes stood still, by phase of the last catch-up and of the cut-over
    live: dict[str, str]  # by domain: since when
    checked: list[Checked]

    @property
    def succeeded(self) -> bool:
        """Say whether every round matched, every domain is live, and every table equals its live sources."""
        matched = bool(self.rounds) and all(each.matched for each in self.rounds)
        return matched and bool(self.live) and bool(self.checked) and all(each.is_equal for each in self.checked)


class CutOverDemo:
    """The way of both domains to DynamoDB, on the embedded AWS."""

    def __init__(self, stack: LocalStack, console: Console) -> None:
        self._stack = stack
        self._console = console
        self._environment: Environment = load_environment(STACK)
        self._domains = sorted(stack.catalog.domains)

    def run(self) -> Switch:
        """Bootstrap and catch up under load, stop the writer, catch up once more, cut over, and check every item."""
        rounds: list[Round] = []
        with Writer(self._stack.fleet, self._stack.partitions, self._stack.main) as writer:
            rounds.append(self._round("official bootstrap", [Request(name, mode=OFFICIAL) for name in self._domains]))
            for number in range(_CATCH_UPS_UNDER_LOAD):
                if rounds[-1].matched:
                    rounds.append(self._round(f"catch-up {number + 1}, under load", self._catch_ups()))
        written = dict(writer.kinds)
        if not rounds[-1].matched:
            return Switch(rounds, written, {}, {}, [])
        stopped = time.monotonic()
        self._console.print(f"The writer stops after {writer.changes:,} changed rows. From here on writes stand still.")
        rounds.append(self._round("last catch-up", self._catch_ups()))
        if not rounds[-1].matched:
            return Switch(rounds, written, {}, {}, [])
        live = {name: self._cut_over(name) for name in self._domains}
        over = time.monotonic() - stopped
        still = {**_longest(rounds[-1].ended), "Cut-over": over - rounds[-1].seconds}
        return Switch(rounds, written, {**still, "together": over}, live, self._check())

    def _catch_ups(self) -> list[Request]:
        return [Request(name, mode=OFFICIAL, is_catch_up=True, **_BOUNDS) for name in self._domains]  # type: ignore[arg-type]  # only floats

    def _round(self, name: str, requests: list[Request]) -> Round:
        self._console.print(f"\n[bold]{name}[/]")
        began = time.monotonic()
        arns = [start(self._environment, request) for request in requests]
        with view_for(self._console) as view:
            jobs = JobDocuments(self._environment)
            ended = follow(self._environment.client("stepfunctions"), arns, view, look_at_job=jobs.look)
        seconds = time.monotonic() - began
        verdicts, changes = {}, {}
        for one in ended:
            verdict = figures.document(self._stack, f"reports/{one.domain}/{one.run}/verdict.json")
            verdicts[one.domain] = str(verdict.get("verdict", "NONE"))
            summary = figures.document(self._stack, f"changes/{one.domain}/{one.run}/{one.name}/summary.json")
            changes.update(summary.get("tables", {}))
        return Round(name, ended, verdicts, changes, seconds)

    def _cut_over(self, domain: str) -> str:
        """Do what `migrate cut-over` does once the domain's name was typed; return since when the domain is live."""
        environment, now = self._environment, dt.datetime.now(dt.UTC)
        proven = refuse_unproven(read_proven(environment, domain, OFFICIAL), domain, _OLDEST_PROOF, now)
        refuse_runs(environment, proven)
        tables = table_states(environment, proven)
        wait_out_exports(tables, self._console.print, now, self._sleep)
        instant = mark_live(Functions(environment), domain, proven.run, dt.datetime.now(dt.UTC))
        settle_tables(environment, tables, instant)
        return instant

    def _sleep(self, seconds: float) -> None:
        """Wait as long as the embedded AWS does for so many seconds of AWS."""
        time.sleep(seconds * self._stack.aws.active.time_scale)

    def _check(self) -> list[Checked]:
        fleet = self._stack.fleet
        return check(
            self._stack.client("dynamodb"),
            fleet.server(self._stack.main).dsn(MAIN_DATABASE),
            [fleet.server(name).dsn(PARTITION_DATABASE) for name in self._stack.partitions],
        )


def _longest(ended: list[Progress]) -> dict[str, float]:
    """Return the seconds of each phase, of the domain that took longest: the domains run side by side."""
    slowest = max(ended, key=lambda one: sum(one.seconds_by_phase(dt.datetime.now(dt.UTC)).values()))
    return slowest.seconds_by_phase(dt.datetime.now(dt.UTC))


def document(switch: Switch) -> dict[str, Any]:
    """Return the document of build/demo/cut-over.json."""
    return {
        "rounds": [
            {"name": each.name, "verdicts": each.verdicts, "changes": each.changes, "seconds": round(each.seconds, 1)}
            for each in switch.rounds
        ],
        "rowsWritten": switch.rows_written,
        "live": switch.live,
        "writesStoodStillSeconds": {name: round(seconds, 1) for name, seconds in switch.still.items()},
        "checked": {each.table: vars(each) for each in switch.checked},
    }
