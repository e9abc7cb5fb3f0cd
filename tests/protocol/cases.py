"""The explored cases: their executions, and the events that may happen to them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from run_registry.callers import OPERATOR
from run_registry.documents import CATCH_UP, FAILED, OFFICIAL, RUNNING, SEAL_KEY, Seal, Status, status_key
from run_registry.proven import proven_key

from tests.protocol.world import CLONED, FIRST_RUN, NOON, Run, World, proven_state

_DOMAINS = {"a": "availability"}  # every other is of rates


@dataclass(frozen=True)
class Case:
    """Executions of two domains, r and a, with the numbers of stops, lost answers, redrives and stale reads.

    2 resumes 1, and 3 starts beside it. Of rates, r and z bootstrap, c and d catch up, and p repairs what c left; z
    takes over the verdict of long ago.

    `operator:r` and `operator:a` are people who release a domain; `operator:stop-r` marks a stopped run of one, and
    `operator:cut-r` cuts it over; `operator:ver-r` does so as c applied its changes, before its verdict.
    """

    executions: tuple[str, ...]
    crashes: int = 0
    losses: int = 0
    redrives: int = 0
    stale: int = 0
    dead_seal: bool = False  # left behind by an execution that nobody knows any more

    begun: str = ""  # the execution that is past its clone check already
    failed: str = ""  # the domain whose lock a run left behind that nobody knows any more
    unfinished: bool = False  # whether c left its lock behind, and the tables between two instants
    applied: bool = False  # whether c left its lock behind, and had applied all its changes

    def world(self) -> World:
        runs = tuple((name, Run(_DOMAINS.get(name.removeprefix(OPERATOR)[0], "rates"))) for name in self.executions)
        world = World(runs, crashes=self.crashes, losses=self.losses, redrives=self.redrives, stale=self.stale)
        if any(
            name[0] in "cdpz" or name.startswith((f"{OPERATOR}cut-", f"{OPERATOR}ver-")) for name in self.executions
        ):
            verifies = any(name.startswith(f"{OPERATOR}ver-") for name in self.executions)
            world = replace(world, verifies=verifies)
            key, proven = proven_key("rates", OFFICIAL), proven_state(FIRST_RUN, 1).stored(NOON)
            world, _ = replace(world, changes=True).put(key, proven.text())
            if self.applied:
                world = replace(world, tables="?run-c", noted=True)
                lock = replace(
                    _left_behind("rates", "run-c"), state=RUNNING, mode=OFFICIAL, kind=CATCH_UP, changing=True
                )
                world, _ = world.put(key, proven.changed_by("run-c").text())
                world, _ = world.put(status_key("rates"), replace(lock, applied=NOON.isoformat()).text())
            if self.unfinished:
                world, _ = replace(world, tables="?run-c").put(key, proven.changed_by("run-c").text())
                lock = replace(_left_behind("rates", "run-c"), mode=OFFICIAL, kind=CATCH_UP, changing=True)
                world, _ = world.put(status_key("rates"), lock.text())
        if self.dead_seal:
            world, _ = world.put(SEAL_KEY, Seal("rates", "run-rates", "gone", "2025-01-01T00:00:00+00:00").text())
        if self.begun:
            domain = _DOMAINS.get(self.begun[0], "rates")
            lock = Status(domain, f"run-{domain}", self.begun, "2025-01-01T00:00:00+00:00").text()
            world, _ = world.with_run(self.begun, stage=CLONED).put(status_key(domain), lock)
        if self.failed:
            world, _ = world.put(status_key(self.failed), _left_behind(self.failed, "run-old").text())
        return world

    def __str__(self) -> str:
        events = {
            "stops": self.crashes,
            "lost answers": self.losses,
            "redrives": self.redrives,
            "stale looks": self.stale,
        }
        counted = ", ".join(f"{count} {name}" for name, count in events.items() if count)
        before = " after a dead seal" * self.dead_seal + f" after a failed run of {self.failed}" * bool(self.failed)
        before += " after an unfinished catch-up" * self.unfinished + " after an applied catch-up" * self.applied
        return f"{'+'.join(self.executions)}{before} with {counted or 'nothing unusual'}"


def _left_behind(domain: str, run: str) -> Status:
    return Status(domain, run, "gone", "2025-01-01T00:00:00+00:00", state=FAILED)


QUICK = (
    Case(("r1", "a1")),
    Case(("r1", "a1"), crashes=1),
    Case(("r1", "a1"), losses=1),
    Case(("r1", "r2"), crashes=2, losses=1, redrives=1),
    Case(("r1", "a1"), crashes=1, redrives=1),
    Case(("r1", "a1"), crashes=2),
    Case(("r1", "a1"), dead_seal=True),
    Case(("operator:r", "a1"), failed="rates"),
    Case(("operator:r", "r1"), failed="rates"),
    Case(("operator:r", "a1"), crashes=1, failed="rates"),
    Case(("r1", "r3"), stale=1),
    Case(("r1", "a1"), stale=1),
    Case(("r1", "r2"), crashes=1, redrives=1, stale=1),
    Case(("operator:stop-r", "r1"), crashes=1),
    Case(("operator:stop-r", "r1", "r2"), crashes=1),
)
CHANGES = (
    Case(("c1", "d1"), crashes=1),
    Case(("c1", "c2"), crashes=1, losses=1),
    Case(("c1", "p1"), crashes=1),
    Case(("c3", "r1"), crashes=1, unfinished=True),
    Case(("p3", "d1"), crashes=1, unfinished=True),
    Case(("operator:r", "d1"), crashes=1, unfinished=True),
    Case(("operator:r", "c3"), crashes=1, unfinished=True),
    Case(("operator:r", "z1"), crashes=1, unfinished=True),
    Case(("operator:stop-r", "c3"), crashes=1, unfinished=True),
    Case(("c1", "operator:cut-r"), crashes=1),
    Case(("r1", "operator:cut-r"), losses=1),
    Case(("r1", "operator:cut-r"), stale=1),
    Case(("r1", "operator:cut-r", "operator:cut-r3")),
)
VERIFIED = (
    Case(("c1", "operator:ver-r")),
    Case(("c1", "operator:ver-r"), losses=1),
    Case(("c3", "operator:ver-r"), applied=True),
    Case(("p3", "operator:ver-r"), applied=True),
    Case(("d1", "operator:ver-r"), applied=True),
)
THOROUGH = (
    *QUICK,
    *CHANGES,
    *VERIFIED,
    Case(("c1", "d1"), losses=1),
    Case(("c1", "d1"), stale=1),
    Case(("c1", "operator:r", "d1"), crashes=1),
    Case(("c3", "d1", "operator:r"), crashes=1, unfinished=True),
    Case(("c1", "operator:cut-r", "operator:cut-r3")),
    Case(("c1", "operator:cut-r"), crashes=1, losses=1),
    Case(("c1", "operator:ver-r"), crashes=1),
    Case(("c1", "operator:ver-r", "operator:ver-r3")),
    Case(("c3", "operator:ver-r"), crashes=1, applied=True),
    Case(("p3", "operator:ver-r"), crashes=1, applied=True),
    Case(("c3", "p3", "operator:ver-r"), applied=True),
    Case(("r1", "a1"), crashes=1, losses=1),
    Case(("r1", "a1"), crashes=2, redrives=1),
    Case(("r1", "a1", "r2"), crashes=1),
    Case(("operator:r", "a1"), crashes=1, losses=1, failed="rates"),
    Case(("operator:r", "operator:a"), crashes=1, failed="rates"),
    Case(("operator:r", "r1"), crashes=1, failed="rates"),
    Case(("r1", "r3"), stale=4),
    Case(("r1", "r3"), crashes=1, stale=1),
    Case(("r1", "a1"), stale=2),
    Case(("r1", "a1"), crashes=1, stale=1),
    Case(("r1", "a1"), crashes=1, redrives=1, stale=1),
    Case(("operator:r", "r1"), stale=2, failed="rates"),
    Case(("operator:stop-r", "r1", "a1"), crashes=1),
    Case(("operator:stop-r", "r1", "r2"), crashes=1, losses=1, stale=1),
)
